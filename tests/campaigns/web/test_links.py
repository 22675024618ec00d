import json
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from campaigns.settings import secret_key
from campaigns.tracking import Kind, Link, Links
from campaigns.web import make_app
from tests.campaigns.making import DAY, House, pick


@pytest.fixture
def client(stores):
    return TestClient(make_app(stores), follow_redirects=False)


@pytest.fixture
def token(stores):
    links = Links(stores.settings.public_url, secret_key(stores.settings))
    return lambda kind, message, place=0: links.token(Link(kind, message, DAY, place))


@pytest.fixture
def message(stores):
    house = House(stores.database)
    house.contact("m1")
    content = {
        "hero": pick(1, url="https://lumen.example/1"),
        "rows": [{"kind": "for_you", "picks": [pick(2, url=None)]}],
    }
    return house.message("m1", house.campaign(), content=json.dumps(content))


def test_a_link_leads_to_the_title_that_it_showed_and_the_visit_is_kept(client, token, message, stores):
    answer = client.get(f"/c/{token(Kind.PICK, message)}")
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://lumen.example/1"
    assert answer.headers["cache-control"] == "no-store"
    assert House(stores.database).rows("SELECT message_id, place FROM clicks") == [(message, 0)]


def test_a_title_without_an_address_is_welcomed_by_name(client, token, message):
    answer = client.get(f"/c/{token(Kind.PICK, message, 1)}")
    assert answer.status_code == 200
    assert pick(2)["name"] in answer.text


def test_a_head_as_scanners_send_counts_for_nothing(client, token, message, stores):
    assert client.head(f"/c/{token(Kind.PICK, message)}").status_code == 405
    assert House(stores.database).rows("SELECT count(*) FROM clicks") == [(0,)]


def test_looking_at_the_page_unsubscribes_nobody_and_one_click_does(client, token, message, stores):
    link = f"/u/{token(Kind.UNSUBSCRIBE, message)}"
    unsubscribed = "SELECT unsubscribed_at IS NOT NULL FROM contacts WHERE member_id = 'm1'"
    assert client.get(link).status_code == 200
    assert House(stores.database).rows(unsubscribed) == [(False,)]
    answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert House(stores.database).rows(unsubscribed) == [(True,)]
    assert client.post(link).status_code == 200


@pytest.mark.parametrize("path", ["c/nonsense", "u/nonsense", "o/nonsense.gif", "reports/nothing", "artwork/none.png"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(f"/{path}").status_code == 404


def test_a_link_of_one_kind_is_none_of_another(client, token, message):
    assert client.get(f"/u/{token(Kind.PICK, message)}").status_code == 404


def test_the_pixel_is_a_picture(client, token, message):
    answer = client.get(f"/o/{token(Kind.PIXEL, message)}.gif")
    assert answer.headers["content-type"] == "image/gif"
    assert answer.content[:6] == b"GIF89a"


@pytest.mark.usefixtures("message")
def test_the_first_page_lists_campaigns_and_leads_to_their_reports(client):
    page = client.get("/").text
    assert "/reports/autumn" in page
    assert client.get("/reports/autumn").status_code == 200
    assert datetime.now(UTC).strftime("%Y") in client.get("/reports/autumn").text
