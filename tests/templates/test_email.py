"""The mail that comes with Encore, as members get it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rendering import SAMPLES, TemplateStore, compile_template, sample_context
from campaigns.rendering.check import Page

LANGUAGES = ("en", "pt", "es")
NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=60).map(lambda text: f"Q{text}")


@pytest.fixture(scope="module")
def comeback():
    return compile_template("comeback", TemplateStore())


def test_every_pick_is_an_image_with_its_artwork_and_alt_in_row_order(comeback):
    context = sample_context()
    picks = [context["hero"], *(pick for row in context["rows"] for pick in row["picks"])]
    pictures = Page(comeback.render(context).html).pictures
    assert pictures == [(context["pixel_url"], ""), *((pick["artwork_url"], pick["artwork_alt"]) for pick in picks)]


def test_without_consent_there_is_no_pixel(comeback):
    context = sample_context() | {"pixel_url": ""}
    pictures = Page(comeback.render(context).html).pictures
    assert all(alt for _, alt in pictures)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("arm", ["title", "new_since"])
@pytest.mark.parametrize("kind", ["usual", "no name"])
def test_a_subject_is_one_thought_that_a_phone_shows_whole(comeback, language, arm, kind):
    subject = comeback.render(sample_context(kind, language), arm=arm).subject
    assert 10 < len(subject) <= 45
    assert subject[0].isupper()
    assert "The Silent Harbour" in subject
    assert "!" not in subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("arm", ["title", "new_since"])
@given(name=NAMES, title=NAMES)
@settings(max_examples=40, deadline=None)
def test_no_subject_is_longer_than_a_phone_shows_and_none_tells_half_a_name(comeback, language, arm, name, title):
    context = sample_context("usual", language)
    asked = context | {"given_name": name, "hero": context["hero"] | {"name": title}}
    subject = comeback.render(asked, arm=arm).subject
    nameless = comeback.render(context | {"given_name": "", "hero": context["hero"] | {"name": ""}}, arm=arm).subject
    assert len(subject) <= 45
    assert title in subject or (len(title) + len(nameless) > 44 and title[:12] not in subject)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "The Forgotten Lantern is waiting"),
        ("pt", "The Forgotten Lantern espera por você"),
        ("es", "The Forgotten Lantern te espera"),
    ],
)
def test_a_subject_that_is_too_long_leaves_out_the_members_name(comeback, language, subject):
    context = sample_context("usual", language)
    asked = context | {"given_name": "Ana Maximiliane", "hero": context["hero"] | {"name": "The Forgotten Lantern"}}
    assert comeback.render(asked).subject == subject


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_it_is_for_nothing_is_left_open(comeback, kind, language):
    mail = comeback.render(sample_context(kind, language))
    for part in (mail.subject, Page(mail.html).text, mail.text):
        assert not re.search(r"\{\{|\}\}|\{%|None|zq[esc]\d|\{\w+\}| ,|\.\.", part)


def test_the_preheader_goes_on_from_the_subject(comeback):
    html = comeback.render(sample_context()).html
    assert "With Kavoris, Beyond Tandor and a few more we think are yours." in html
    assert "And a few more we think are yours." in comeback.render(sample_context("no rows")).html


def test_the_text_part_says_all_that_the_mail_says(comeback):
    context = sample_context()
    text = comeback.render(context).text
    for pick in [context["hero"], *(pick for row in context["rows"] for pick in row["picks"])]:
        assert pick["url"] in text
        assert pick["name"] in text
    for row in context["rows"]:
        assert row["title"] in text
    for said in ("unsubscribe_url", "postal_address", "why"):
        assert context[said] in text
    assert context["pixel_url"] not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("kind", SAMPLES)
def test_tables_and_outlooks_conditions_are_balanced(comeback, kind):
    html = comeback.render(sample_context(kind)).html
    for tag in ("table", "tr", "td", "div", "a"):
        assert len(re.findall(rf"<{tag}[\s>]", html)) == html.count(f"</{tag}>"), tag
    assert html.count("<!--[if") == html.count("<![endif]-->")


def test_the_mail_loads_nothing_but_its_pictures(comeback):
    html = comeback.render(sample_context()).html
    assert "@import" not in html
    assert "googleapis" not in html
    assert not re.search(r"url\(", html)


def test_the_mail_is_small(comeback):
    assert len(comeback.render(sample_context("usual")).html.encode()) < 40_000
    assert len(comeback.render(sample_context("long names")).html.encode()) < 60_000


def luminance(color):
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [(ink, "#FAF8F5") for ink in ("#1F1B16", "#5C544A", "#6F665A", "#5B2A86")]
    + [(ink, "#151217") for ink in ("#F4EFF6", "#C2B8C8", "#9D92A5", "#CDA6F5")]
    + [("#FFFFFF", "#5B2A86"), ("#22093B", "#CDA6F5"), ("#F4EFF6", "#22093B")],
)
def test_every_text_stands_out_from_its_ground(comeback, ink, paper):
    html = comeback.render(sample_context()).html
    assert ink in html
    assert paper in html
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.7
