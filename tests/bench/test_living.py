"""A world lived under a policy, as the demo's campaign would."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from bench.living import START, begun, live_day
from bench.policies import RANDOM, share_mailed
from flows import world
from scoring.targeting import MAILED
from scoring.winback.judgement import SHARE

pytestmark = pytest.mark.slow  # a world of its own


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A small world after a day, with an environment that says otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENCORE_TIMEZONE", "Asia/Tokyo")
        patch.setenv("ENCORE_QUIET_HOURS", "1-23")
        life = begun(tmp_path_factory.mktemp("world"), seed=0, members=600)
        able = life.eligible(life.run(START)).height
        assert share_mailed(life, life.run(START)) == SHARE
        live_day(life, RANDOM, START)
    return life, able


def test_the_environment_changes_nothing(lived):
    life, _ = lived
    assert life.run(START).cutoff == datetime(START.year, START.month, START.day, tzinfo=UTC)
    assert life.stores.settings.quiet_hours.start == 23


def test_the_campaign_is_the_demos_under_another_name(lived):
    asked = lived[0].run(START).asked
    assert asked.name == "world-0"
    assert asked.run.daily_budget == world.CAMPAIGN["run"]["daily_budget"]
    assert asked.holdout.share == world.CAMPAIGN["holdout"]["share"]
    assert asked.win_back.within_days == world.CAMPAIGN["win_back"]["within_days"]


def test_a_model_learns_for_the_share_that_is_really_chosen(lived):
    life, able = lived
    tomorrow = life.run(START + timedelta(days=1))
    assert life.able == [able]
    assert share_mailed(life, tomorrow) == pytest.approx(life.entries.height / able)
    assert 0 < life.entries.filter(pl.col("arm") == MAILED).height < life.entries.height
