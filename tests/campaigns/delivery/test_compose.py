"""A member's mail, as it is written from what was planned."""

import re
from uuid import uuid4

import pytest

from campaigns.delivery import Composer
from campaigns.errors import BadTemplate, Refused
from campaigns.rendering.context import WORDS
from campaigns.settings import Settings
from campaigns.tracking import Kind, Link
from tests.campaigns.making import CONTENT, DAY, claimed, pick, template


@pytest.fixture
def composer(home):
    """Writes mails of a campaign `autumn`, whose words can be set."""

    def composer(message=None, **settings):
        made = {"campaign": "autumn", "template": template(), "definition": {"message": message or {}}}
        fetched = []
        asked = Settings(home=home, _env_file=None, **settings)
        composer = Composer(asked, b"key", lambda run: fetched.append(run) or made)
        composer.fetched = fetched
        return composer

    return composer


def test_a_mail_carries_its_id_the_headers_to_unsubscribe_with_and_nobody_s_address(composer):
    writer, message = composer(), claimed(uuid4())
    mail = writer.compose(message)
    unsubscribe = writer.links.url(Link(Kind.UNSUBSCRIBE, message.id, DAY))
    assert mail.headers == {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert mail.tags == {
        "message": message.id.hex,
        "run": "2026-12-01",
        "campaign": "autumn",
        "due": "2026-12-01T0900Z",
    }
    assert unsubscribe in mail.html
    assert unsubscribe in mail.text
    assert "ana@example.com" not in mail.html + mail.text + str(mail.headers) + str(mail.tags)


def test_every_pick_is_a_picture_with_its_words_in_row_order_and_a_link_of_its_own(composer):
    rows = [{"kind": "for_you", "picks": [pick(1), pick(2)]}, {"kind": "popular", "picks": [pick(3), pick(4)]}]
    writer, message = composer(), claimed(uuid4(), content=CONTENT | {"rows": rows})
    html = writer.compose(message).html
    images = [tag for tag in re.findall(r"<img[^>]*>", html) if "https://art.example/" in tag]
    pictures = [(re.search(r'alt="([^"]*)"', tag)[1], re.search(r"example/(\d)", tag)[1]) for tag in images]
    assert pictures == [(f"Picture {n}", str(n)) for n in range(5)]
    for place in range(5):
        assert writer.links.url(Link(Kind.PICK, message.id, DAY, place)) in html


def test_every_name_that_a_template_may_say_is_told_of_a_member_who_has_all(composer):
    hero = pick(0, genres=["drama"], minutes=100)
    context = composer().context(claimed(uuid4(), pixel_consent=True, content=CONTENT | {"hero": hero}), "autumn")
    assert context.keys() == WORDS.keys()
    assert context["hero"].keys() == WORDS["hero"].keys()
    assert [name for name, value in {**context, **context["hero"]}.items() if not value] == []


def test_a_mail_leads_to_its_welcome_page(composer):
    writer, message = composer(), claimed(uuid4())
    mail = writer.compose(message)
    welcome = writer.links.url(Link(Kind.WELCOME, message.id, DAY))
    assert welcome in mail.html
    assert welcome in mail.text


def test_a_pick_without_a_picture_has_one_all_the_same_and_its_name_for_words(composer):
    hero = pick(0, artwork_url=None, artwork_alt=None, title_id="a/b?c", genres=None, minutes=None)
    html = composer(public_url="https://news.example").compose(claimed(uuid4(), content=CONTENT | {"hero": hero})).html
    assert "https://news.example/artwork/a%2Fb%3Fc.png" in html
    assert 'alt="Title 0"' in html


@pytest.mark.parametrize(("agreed", "there"), [(True, True), (False, False), (None, False)])
def test_only_who_agreed_gets_a_pixel(composer, agreed, there):
    writer, message = composer(), claimed(uuid4(), pixel_consent=agreed)
    assert (writer.links.url(Link(Kind.PIXEL, message.id, DAY)) in writer.compose(message).html) is there


def test_the_subject_is_that_of_the_member_s_arm_in_the_campaign_s_words(composer):
    words = {"en": {"subject": {"a": "A for {{ given_name }}", "b": "B: {{ hero.name }}"}}}
    writer = composer(words)
    subjects = [writer.compose(claimed(uuid4(), content=CONTENT | {"subject_arm": arm})).subject for arm in "ab"]
    assert subjects == ["A for Ana", "B: Title 0"]


def test_a_template_is_fetched_once_a_run(composer):
    writer = composer()
    for run in (1, 1, 2):
        writer.compose(claimed(uuid4(), run_id=run))
    assert writer.fetched == [1, 2]


@pytest.mark.parametrize("name", ["Ana\r\nBcc: all@example.com", "Ana\x00", "Ana\u2028", "{{ 7*7 }}", "<b>Ana</b>"])
def test_no_name_gets_out_of_the_place_it_stands_in(composer, name):
    writer = composer({"en": {"subject": {"title": "{{ given_name }}, come back"}}})
    message = claimed(uuid4(), given_name=name, content=CONTENT | {"subject_arm": "title"})
    try:
        mail = writer.compose(message)
    except (Refused, BadTemplate):
        return
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", mail.subject)
    assert "49" not in mail.subject
    assert "<b>Ana</b>" not in mail.html


@pytest.mark.parametrize("address", [None, "", "no address", "a@b.example\nBcc: c@d.example", "ä@example.com"])
def test_what_is_no_address_is_refused(composer, address):
    with pytest.raises(Refused):
        composer().compose(claimed(uuid4(), email=address))


def test_a_run_without_a_campaign_s_version_is_told(composer):
    writer = composer()
    writer.fetch = lambda _: {}
    with pytest.raises(BadTemplate, match="has no campaign version"):
        writer.compose(claimed(uuid4()))
