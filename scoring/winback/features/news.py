"""What is new since a member left, may be shown where they are, and fits them."""

from __future__ import annotations

import ibis
from ibis import _

from scoring.winback.features.listed import FITTING, NEW
from scoring.winback.features.tables import DAY, Frame, seconds
from scoring.winback.features.taste import in_force

ANY = "|"  # in place of a genre, for titles of every genre: in files this joins genres, so none is called so
NOWHERE = ""  # in place of a country, for members of whom it is not known
SHELF = ("at", "country", "genre")  # on which titles are counted
COLUMNS = (*SHELF, "second", "n", "question", "place", "weight")


def new_titles(asked: Frame, versions: Frame, last_plays: Frame, genres: Frame) -> Frame:
    """How many titles were added since the last play: of all, and of the genres played most.

    Titles and members stand on each shelf in the order of time, and members count the titles that came after them: so
    the work grows with titles plus members, not with their product.
    """
    row = _added(asked, versions).union(_looking(asked, last_plays, genres))
    order = [ibis.desc("second"), "n"]  # a title added in the very second of the last play is not new
    after = _.n.sum().over(ibis.cumulative_window(group_by=SHELF, order_by=order))
    counted = row.mutate(after=after).filter(_.question.notnull())
    return counted.group_by("question").agg(
        new_titles=_.after.max(where=_.genre == ANY),
        new_in_top_genre=_.after.max(where=_.place == 0),
        new_fit=(_.after * _.weight).sum() / _.weight.sum(),
    )


def _looking(asked: Frame, last_plays: Frame, genres: Frame) -> Frame:
    """Each member, since the last play or else sign-up, on the shelf of all genres and on those played most."""
    since = seconds(ibis.coalesce(_.last_play_at, _.signed_up_at))
    left = asked.left_join(last_plays, "question").select("question", "at", country=_country(), second=since, n=_int(0))
    anything = left.mutate(genre=ibis.literal(ANY), place=_int(None), weight=_int(None))
    first = genres.filter(_.place < FITTING).select("question", "genre", "place", weight="n")
    return anything.select(COLUMNS).union(left.join(first, "question").select(COLUMNS))


def _added(asked: Frame, versions: Frame) -> Frame:
    """Each title added lately, in every country where it may be shown, on the shelves of all genres and of its own."""
    moments = asked.select("at", country=_country()).distinct()
    known = versions.cross_join(asked.select("at").distinct()).filter(in_force(_, _.at))
    lately = known.filter(_.added_at < _.at, seconds(_.at) - seconds(_.added_at) < NEW * DAY)
    there = lately.filter(_.leaves_at.isnull() | (_.leaves_at > _.at))
    genre = _.genres.concat(ibis.array([ANY])).unnest()
    kept = there.select("at", "countries", second=seconds(_.added_at), genre=genre)
    everywhere = kept.filter(_.countries.length() == 0).join(moments, "at")
    somewhere = kept.mutate(country=_.countries.unnest())
    titles = {"n": _int(1), "question": _int(None), "place": _int(None), "weight": _int(None)}
    return everywhere.mutate(**titles).select(COLUMNS).union(somewhere.mutate(**titles).select(COLUMNS))


def _country() -> Frame:
    return _.country.fill_null(NOWHERE)


def _int(value: int | None) -> Frame:
    return ibis.literal(value, "int64")
