import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import Refused
from campaigns.rendering import Email, unsubscribe_headers

GOOD = Email(
    id="0123abcd",
    to="ana@example.com",
    sender="Lumen <hello@lumen.example>",
    subject="Ana, Kavoris espera por você 👋",
    html="<p>x</p>",
    text="x",
    headers=unsubscribe_headers("https://news.example.com/u/abc"),
    tags={"message": "0123abcd", "campaign": "autumn-comeback"},
)


@pytest.mark.parametrize("control", ["\r", "\n", "\x00", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("id", lambda bad: {"id": bad}),
        ("to", lambda bad: {"to": "ana@example.com" + bad}),
        ("sender", lambda bad: {"sender": f"Lu{bad}men <hello@lumen.example>"}),
        ("subject", lambda bad: {"subject": f"Hello{bad}Bcc: all@example.com"}),
        ("header 'X-A'", lambda bad: {"headers": {"X-A": f"1{bad}"}}),
        ("the name of header", lambda bad: {"headers": {f"X-A{bad}": "1"}}),
        ("tag 'message'", lambda bad: {"tags": {"message": f"1{bad}"}}),
        ("the name of tag", lambda bad: {"tags": {f"a{bad}": "1"}}),
    ],
)
def test_control_characters_in_headers_are_refused_by_name(name, change, control):
    with pytest.raises(Refused, match="control character U\\+") as caught:
        replace(GOOD, **change(control))
    assert caught.value.said.startswith(name)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ana",
        "a@b",
        "a@b.c, d@e.f",
        "Ana <ana@example.com>",
        "zoë@example.com",
        "a b@example.com",
        "a@exämple.com",
        "<a@b.c>",
        "a@b..c",
    ],
)
def test_one_bare_address_is_asked_for(to):
    with pytest.raises(Refused, match="to is"):
        replace(GOOD, to=to)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sender": "Lumen"}, "sender is 'Lumen'"),
        ({"subject": " "}, "subject is empty"),
        ({"subject": "x" * 251}, "subject is 251 characters long"),
        ({"html": ""}, "html is empty"),
        ({"text": "\ud800"}, "text holds half a character"),
        ({"headers": {"X-A": "é"}}, "header 'X-A'"),
        ({"headers": {"X A": "1"}}, "header 'X A'"),
        ({"headers": {"X:A": "1"}}, "header 'X:A'"),
        ({"headers": {"X-A": "x" * 996}}, "header 'X-A'"),
        ({"headers": {f"X-{n}": "1" for n in range(16)}}, "16 headers"),
        ({"tags": {"message": "a.b"}}, "tag 'message' is 'a.b'"),
        ({"tags": {"message": "x" * 257}}, "tag 'message'"),
    ],
)
def test_what_ses_would_not_take_is_refused_by_name(change, why):
    with pytest.raises(Refused, match=why):
        replace(GOOD, **change)


@given(st.text())
def test_no_subject_with_a_line_break_gets_through(subject):
    try:
        email = replace(GOOD, subject=subject)
    except Refused:
        return
    assert not set("\r\n\x00") & set(email.subject)


def test_unsubscribing_takes_one_click():
    assert unsubscribe_headers("https://x.example/u/1") == {
        "List-Unsubscribe": "<https://x.example/u/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize(
    "url",
    ["", "x", "javascript:1", "https://x.example/>,<mailto:a@b.c", "https://x.example/ a", "https://x.example/\n"],
)
def test_an_address_that_cannot_stand_in_the_header_is_refused(url):
    with pytest.raises(ValueError, match="is not a plain"):
        unsubscribe_headers(url)


def test_a_refusal_survives_pickling():
    error = Refused("id", "subject is empty")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
