"""The API: a service's own screens in the member's own order."""

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.planning.title_models import title_model
from campaigns.tracking import Kind
from campaigns.web.members import Member
from campaigns.web.pictures import pictures
from tests.campaigns.planning.service import member, play, title
from tests.campaigns.web.conftest import NAMES, NOW

MINE = ["t0", "t1", "t2", "t3", "t4", "t5"]  # what Ana may see and has not played


@pytest.fixture
def learnt(service, client):
    """The service's title model, as a run leaves it on disk."""
    model = title_model(service.stores, NOW - timedelta(days=1))
    client.app.state.memory.renew()
    return model


def ids(rows):
    return [row["title_id"] for row in rows]


def states(rows):
    return {row["title_id"]: row["state"] for row in rows}


def notes(answer):
    return {(note["what"], note["id"]): note["why"] for note in answer["not_used"]}


def test_titles_come_in_the_order_of_the_title_model(ask, learnt):
    expected = learnt.recommend(["ana"], k=20, at=NOW)["title_id"].to_list()
    answer = ask("rank", member_id="ana", titles=sorted(MINE, reverse=True))
    assert ids(answer["titles"]) == [one for one in expected if one in MINE]
    assert [row["rank"] for row in answer["titles"]] == [1, 2, 3, 4, 5, 6]
    scores = [row["score"] for row in answer["titles"]]
    assert scores == sorted(scores, reverse=True)
    assert answer["model"] == {"order": "title_model", "as_of": f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M}:00+00:00"}


@pytest.mark.usefixtures("learnt")
def test_without_titles_the_best_are_given_and_none_of_them_was_played(ask):
    assert set(ids(ask("rank", member_id="ana")["titles"])) == set(MINE)
    assert len(ask("rank", member_id="ana", k=2)["titles"]) == 2


@pytest.mark.usefixtures("learnt")
def test_what_was_begun_and_what_was_finished_stands_behind_what_is_new(ask):
    answer = ask("rank", member_id="ana", titles=["t6", "t7", "t2"])
    assert states(answer["titles"]) == {"t2": "new", "t7": "begun", "t6": "finished"}
    assert ids(answer["titles"]) == ["t2", "t7", "t6"]


@pytest.mark.usefixtures("learnt")
def test_what_may_not_be_shown_or_is_not_known_is_named_and_left_out(ask):
    answer = ask("rank", member_id="ana", titles=["t1", "brazil", "gone", "nothing", "t1"])
    assert ids(answer["titles"]) == ["t1"]
    assert notes(answer) == {
        ("title", "brazil"): "not_in_country",
        ("title", "gone"): "has_left",
        ("title", "nothing"): "unknown",
    }
    before = ask("rank", member_id="ana", titles=["t1", "gone"], at="2019-06-01")
    assert notes(before) == {("title", "t1"): "not_there_yet", ("title", "gone"): "not_there_yet"}


def test_without_a_model_popularity_in_the_country_orders_and_the_answer_says_so(service, ask):
    answer = ask("rank", member_id="ana", titles=MINE)
    assert answer["model"] == {"order": "popularity", "as_of": None}
    assert {row["score"] for row in answer["titles"]} == {None}
    assert ids(answer["titles"]) == ["t0", "t1", "t2", "t3", "t4", "t5"]  # by plays
    assert not (service.stores.home / "models").exists()  # nothing is fitted for a request


@pytest.mark.usefixtures("learnt")
def test_an_unknown_member_is_named_and_gets_what_may_be_shown_everywhere(ask):
    answer = ask("rank", member_id="nobody", titles=["t1", "brazil"], rows=["popular", "finish_what_you_started"])
    assert notes(answer) == {
        ("member", "nobody"): "unknown",
        ("title", "brazil"): "not_in_country",
        ("row", "finish_what_you_started"): "nothing_to_show",
    }
    assert ids(answer["titles"]) == ["t1"]
    assert ids(answer["rows"][0]["titles"])[:2] == ["t0", "t1"]


def test_a_member_without_plays_gets_the_same_order_of_titles_each_time(ask, now_has, learnt):
    del learnt
    now_has(members=[member("new", favourite_genres=["Drama"])])
    first = ask("rank", member_id="new")
    assert set(ids(first["titles"])) == {*MINE, "t6", "t7"}
    assert ask("rank", member_id="new") == first


def test_where_nothing_may_be_shown_nothing_is_and_that_is_no_error(ask, now_has):
    now_has(titles=[title(key, countries=["BR"]) for key in NAMES], as_of=NOW - timedelta(hours=1))
    answer = ask("rank", member_id="ana", titles=["t1"], rows=["for_you", {"id": "own", "titles": ["t2"]}])
    assert (answer["titles"], answer["rows"], answer["artworks"]) == ([], [], {})
    assert notes(answer)["row", "own"] == "nothing_to_show"
    assert ask("rank", member_id="ana")["titles"] == []
    assert ask("search", member_id="ana", q="hidden")["titles"] == []


@pytest.mark.usefixtures("learnt")
def test_a_title_opened_from_a_mail_stands_first_until_it_is_played(ask, client, token, mailed, now_has):
    last = ids(ask("rank", member_id="ana", titles=MINE)["titles"])[-1]
    client.get(f"/c/{token(Kind.PICK, mailed(int(last[1]), (0, 1)))}")
    answer = ask("rank", member_id="ana", titles=MINE)
    assert (answer["titles"][0]["title_id"], answer["titles"][0]["state"]) == (last, "opened")
    assert ids(ask("rank", member_id="ana", k=1)["titles"]) == [last]
    now_has(plays=[play("ana", last, NOW)])
    assert states(ask("rank", member_id="ana", titles=MINE)["titles"])[last] == "finished"


@pytest.mark.usefixtures("learnt")
def test_a_mail_of_which_every_link_was_followed_was_followed_by_a_scanner(ask, client, token, mailed):
    message = mailed(5, (3, 4))
    for place in range(3):
        client.get(f"/c/{token(Kind.PICK, message, place)}")
    assert set(states(ask("rank", member_id="ana", titles=MINE)["titles"]).values()) == {"new"}


@pytest.mark.usefixtures("learnt")
def test_a_title_opened_after_a_search_on_the_page_stands_first_as_well(ask, client, token, mailed):
    client.get(f"/w/{token(Kind.WELCOME, mailed())}/t/t5")
    assert states(ask("rank", member_id="ana", titles=MINE)["titles"])["t5"] == "opened"


@pytest.mark.usefixtures("learnt")
def test_a_services_own_rows_are_ordered_by_the_first_titles_of_each(ask):
    by_score = ids(ask("rank", member_id="ana", titles=MINE)["titles"])
    low, high = {"id": "low", "titles": by_score[3:]}, {"id": "high", "titles": by_score[2::-1]}
    answer = ask("rank", member_id="ana", rows=[low, high, {"id": "empty", "titles": ["nothing"]}])
    assert [(row["id"], row["rank"], row["title"]) for row in answer["rows"]] == [("high", 1, None), ("low", 2, None)]
    assert ids(answer["rows"][0]["titles"]) == by_score[:3]
    assert notes(answer) == {("row", "empty"): "nothing_to_show", ("title", "nothing"): "unknown"}
    assert answer["titles"] == []  # nobody asked for them


@pytest.mark.usefixtures("learnt")
def test_rows_of_encores_kinds_are_filled_named_and_never_show_a_title_twice(ask, now_has):
    now_has(members=[member("ana", language="pt-BR", country="BR")])
    kinds = ["popular", "for_you", "finish_what_you_started", "genre", {"kind": "leaving_soon"}, "nonsense"]
    answer = ask("rank", member_id="ana", rows=kinds, k=3)
    rows = {row["id"]: row for row in answer["rows"]}
    assert rows["popular"]["title"] == "Em alta no Brasil"
    assert ids(rows["finish_what_you_started"]["titles"]) == ["t7"]
    assert answer["rows"][0]["id"] == "finish_what_you_started"
    shown = [one for row in answer["rows"] for one in ids(row["titles"])]
    assert len(shown) == len(set(shown))
    assert notes(answer)["row", "nonsense"] == "unknown"
    assert notes(answer)["row", "leaving_soon"] == "nothing_to_show"


@pytest.mark.usefixtures("service")
def test_pictures_are_drawn_with_their_chances_which_are_kept(ask, house):
    asked = {"t0": ["t0-a", "t0-b", "t2-a"], "t2": [], "t1": [], "nothing": ["t0-a"]}
    answer = ask("rank", member_id="ana", artworks=asked)
    shown = answer["artworks"]
    assert shown["t0"]["artwork_id"] in ("t0-a", "t0-b")
    assert shown["t0"]["propensity"] == pytest.approx(0.5)
    assert shown["t2"] == {"artwork_id": "t2-a", "propensity": pytest.approx(1)}
    assert notes(answer) == {
        ("artwork", "t2-a"): "unknown",
        ("artwork", "t0-a"): "unknown",
        ("title", "t1"): "no_artwork",
        ("title", "nothing"): "no_artwork",
    }
    assert ask("rank", member_id="ana", artworks=asked)["artworks"] == shown  # all day
    kept = house.rows("SELECT member_id, title_id, artwork_id, propensity, candidates FROM pictures ORDER BY title_id")
    assert kept == [
        ("ana", "t0", shown["t0"]["artwork_id"], shown["t0"]["propensity"], ["t0-a", "t0-b"]),
        ("ana", "t2", "t2-a", 1.0, ["t2-a"]),
    ]


def test_on_a_childs_profile_nothing_of_another_maturity_is_ordered_found_or_put_in_rows(ask, now_has):
    now_has(titles=[title("t1", name=NAMES["t1"], maturity="all"), title("t2", name=NAMES["t2"], maturity="16+")])
    asked = {"member_id": "ana", "maturity": ["all", "7+"]}
    answer = ask("rank", **asked, titles=["t1", "t2", "t3"], rows=["popular"])
    assert ids(answer["titles"]) == ids(answer["rows"][0]["titles"]) == ["t1"]
    assert notes(answer) == {("title", "t2"): "other_maturity", ("title", "t3"): "other_maturity"}
    assert ids(ask("rank", **asked)["titles"]) == ["t1"]
    assert ids(ask("search", **asked, q="kavoris")["titles"]) == []


@pytest.mark.usefixtures("learnt")
def test_on_a_childs_profile_no_row_is_named_after_a_title_of_another_maturity(ask, now_has):
    levels = {key: "16+" if key == "t0" else "all" for key in NAMES}
    now_has(titles=[title(key, name=NAMES[key], maturity=level) for key, level in levels.items()])
    asked = {"member_id": "m0", "rows": ["because_you_watched"], "k": 5}
    assert [row["title"] for row in ask("rank", **asked)["rows"]] == [f"Because you watched {NAMES['t0']}"]
    assert NAMES["t0"] not in str(ask("rank", **asked, maturity=["all"]))


@pytest.mark.usefixtures("service")
def test_a_search_finds_what_was_meant_and_is_kept(ask, house):
    answer = ask("search", member_id="ana", q="the hiden")
    assert ids(answer["titles"]) == ["t0", "t7"]  # the one that was begun behind the one that is new
    assert {row["off"] for row in answer["titles"]} == {2}
    assert house.rows("SELECT member_id, message_id, query, titles FROM searches") == [
        ("ana", None, "the hiden", ["t0", "t7"])
    ]
    ask("search", member_id="nobody", q="the hidden")
    assert house.rows("SELECT count(*) FROM searches") == [(1,)]


@pytest.mark.usefixtures("learnt")
def test_of_titles_as_close_to_the_words_the_members_own_order_decides(ask):
    found = ids(ask("search", member_id="m20", q="the")["titles"])
    expected = ids(ask("rank", member_id="m20", titles=found)["titles"])
    assert found == expected
    assert len(found) > 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "member_id: Field required"),
        ({"member_id": ""}, "member_id: String should have at least 1 character"),
        ({"member_id": "a\x00b"}, "member_id: there are characters in it that nobody can see"),
        ({"member_id": "a", "titles": ["t"] * 1001}, "titles: List should have at most 1000 items"),
        ({"member_id": "a", "titles": "t1"}, "titles: Input should be a valid list"),
        ({"member_id": "a", "tiltes": []}, "tiltes: Extra inputs are not permitted"),
        ({"member_id": "a", "k": 0}, "k: Input should be greater than or equal to 1"),
        ({"member_id": "a", "at": "soon"}, "at: Input should be a valid datetime"),
        ({"member_id": "a", "at": "0001-01-01T00:00:00+14:00"}, "at: a time between 2000 and 2100 is needed"),
        ({"member_id": "a", "rows": [{"id": "x"}]}, "rows.0: a row has a kind, or an id and titles"),
        ({"member_id": "a", "rows": ["popular", "popular"]}, "rows: no two may have the same kind or id"),
        ({"member_id": "a", "artworks": {f"t{n}": [] for n in range(201)}}, "at most 200 items"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_in_one_line(ask, body, told):
    answer = ask("rank", 422, **body)
    assert told in answer["error"]
    assert len(answer["error"]) < 300


def test_the_requests_in_the_documentation_are_answered_in_the_form_that_it_shows(ask):
    text = (Path(__file__).parents[3] / "docs" / "way-back.md").read_text(encoding="utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    for asked, shown in zip(blocks[::2], blocks[1::2], strict=True):
        answer = ask("search" if "q" in asked else "rank", **asked)
        assert set(answer) == set(shown)
        assert set(answer["model"]) == set(shown["model"])


def test_a_request_that_is_no_json_is_told_so(client, ask, stores):
    del ask
    headers = {"Authorization": f"Bearer {(stores.home / 'api_key').read_text().strip()}"}
    for bad in (b"nonsense", b"[]", b'"x"', b'{"member_id": "\\ud800"}', b"[" * 100_000):
        answer = client.post("/api/v1/rank", content=bad, headers=headers)
        assert 400 <= answer.status_code < 500, bad[:20]


def test_where_the_database_is_gone_the_answer_says_so(client, ask):
    client.app.state.signals.connections.close()
    client.app.state.signals.connections.database.url = "host=127.0.0.1 port=1 user=nobody dbname=none"
    answer = ask("rank", 503, member_id="ana")
    assert answer["error"].startswith("the database: ")


@pytest.mark.usefixtures("service")
def test_pictures_fall_as_often_as_their_chances_say(client):
    held = client.app.state.memory.held()
    drawn = [pictures(held, Member(f"x{n}", NOW), {"t0": []})[0] for n in range(400)]
    counts = Counter(one.artwork_id for one in drawn)
    assert {one.propensity for one in drawn} == {0.5}
    assert abs(counts["t0-a"] - 200) < 4 * 10
