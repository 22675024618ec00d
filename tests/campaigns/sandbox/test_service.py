import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import numpy as np
import polars as pl
import pytest

from campaigns.errors import NotAllowed, NotFound, RefusedFile
from campaigns.intake import import_folder
from campaigns.sandbox import SHOWN, Service
from campaigns.standin import Mail
from scoring.lake.store import Lake
from scoring.lake.writer import Counts
from scoring.winback.labels import comebacks

START = date(2026, 12, 1)
NONE = pl.DataFrame(schema=SHOWN)


def built(folder, seed=0, members=1_500):
    return Service.build(folder, members=members, seed=seed, start=START)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service on its first morning; not to be lived."""
    return built(tmp_path_factory.mktemp("service") / "lumen", members=12_000)


def fingerprints(folder):
    return {path.relative_to(folder): sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.parquet")}


def mails_to(service, count, day=START, campaign="autumn"):
    chosen = service.oracle(day, count)
    page = "".join(f'<img src="https://artwork.lumen.example/t{number:04}/faces.png">' for number in range(4))
    return [
        Mail(
            message_id=f"id-{member}",
            received_at=datetime(2026, 1, 1, tzinfo=UTC),
            sent_so_far=1,
            sender="Lumen <hello@lumen.example>",
            to=(f"ana.{int(member[1:])}@lumen.example",),
            subject="Back",
            html=page,
            text=None,
            headers={},
            tags={"message": f"m-{member}", "run": day.isoformat(), "campaign": campaign, "due": f"{day}T1800Z"},
        )
        for member in chosen
    ]


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        one = built(tmp_path / name, seed, members=500)
        one.live(START, mails_to(one, 20))
    assert fingerprints(tmp_path / "a") == fingerprints(tmp_path / "b")
    other, first = fingerprints(tmp_path / "c"), fingerprints(tmp_path / "a")
    assert not [path for path in first if path.name != "title_names.parquet" and first[path] == other.get(path)]


def test_the_import_takes_every_row_of_every_day(tmp_path):
    service = built(tmp_path / "lumen")
    days = [service.live(START, mails_to(service, 50)), service.live(START + timedelta(days=1), [])]
    for place, folder in enumerate([service.start_folder, *days]):
        report = import_folder(
            folder,
            lake=Lake(tmp_path / "lake"),
            contacts=lambda _: Counts(0, 0),
            as_of=datetime(2026, 12, 1 + place, tzinfo=UTC),
            quarantine=tmp_path / "quarantine",
        )
        assert not report.refused
        for file in report.files:
            assert (file.set_aside, file.ignored_columns) == (0, ())
            assert file.rows == file.new + file.changed > 0


def test_half_have_lapsed_and_members_have_fifty_plays(service):
    plays = pl.read_parquet(service.start_folder / "plays.parquet")
    last = plays.group_by("member_id").agg(last=pl.col("played_at").max())
    quiet = (datetime(2026, 12, 1, tzinfo=UTC) - last["last"].dt.replace_time_zone("UTC")).dt.total_days()
    assert 0.4 < (quiet >= 14).mean() < 0.55
    assert 0.3 < quiet.is_between(30, 365).mean() < 0.5
    assert 40 < plays.height / 12_000 < 60


def test_the_earlier_system_held_out_half_and_caused_some_comebacks(service):
    start = service.start_folder
    mailings = pl.read_parquet(start / "mailings.parquet")
    assert (mailings["arm"] == "holdout").mean() == pytest.approx(0.5, abs=0.03)
    assert mailings["propensity"].unique().to_list() == [0.5]
    since = pl.col("run_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    asked = mailings.with_columns(since=since, until=since + pl.duration(days=7))
    judged = comebacks(asked, pl.scan_parquet(start / "plays.parquet"), pl.scan_parquet(start / "outcomes.parquet"))
    rates = dict(judged.group_by("arm").agg(rate=pl.col("came_at").is_not_null().mean()).iter_rows())
    assert 0.025 < rates["holdout"] < 0.055
    known = service.truth("newsletter")
    assert 0.005 < known.difference < 0.015
    spread = 3 * np.sqrt(2 * 0.045 / (mailings.height / 2))
    assert rates["mailed"] - rates["holdout"] == pytest.approx(known.difference, abs=spread)


def test_effects_are_in_their_intended_ranges(service):
    lapsed = service.effects(START).filter(pl.col("inactive_days").is_between(30, 365))
    best = lapsed.sort("effect", descending=True).head(lapsed.height // 2)
    assert 0.03 < lapsed["p_unmailed"].mean() < 0.042
    assert 0.012 < lapsed["effect"].mean() < 0.028
    assert 0.03 < best["effect"].mean() < 0.05
    assert 0.09 < (lapsed["effect"] < 0).mean() < 0.16
    assert lapsed.sort("p_unmailed", descending=True).head(best.height)["effect"].mean() < 0.7 * best["effect"].mean()


def test_the_oracle_names_the_largest_effects_among_those_who_may_be_chosen(service):
    chosen = service.oracle(START, 100)
    effects = service.effects(START).filter(pl.col("inactive_days").is_between(30, 365))
    assert chosen.to_list() == effects.sort("effect", descending=True).head(100)["member_id"].to_list()
    assert not set(service.oracle(START, 100, without=chosen)) & set(chosen)


def test_mails_in_another_order_give_the_same_day(tmp_path):
    services = [built(tmp_path / name) for name in ("a", "b")]
    mails = mails_to(services[0], 80)
    shuffled = [*mails, *mails[:5]]
    random.Random(0).shuffle(shuffled)
    for service, given in zip(services, (mails, shuffled), strict=True):
        service.live(START, given)
    assert fingerprints(tmp_path / "a") == fingerprints(tmp_path / "b")


def test_who_was_not_mailed_lives_the_same_life(tmp_path):
    mailed, quiet = (built(tmp_path / name) for name in ("a", "b"))
    mails = mails_to(mailed, 100)
    ids = [f"m{int(mail.to[0].split('@')[0].split('.')[1]):07}" for mail in mails]
    for day in range(3):
        lived = [one.live(START + timedelta(days=day), given) for one, given in ((mailed, mails), (quiet, []))]
        plays = [pl.read_parquet(folder / "plays.parquet").filter(~pl.col("member_id").is_in(ids)) for folder in lived]
        assert plays[0].equals(plays[1])


def test_another_process_goes_on_where_one_stopped(tmp_path):
    through, stopped = (built(tmp_path / name, members=1_000) for name in ("a", "b"))
    mails = mails_to(through, 30)
    for day in (START, START + timedelta(days=1)):
        through.live(day, mails)
        Service(stopped.folder).live(day, mails)
    assert fingerprints(tmp_path / "a") == fingerprints(tmp_path / "b")
    assert Service(stopped.folder).next_day == START + timedelta(days=2)


def test_a_day_is_lived_once_and_none_is_left_out(tmp_path):
    service = built(tmp_path / "lumen", members=500)
    folder = service.live(START, mails_to(service, 20))
    before = fingerprints(service.folder)
    assert service.live(START, []) == folder
    assert fingerprints(service.folder) == before
    with pytest.raises(NotAllowed, match="2026-12-02"):
        service.live(START + timedelta(days=5), [])


def test_mails_of_later_days_wait_and_late_ones_are_taken_up(tmp_path):
    service = built(tmp_path / "lumen", members=500)
    mails = mails_to(service, 20)
    tomorrow = [replace(mail, tags={**mail.tags, "run": "2026-12-02"}) for mail in mails[:8]]
    service.live(START, [*tomorrow, *mails[8:15]])
    assert service.truth("autumn").mailed == 7
    service.live(START + timedelta(days=1), [*tomorrow, *mails[8:]])
    assert service.truth("autumn").mailed == 20
    assert service.campaigns() == ["autumn", "newsletter"]


def test_mails_win_what_the_truth_says_they_win(tmp_path):
    service = built(tmp_path / "lumen", members=3_000)
    effects = service.effects(START).filter(pl.col("inactive_days").is_between(30, 365))
    best = effects.sort(-pl.col("effect"), "member_id").head(200)
    service.live(START, mails_to(service, 200))
    told = service.truth("autumn")
    assert told.mailed == 200
    assert told.members["member_id"].to_list() == sorted(best["member_id"])
    assert told.incremental == pytest.approx(best["effect"].sum() * told.members["fit"].mean(), rel=0.25)


def test_a_service_is_not_built_over_another_nor_found_where_there_is_none(tmp_path):
    built(tmp_path / "lumen", members=100)
    with pytest.raises(RefusedFile, match="holds a service already"):
        built(tmp_path / "lumen", members=100)
    with pytest.raises(NotFound, match="encore sandbox build"):
        Service(tmp_path / "nowhere")
