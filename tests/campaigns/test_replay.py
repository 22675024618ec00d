"""What another policy would have won, from the log."""

from datetime import timedelta

import pytest

from campaigns.errors import NotAllowed, NotFound
from campaigns.replay import replay
from campaigns.settings import Settings
from campaigns.stores import stores_at
from tests.campaigns.planning.service import DAY, Service, at, member, play, title

LATER = at(DAY + timedelta(days=30))
ROWS = {"rows": {"arms": {"personal": 0.5, "popular": 0.5}}}


@pytest.fixture(scope="module")
def mailed(module_database, tmp_path_factory):
    """A campaign of one day whose members in one arm all come back, and none in the other; to be read alone."""
    settings = Settings(home=tmp_path_factory.mktemp("replay"), _env_file=None, database_url=module_database.url)
    return day_of_mails(stores_at(settings, module_database.url))


def day_of_mails(stores):
    service = Service(stores)
    ids = [f"m{n:03}" for n in range(240)]
    art = [
        {"artwork_id": f"t{n}-{style}", "title_id": f"t{n}", "url": "https://a.example/x", "alt": "x", "style": style}
        for n in range(12)
        for style in ("faces", "action")
    ]
    service.has(members=[member(m) for m in ids], titles=[title(f"t{n}") for n in range(12)], artworks=art)
    service.campaign(experiments=ROWS, holdout={"share": 0.2})
    service.day()
    service.do("UPDATE messages SET state = 'sent', sent_at = due_at WHERE arm = 'mailed'")
    service.has(plays=[_back(m) for m in service.messages() if _arm(service, m) == "personal"])
    return service


def _back(message):
    """A play of the hero, two hours later."""
    return play(message["member_id"], message["content"]["hero"]["title_id"], message["due_at"] + timedelta(hours=2))


def _arm(service, message):
    return service.entries()[message["member_id"]]["arms"]["rows"] if message["arm"] == "mailed" else None


def test_an_arm_for_all_would_have_won_what_its_members_did(mailed):
    everyone = replay(mailed.stores, "autumn", "rows=personal", LATER)
    nobody = replay(mailed.stores, "autumn", "rows=popular", LATER)
    assert everyone.estimate.value == pytest.approx(1)
    assert nobody.estimate.value == pytest.approx(0)
    assert 0.35 < everyone.logged < 0.65
    assert everyone.choices == sum(m["arm"] == "mailed" for m in mailed.messages())


def test_pictures_drawn_evenly_are_what_they_were_while_nothing_was_known(mailed):
    found = replay(mailed.stores, "autumn", "pictures=evenly", LATER)
    assert found.estimate.value == pytest.approx(found.logged)
    assert found.estimate.low < found.logged < found.estimate.high
    assert found.weights.mean == pytest.approx(1)


def test_members_who_play_all_or_nothing_are_evidence_by_the_member_and_not_by_the_picture(mailed):
    sent = [m for m in mailed.messages() if m["arm"] == "mailed"]
    back = [m for m in sent if _arm(mailed, m) == "personal"]
    picks = [(m, pick["title_id"]) for m in back for row in m["content"]["rows"] for pick in row["picks"]]
    mailed.has(plays=[play(m["member_id"], t, m["due_at"] + timedelta(hours=3)) for m, t in picks])
    found = replay(mailed.stores, "autumn", "pictures=evenly", LATER)
    width = 2 * 1.96 * (found.logged * (1 - found.logged) / len(sent)) ** 0.5
    assert found.estimate.high - found.estimate.low == pytest.approx(width, rel=0.15)


def test_rows_drawn_evenly_are_what_they_were_while_nothing_was_known(mailed):
    found = replay(mailed.stores, "autumn", "order=evenly", LATER)
    assert found.of == "rows shown"
    assert found.estimate.value == pytest.approx(found.logged)
    assert replay(mailed.stores, "autumn", "order=learnt", LATER).choices == found.choices


def test_what_popularity_weighs_is_judged_by_comebacks_from_the_first_day(mailed):
    arms = [replay(mailed.stores, "autumn", f"popularity={arm}", LATER) for arm in ("as_predicted", "beyond_popular")]
    assert arms[0].choices == arms[1].choices == sum(m["arm"] == "mailed" for m in mailed.messages())
    assert all(found.estimate.low < found.logged < found.estimate.high for found in arms)


def test_what_half_of_the_log_teaches_is_judged_on_the_other_half(stores):
    mailed = day_of_mails(stores)
    before = replay(mailed.stores, "autumn", "pictures=evenly", LATER).choices
    assert (
        replay(mailed.stores, "autumn", "pictures=learnt", LATER).choices == before
    )  # of one day: learnt from nothing
    mailed.has(members=[member(f"n{n:03}") for n in range(40)])
    mailed.day(DAY + timedelta(days=2))
    mailed.do("UPDATE messages SET state = 'sent', sent_at = due_at WHERE arm = 'mailed'")
    whole = replay(mailed.stores, "autumn", "pictures=evenly", LATER).choices
    found = replay(mailed.stores, "autumn", "pictures=learnt", LATER)
    assert found.choices == whole - before
    assert found.estimate.low <= found.estimate.value <= found.estimate.high


def test_a_policy_that_the_log_does_not_know_is_refused_by_name(mailed):
    for policy, why in [
        ("rows=random", "there are rows=personal, rows=popular"),
        ("subject=title", "no experiment on subject"),
        ("hour=9", "write one of subject, rows, artwork"),
        ("pictures=best", "pictures=evenly and pictures=learnt"),
        ("order=best", "order=evenly and order=learnt"),
    ]:
        with pytest.raises(NotFound, match=why):
            replay(mailed.stores, "autumn", policy, LATER)


def test_a_log_that_is_too_short_says_nothing(mailed):
    with pytest.raises(NotAllowed, match="holds 0 choices"):
        replay(mailed.stores, "autumn", "rows=personal", at(DAY + timedelta(days=2)))
