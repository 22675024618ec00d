import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rendering.locales import Phrases, fallbacks, read_po

HEADER = 'msgid ""\nmsgstr ""\n"Language: pt\\n"\n\n'


def test_phrases_are_read_with_their_escapes_and_over_several_lines():
    po = HEADER + '#. a note\nmsgid ""\n"Say \\"{name}\\""\n" now"\nmsgstr "Diga \\"{name}\\" \\\\ já"\n'
    assert read_po(po) == {'Say "{name}" now': 'Diga "{name}" \\ já'}


def test_an_entry_needs_no_blank_line_before_it():
    assert read_po('msgid "a"\nmsgstr "b"\nmsgid "c"\nmsgstr "d"\n') == {"a": "b", "c": "d"}


def test_what_is_fuzzy_obsolete_or_untranslated_is_left_out():
    po = '#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n\n#~ msgid "old"\n#~ msgstr "alt"\n\n'
    po += 'msgid "d"\nmsgstr "e"\n'
    assert read_po(po) == {"d": "e"}


@pytest.mark.parametrize(
    "line", ['msgid_plural "c"', 'msgctxt "menu"', "msgstr unquoted", "nonsense", 'msgstr "open', '"lost text"']
)
def test_a_line_that_cannot_be_read_is_refused_by_number(line):
    with pytest.raises(ValueError, match="line 1"):
        read_po(line + "\n")


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@given(st.dictionaries(st.text(alphabet='ab"\\\n{}é', min_size=1), st.text(alphabet='xy"\\\n{}ü', min_size=1)))
def test_what_is_written_is_read_again(phrases):
    po = HEADER + "".join(f"msgid {quoted(phrase)}\nmsgstr {quoted(said)}\n\n" for phrase, said in phrases.items())
    assert read_po(po) == phrases


def test_an_unknown_phrase_is_said_as_it_is():
    assert Phrases({})("{title} is waiting", title="Kavoris") == "Kavoris is waiting"


def test_values_are_never_taken_for_placeholders():
    assert Phrases({})("{a} {b}", a="{b}", b="{0.__class__}") == "{b} {0.__class__}"


@pytest.mark.parametrize(
    ("language", "tried"),
    [("pt-BR", ("pt-br", "pt", "en")), ("en", ("en",)), ("", ("en",)), ("zh_Hant_TW", ("zh-hant-tw", "zh", "en"))],
)
def test_languages_fall_back_to_their_parent_then_to_english(language, tried):
    assert fallbacks(language) == tried
