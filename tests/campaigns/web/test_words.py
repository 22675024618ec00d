"""The words of the welcome page."""

import re

import pytest

import templates
from campaigns.rendering.locales import placeholders, read_po
from campaigns.web.words import words

LANGUAGES = ("es", "pt")
SAID = re.compile(r'say\("([^"]*)"')


def phrases(language):
    return read_po(templates.read(f"locales/{language}/LC_MESSAGES/web.po") or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_the_page_is_translated_and_every_translation_used(language):
    assert set(phrases(language)) == set(SAID.findall(templates.read("web/welcome.html") or ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_leaves_open_what_its_source_does(language):
    for phrase, said in phrases(language).items():
        assert placeholders(phrase) == placeholders(said), phrase
        assert phrase.endswith(".") == said.endswith("."), phrase


@pytest.mark.parametrize(
    ("language", "spoken", "said"),
    [
        ("pt-BR", "pt", "Buscar"),
        ("ES", "es", "Buscar"),
        ("ja-JP", "en", "Search"),
        ("../es", "en", "Search"),
        ("", "en", "Search"),
    ],
)
def test_the_page_speaks_the_members_language_where_there_are_words_and_else_english(language, spoken, said):
    say, tag = words(language)
    assert (say("Search"), tag) == (said, spoken)
