"""The words that come with Encore."""

import pytest

import templates
from campaigns.rendering.compiler import compile_template
from campaigns.rendering.locales import placeholders, read_po
from campaigns.rendering.sentences import GENRES, NEARBY, PICTURES, ROW_TITLES, WHY
from campaigns.rendering.store import TemplateStore

LANGUAGES = ("es", "pt")


def phrases(language):
    return read_po(templates.read(f"locales/{language}/LC_MESSAGES/email.po") or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_leaves_open_what_its_source_does(language):
    for phrase, said in phrases(language).items():
        assert placeholders(phrase) == placeholders(said), phrase
        assert phrase.endswith(".") == said.endswith("."), phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_in_use_is_translated_and_every_translation_used(language):
    template = compile_template("comeback", TemplateStore())
    said_by_us = {*ROW_TITLES.values(), *PICTURES.values(), NEARBY, WHY, *GENRES}
    assert set(phrases(language)) == set(template.phrases[language]) | said_by_us


def test_the_languages_say_the_same_things():
    assert set(phrases("es")) == set(phrases("pt"))


def test_every_country_is_named_in_every_language():
    lines = (templates.read("locales/countries.csv") or "").splitlines()
    assert lines[0] == "code,en,pt,es"
    rows = [line.split(",") for line in lines[1:]]
    assert all(len(row) == 4 and all(row) and len(row[0]) == 2 for row in rows)
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert all(row[1].startswith("in ") and row[3].startswith("en ") for row in rows)
    assert all(row[2].split(" ")[0] in ("em", "no", "na", "nos", "nas") for row in rows)
