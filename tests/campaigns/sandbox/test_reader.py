from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from campaigns.sandbox.draws import Draws
from campaigns.sandbox.reader import Reader
from campaigns.sandbox.titles import catalogue
from campaigns.standin import Mail

BASE = "https://artwork.lumen.example"
TITLES = catalogue(Draws(0), 20_788, BASE)
PAGE = f"""
<!--[if mso]><img src="{BASE}/t0009/faces.png"><![endif]-->
<a href="https://link.example/c/abc"><img alt="logo" src="https://link.example/logo.png"/></a>
<IMG width=400 src="{BASE}/t0007/action.png" alt="x"/><img src='{BASE}/t0003/landscape.png'>
<p>{BASE}/t0001/faces.png</p><img src="{BASE}/t0007/faces.png"><img src="{BASE}/t0005/nothing.png">
"""


@pytest.fixture
def mail():
    return Mail(
        message_id="0100",
        received_at=datetime(2031, 1, 1, tzinfo=UTC),
        sent_so_far=1,
        sender="hello@lumen.example",
        to=("João <joao.42@lumen.example>",),
        subject="Back",
        html=PAGE,
        text=None,
        headers={},
        tags={"message": "m1", "run": "2026-12-01", "campaign": "autumn", "due": "2026-12-01T1930Z"},
    )


def read(*mails):
    return Reader(TITLES).read(mails).to_dicts()


def test_a_mail_is_read_as_it_is_seen(mail):
    assert read(mail) == [
        {
            "member_id": "m0000042",
            "message": "m1",
            "campaign": "autumn",
            "run_date": date(2026, 12, 1),
            "due_at": datetime(2026, 12, 1, 19, 30, tzinfo=UTC),
            "titles": ["t0007", "t0003"],
            "styles": ["action", "landscape"],
        }
    ]


def test_a_mail_without_pictures_is_read_by_its_links_then_by_the_names_in_it(mail):
    linked = replace(mail, html='<a href="https://www.lumen.example/watch/t0004">Watch</a>')
    named = replace(mail, html=f'<img src="cid:1" alt="{TITLES.names[8].pt}: algo">')
    nothing = replace(mail, html=None)
    assert [read(one)[0]["titles"] for one in (linked, named, nothing)] == [["t0004"], ["t0008"], []]
    assert read(linked)[0]["styles"] == [None]


def test_a_message_counts_once_and_known_ones_do_not(mail):
    assert len(read(mail, replace(mail, message_id="0101"))) == 1
    assert Reader(TITLES).read([mail], known={"m1"}).is_empty()


def test_mails_to_others_are_left_out(mail):
    assert read(replace(mail, to=("success@simulator.amazonses.com",))) == []


def test_the_wall_clock_tells_when_a_mail_came_only_near_its_day(mail):
    tags = {name: value for name, value in mail.tags.items() if name != "due"}
    then = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert read(replace(mail, tags=tags, received_at=then))[0]["due_at"] == then
    assert read(replace(mail, tags=tags))[0]["due_at"] is None


@pytest.mark.parametrize("tag", ["run", "due"])
@pytest.mark.parametrize("told", ["", "soon", "2026-13-45", "2026-12-01T2561Z"])
def test_a_tag_that_tells_no_time_is_as_good_as_none(mail, tag, told):
    without = {name: value for name, value in mail.tags.items() if name != tag}
    assert read(replace(mail, tags=mail.tags | {tag: told})) == read(replace(mail, tags=without))


def test_an_address_that_no_member_can_have_is_nobodys(mail):
    assert read(replace(mail, to=("ana.99999999999999999999@lumen.example",))) == []


def test_no_more_places_are_looked_at_than_anyone_looks_at(mail):
    page = "".join(f'<img src="{BASE}/t{number:04}/faces.png">' for number in range(30))
    assert read(replace(mail, html=page))[0]["titles"] == [f"t{number:04}" for number in range(10)]
