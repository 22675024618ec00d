import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import BadTemplate
from campaigns.rendering.source import Origin, Source
from campaigns.rendering.tokens import TOKEN, Kind, restore, tokenise


def source_of(text):
    return Source(text, tuple(Origin("mail.mjml", line) for line in range(1, text.count("\n") + 2)))


def test_jinja_and_entities_become_plain_words():
    done = tokenise(source_of('<a title="{{ x }}&quot;">{% if a < 5 %}&amp;{{ "}}" }}{% endif %}</a>{# gone #}'))
    assert TOKEN.sub("", done.text) == '<a title=""></a>'
    assert [(token.kind, token.text) for token in done.tokens.values()] == [
        (Kind.EXPRESSION, "{{ x }}"),
        (Kind.CHARACTER, "&quot;"),
        (Kind.STATEMENT, "{% if a < 5 %}"),
        (Kind.CHARACTER, "&amp;"),
        (Kind.EXPRESSION, '{{ "}}" }}'),
        (Kind.STATEMENT, "{% endif %}"),
    ]


def test_tokens_and_lines_know_the_line_they_came_from():
    done = tokenise(source_of("a\n{{ x\n}}\n&lt;\n{# a\n b #}\nz\n"))
    assert [token.line for token in done.tokens.values()] == [2, 4]
    assert done.lines[done.text.split("\n").index("z")] == 7


PIECES = [
    "text",
    "\n",
    "{{ a }}",
    "{{- b -}}",
    "{% if a %}",
    "{%- endif -%}",
    "&nbsp;",
    "&#8199;",
    "<p>",
    " ",
    "{{ '{%' }}",
]


@given(st.lists(st.sampled_from([piece for piece in PIECES if "-" not in piece])))
def test_what_is_taken_out_is_put_back(pieces):
    text = "".join(pieces)
    done = tokenise(source_of(text))
    assert restore(done.text, done.tokens) == text


@given(st.lists(st.sampled_from(PIECES)))
def test_every_line_of_the_text_has_one_of_the_source(pieces):
    text = "".join(pieces)
    done = tokenise(source_of(text))
    assert len(done.lines) == done.text.count("\n") + 1
    assert all(1 <= line <= text.count("\n") + 1 for line in done.lines)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n{% raw %}{{ x }}{% endraw %}", r"line 2: {% raw %} is not for mails"),
        ("a\n{{ (x }}", "line 2"),
        ("\n\nzqe0001qz", r"line 3: 'zqe0001qz' means something else"),
        ("{# open", "Missing end of comment"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(text, why):
    with pytest.raises(BadTemplate, match=why):
        tokenise(source_of(text))


def test_more_tokens_than_four_digits_hold_stay_apart():
    text = "{{ a }}&amp;" * 6000
    done = tokenise(source_of(text))
    assert len(done.tokens) == 12000
    assert restore(done.text, done.tokens) == text
