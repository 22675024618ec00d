import json
import pickle
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from campaigns.errors import BadTemplate
from campaigns.rendering import Template, TemplateStore, compile_template, sample_context
from campaigns.rendering.check import Page


@pytest.fixture(scope="module")
def comeback():
    return compile_template("comeback", TemplateStore())


def test_a_template_survives_json(comeback):
    again = Template.from_dict(json.loads(json.dumps(comeback.to_dict())))
    assert again == comeback
    assert again.render(sample_context()) == comeback.render(sample_context())


def test_a_template_survives_pickling(comeback):
    assert pickle.loads(pickle.dumps(comeback)) == comeback


def test_a_template_stored_by_another_version_is_refused(comeback):
    data = comeback.to_dict() | {"more": 1}
    with pytest.raises(BadTemplate, match=r"comeback: was stored otherwise \(more\); compile it again"):
        Template.from_dict(data)


def test_a_version_is_named_by_what_it_is_made_of(comeback):
    assert comeback.version == f"comeback@{comeback.source_hash[:12]}"


def test_each_arm_has_its_subject(comeback):
    assert comeback.arms == ("title", "new_since")
    context = sample_context()
    assert (
        comeback.render(context).subject
        == comeback.render(context, arm="title").subject
        == "Ana, The Silent Harbour is waiting"
    )
    assert comeback.render(context, arm="new_since").subject == "New for you: The Silent Harbour"


def test_an_unknown_arm_is_refused_with_those_that_there_are(comeback):
    with pytest.raises(BadTemplate, match="there is no subject 'other' in 'en'; there are title, new_since"):
        comeback.render(sample_context(), arm="other")


@pytest.mark.parametrize(
    ("language", "written", "subject"),
    [
        ("en", "en", "Ana, The Silent Harbour is waiting"),
        ("pt-BR", "pt-BR", "Ana, The Silent Harbour espera por você"),
        ("ES", "ES", "Ana, The Silent Harbour te espera"),
        ("fr-FR", "en", "Ana, The Silent Harbour is waiting"),
        ("", "en", "Ana, The Silent Harbour is waiting"),
    ],
)
def test_the_mail_says_the_language_it_is_written_in(comeback, language, written, subject):
    mail = comeback.render(sample_context() | {"language": language})
    assert mail.subject == subject
    assert f'<html lang="{written}" dir="ltr"' in mail.html


def test_a_campaigns_words_go_before_the_templates(comeback):
    own = comeback.with_words(
        {"en": {"subject": {"title": "Hi {{ given_name }}", "third": "3"}, "headline": "H & <h>"}}
    )
    assert own.arms == ("title", "new_since", "third")
    mail = own.render(sample_context())
    assert mail.subject == "Hi Ana"
    assert "H &amp; &lt;h&gt;" in mail.html
    assert "H & <h>" in mail.text
    assert own.render(sample_context(), arm="third").subject == "3"
    assert own.render(sample_context("usual", "pt")).subject == comeback.render(sample_context("usual", "pt")).subject
    assert comeback.render(sample_context()).subject != "Hi Ana"


def test_a_campaigns_subject_that_is_too_long_for_a_phone_is_said_without_the_name(comeback):
    own = comeback.with_words({"en": {"subject": {"title": "{{ given_name }} {{ hero.name }} is on again tonight"}}})
    subjects = [own.render(sample_context() | {"given_name": name}).subject for name in ("Ana", "Ana Wilhelmine")]
    assert subjects == ["Ana The Silent Harbour is on again tonight", "The Silent Harbour is on again tonight"]


def test_words_of_a_region_go_before_those_of_the_language(comeback):
    own = comeback.with_words({"pt": {"headline": "pt"}, "pt-BR": {"headline": "br"}})
    heads = [Page(own.render(sample_context() | {"language": tag}).html).text for tag in ("pt-BR", "pt-PT")]
    assert " br " in heads[0]
    assert " pt " in heads[1]


def test_bad_words_are_refused_with_their_place(comeback):
    with pytest.raises(BadTemplate, match=r"message.en.subject.title: there is no 'nome'"):
        comeback.with_words({"en": {"subject": {"title": "{{ nome }}"}}})


def test_a_name_that_the_context_lacks_is_named(comeback):
    context = sample_context()
    del context["why"], context["hero"]
    with pytest.raises(BadTemplate, match="comeback: the context lacks hero, why"):
        comeback.render(context)


def test_a_pick_that_lacks_a_part_is_refused(comeback):
    context = sample_context()
    del context["hero"]["facts"]
    with pytest.raises(BadTemplate, match="facts"):
        comeback.render(context)


def test_markup_in_the_context_is_refused(comeback):
    with pytest.raises(BadTemplate, match="a Markup in the context"):
        comeback.render(sample_context() | {"given_name": Markup("<script>")})


TEXTS = st.text(max_size=30) | st.sampled_from(
    ['"><script>x</script>', "' onload='x", "{{ 7 * 7 }}", "{% raw %}", "</style>", "<!--", "]]>"]
)


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(("given_name", "service", "why", "name", "alt", "facts", "title"), TEXTS)))
def test_no_value_becomes_markup(texts):
    template = compile_once()
    expected, mail = (
        template.render(context_of(each))
        for each in (dict.fromkeys(texts, "x"), {k: v or "x" for k, v in texts.items()})
    )
    assert Page(mail.html).tags == Page(expected.html).tags
    assert "49" not in mail.subject


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_no_value_breaks_out_of_the_subject(name, title):
    context = context_of(
        dict.fromkeys(("service", "why", "alt", "facts", "title"), "x") | {"given_name": name, "name": title}
    )
    subject = compile_once().render(context).subject
    assert not any(ord(character) < 32 for character in subject)


def context_of(texts):
    context = sample_context()
    context |= {key: texts[key] for key in ("given_name", "service", "why")}
    for row in context["rows"]:
        row["title"] = texts["title"]
    for pick in [context["hero"], *(pick for row in context["rows"] for pick in row["picks"])]:
        pick |= {"name": texts["name"], "artwork_alt": texts["alt"], "facts": texts["facts"]}
    return context


def compile_once(made=[]):  # noqa: B006 - kept between examples on purpose
    if not made:
        made.append(compile_template("comeback", TemplateStore()))
    return made[0]


def test_a_core_renders_thousands_a_second(comeback):
    context = sample_context()
    comeback.render(context)
    began = time.process_time()
    for _ in range(300):
        comeback.render(context)
    assert (time.process_time() - began) / 300 < 0.001


@pytest.mark.parametrize(("posters", "width"), [(2, "50"), (3, "33-33")])
def test_a_row_of_posters_fills_its_width(comeback, posters, width):
    context = sample_context()
    context["rows"] = [context["rows"][0] | {"picks": context["rows"][0]["picks"][:posters]}]
    body = comeback.render(context).html.partition("<body")[2]
    assert re.findall(r"mj-column-per-(\d+-?\d*)", body.partition("<h2")[2])[:posters] == [width] * posters
