import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import BadTemplate
from campaigns.rendering.words import compile_words, one_line, parse_words, read_words


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ nome }}", "words: there is no 'nome' here; there are campaign, given_name"),
        ("{{ given_name", "words: unexpected end"),
        ("a\r\nBcc: all@example.com", r"words: holds the control character U\+000D"),
        ("a\tb", r"U\+0009"),
        ("a\u2028b", r"U\+2028"),
        ("evil \u202egnp.exe", r"U\+202E"),
        ("  ", "words: is empty"),
        ("x" * 2001, "words: is 2,001 characters long"),
        ("{% for row in rows %}{% set a = 1 %}{% endfor %}", "{% set %} is not for mails"),
        ("{{ given_name.__class__ }}", "single value"),
    ],
)
def test_words_that_cannot_be_are_refused_with_the_reason(text, why):
    with pytest.raises(BadTemplate, match=why):
        compile_words(text)


def test_words_tell_their_phrases():
    assert compile_words('{{ _("{title} is waiting", title=hero.name) }}') == ("{title} is waiting",)


@given(st.text())
def test_a_value_never_breaks_the_line(text):
    line = one_line("a {{ given_name }} b", {"given_name": text})
    assert line.isprintable() or not any(ord(character) < 32 or ord(character) == 127 for character in line)
    assert "\u2028" not in line
    assert "\u202e" not in line
    line.encode()


def test_an_emoji_of_several_parts_stays_whole():
    assert one_line("{{ given_name }}", {"given_name": "👩‍🚀"}) == "👩‍🚀"


def test_words_are_not_escaped():
    assert one_line("{{ given_name }}", {"given_name": "Tom & <Jerry>"}) == "Tom & <Jerry>"


def test_words_come_from_toml():
    words = read_words('headline = "Hello"\nsubject.title = "Hi {{ given_name }}"\n', "words.toml")
    assert (words.headline, words.preheader, words.subject) == ("Hello", "", {"title": "Hi {{ given_name }}"})


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("headline = ", "words.toml: is no TOML"),
        ('head = "x"', r"words.toml.head: is not known; there are subject, preheader, headline"),
        ('subject = "x"', r"words.toml.subject: is by arm"),
        ("subject.title = 3", r"words.toml.subject.title: 3 is no text"),
        ('subject.title = "{{ x }}"', r"words.toml.subject.title: there is no 'x'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(toml, why):
    with pytest.raises(BadTemplate, match=why):
        read_words(toml, "words.toml")


def test_none_is_the_same_as_left_out():
    assert parse_words({"headline": None, "preheader": None, "subject": {}}, "message.en") == parse_words(
        {}, "message.en"
    )
