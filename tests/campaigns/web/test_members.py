"""Members as requests ask for them."""

import polars as pl
import pytest

from campaigns.web.members import PLAYED, Members, OneMembersLake
from scoring.tastes import tastes
from tests.campaigns.planning.service import member, play
from tests.campaigns.web.conftest import NOW

TIME = pl.Datetime("us", "UTC")


@pytest.fixture
def lake(service):
    return service.stores.lake


@pytest.fixture
def members(lake):
    return Members.of(lake.at("members", NOW).collect(), lake.scan("plays"))


def test_each_member_is_found_with_exactly_their_own_plays(lake, members):
    plays = lake.scan("plays").filter(pl.col("played_at") < NOW).collect()
    for member_id in ["ana", *(f"m{n}" for n in range(30))]:
        found = members.find(member_id, NOW)
        assert found.known
        theirs = plays.filter(pl.col("member_id") == member_id).select(list(PLAYED))
        assert found.plays.sort(list(PLAYED)).equals(theirs.sort(list(PLAYED)))


def test_nobody_is_found_before_between_and_behind_the_known(members):
    for member_id in ("", "a", "m", "m00", "zz", "ana ", "é"):
        found = members.find(member_id, NOW)
        assert (found.known, found.country, found.plays.height) == (False, None, 0)
        assert found.plays.schema == pl.Schema(PLAYED)


def test_plays_from_the_moment_on_are_not_known(service):
    service.has(plays=[play("ana", "t3", NOW)])
    lake = service.stores.lake
    found = Members.of(lake.at("members", NOW).collect(), lake.scan("plays")).find("ana", NOW)
    assert "t3" not in found.plays["title_id"].to_list()


def test_without_members_and_plays_nobody_is_found(stores):
    lake = stores.lake
    found = Members.of(lake.at("members", NOW).collect(), lake.scan("plays")).find("ana", NOW)
    assert (found.known, found.plays.height) == (False, 0)


def test_someone_who_only_played_is_not_known_and_their_plays_are(service):
    service.has(plays=[play("stranger", "t3", NOW.replace(year=NOW.year - 1))])
    lake = service.stores.lake
    found = Members.of(lake.at("members", NOW).collect(), lake.scan("plays")).find("stranger", NOW)
    assert (found.known, found.plays.height) == (False, 1)


@pytest.mark.parametrize("member_id", ["ana", "m3", "fresh"])
def test_the_lake_of_one_member_says_of_their_taste_what_the_whole_lake_says(service, member_id):
    service.has(members=[member("fresh")])
    lake = service.stores.lake
    members = Members.of(lake.at("members", NOW).collect(), lake.scan("plays"))
    one = OneMembersLake(members.find(member_id, NOW), lake.at("titles", NOW).collect())
    moment = pl.DataFrame({"member_id": [member_id], "at": [NOW]}, schema={"member_id": pl.String, "at": TIME})
    assert tastes(one, moment).equals(tastes(lake, moment))
