"""What a member may see now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from campaigns.definition import Titles
from campaigns.web.members import Member
from campaigns.web.memory import Held, facts_of
from campaigns.web.ranking import Viewer

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAYS = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days)))
COUNTRIES = st.lists(st.sampled_from(["GB", "BR", "DE"]), max_size=2, unique=True)
MATURITY = st.sampled_from(["all", "16+", None])
TITLE = st.tuples(COUNTRIES, DAYS, DAYS, MATURITY)
RULES = st.builds(Titles, block=st.sampled_from([(), ("t1", "t3")]), maturity=st.sampled_from([(), ("all",)]))
TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "title_id": pl.String,
    "countries": pl.List(pl.String),
    "added_at": TIME,
    "leaves_at": TIME,
    "maturity": pl.String,
}


def held(titles):
    rows = [(f"t{n}", *title) for n, title in enumerate(titles)]
    frame = pl.DataFrame(rows, SCHEMA, orient="row")
    others = dict.fromkeys(set(Held.__dataclass_fields__) - {"titles", "facts", "popular"})
    return Held(titles=frame, facts=facts_of(frame), popular={}, **others)


@given(st.lists(TITLE, max_size=30), st.sampled_from(["GB", "BR", None]), RULES)
def test_exactly_what_is_there_and_allowed_may_be_seen(titles, country, rules):
    asked = [f"t{n}" for n in range(len(titles))]
    viewer = Viewer(held(titles), Member("m", NOW, country=country), rules)
    able, why = viewer.usable([*asked, "other", *asked])
    allowed = [
        f"t{n}"
        for n, (countries, added, leaves, maturity) in enumerate(titles)
        if (not countries or country in countries)
        and (added is None or added <= NOW)
        and (leaves is None or leaves > NOW)
        and (not rules.maturity or maturity in rules.maturity)
        and f"t{n}" not in rules.block
    ]
    levels = [(title, told[-1]) for title, told in zip(asked, titles, strict=True)]
    assert able == allowed
    assert set(why) == {*asked, "other"} - set(allowed)
    assert why["other"] == "unknown"
    named = {t: t not in rules.block and (not rules.maturity or maturity in rules.maturity) for t, maturity in levels}
    assert {title: viewer.may_name(title) for title in [*asked, "other"]} == named | {"other": False}


def test_where_there_are_no_titles_there_is_no_best_one():
    nothing = held([])
    titles = nothing.titles.with_columns(minutes=pl.lit(None, pl.Float64))
    assert Viewer(replace(nothing, titles=titles), Member("m", NOW)).best(5) == []
