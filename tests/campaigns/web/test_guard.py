"""The door of the API."""

import pytest

from campaigns.web.guard import LARGEST, Guard
from campaigns.web.keys import api_key


@pytest.mark.parametrize(
    "shown", [None, "", "Bearer", "Bearer wrong", "bearer {key}", "{key}", "Bearer {key} ", "Bearer é"]
)
def test_without_the_key_nothing_is_answered(client, stores, shown):
    headers = {} if shown is None else {"Authorization": shown.format(key=api_key(stores.home)).encode()}
    for path in ("rank", "search", "nothing"):
        answer = client.post(f"/api/v1/{path}", content=b"nonsense", headers=headers)
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "api_key" in answer.json()["error"]
        else:
            assert shown == "Bearer {key} "  # HTTP itself takes spaces at the end for none


def test_with_the_key_the_api_answers(client, stores):
    headers = {"Authorization": f"Bearer {api_key(stores.home)}"}
    assert client.post("/api/v1/rank", json={"member_id": "x"}, headers=headers).status_code == 200
    assert client.post("/api/v1/nothing", headers=headers).status_code == 404
    assert client.get("/api/v1/rank", headers=headers).status_code == 405


def test_too_much_is_refused_before_it_is_read(client, stores):
    headers = {"Authorization": f"Bearer {api_key(stores.home)}"}
    assert client.post("/api/v1/rank", content=b"x" * (LARGEST + 1), headers=headers).status_code == 413
    assert client.post("/api/v1/rank", content=iter([b"x", b"y"]), headers=headers).status_code == 411


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"content-length": "9" * 5_000}, 413),
        ({"content-length": "12", "transfer-encoding": "chunked"}, 411),
        ({"content-length": "-1"}, 411),
        ({"content-length": "12"}, None),
        ({}, None),
    ],
)
def test_a_length_that_cannot_be_believed_is_refused(told, status):
    headers = {"authorization": "Bearer key"} | told
    refusal = Guard(None, "key").refusal({name.encode(): value.encode() for name, value in headers.items()})
    assert status == (refusal and refusal.status_code)


def test_the_key_opens_nothing_else_and_other_pages_need_none(client):
    assert client.get("/").status_code == 200
