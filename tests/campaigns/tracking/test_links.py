from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from campaigns.tracking import Kind, Link, Links

LINKS = Links("https://news.example", b"a key")
links = st.builds(
    Link,
    st.sampled_from(Kind),
    st.uuids(),
    st.dates(date(1970, 1, 1), date(1970, 1, 1) + timedelta(days=65535)),
    st.integers(0, 65535),
)


@given(links)
def test_a_link_says_what_was_put_into_it(link):
    token = LINKS.token(link)
    assert LINKS.read(token) == link
    assert len(token) == 51


def test_where_a_link_leads_shows_its_kind_and_no_target():
    link = Link(Kind.PICK, UUID(int=7), date(2026, 12, 1), 3)
    assert LINKS.url(link) == f"https://news.example/c/{LINKS.token(link)}"
    assert LINKS.url(Link(Kind.UNSUBSCRIBE, UUID(int=7), date(2026, 12, 1))).startswith("https://news.example/u/")


@given(links, st.integers(0, 50), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_a_link_with_any_character_changed_is_none_of_ours(link, place, character):
    token = LINKS.token(link)
    forged = token[:place] + character + token[place + 1 :]
    assert LINKS.read(forged) == (link if forged == token else None)


@given(links)
def test_another_key_s_link_is_none_of_ours(link):
    assert LINKS.read(Links("https://news.example", b"another key").token(link)) is None


@given(st.text(max_size=60))
def test_no_text_is_a_link_by_chance(text):
    assert LINKS.read(text) is None


@given(links, st.sampled_from(["=", "==", " ", "\n", "A", "é", "\0"]))
def test_a_link_with_something_added_is_none_of_ours(link, more):
    assert LINKS.read(LINKS.token(link) + more) is None
    assert LINKS.read(more + LINKS.token(link)) is None
