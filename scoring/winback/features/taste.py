"""Which titles: how many, of which genres, watched how far."""

from __future__ import annotations

import ibis
from ibis import _

from scoring.winback.features.tables import Frame, Value, mixture, ranked


def versions(titles: Frame) -> Frame:
    """The titles' versions, each with the time `until` which it is in force; null: still."""
    newer = ibis.window(group_by="title_id", order_by=["valid_from", "import_no"])
    kept = ("title_id", "genres", "countries", "added_at", "leaves_at", "minutes", "valid_from")
    return titles.select(*kept, until=_.valid_from.lead().over(newer))


def in_force(version: Frame, at: Value) -> Value:
    """Whether a version is the newest known at a moment."""
    return (version.valid_from < at) & (version.until.isnull() | (version.until >= at))


def titles_played(asked: Frame, plays: Frame, versions: Frame) -> Frame:
    """The titles each member has played: question, n, minutes `watched` and `length` of the title, genres."""
    counts = plays.group_by("question", "title_id").agg(n=_.count(), watched=_.minutes.sum())
    played = counts.join(asked.select("question", "at"), "question")
    told = versions.select("title_id", "genres", "valid_from", "until", length="minutes")
    known = [played.title_id == told.title_id, in_force(told, played["at"])]
    return played.left_join(told, known).select("question", "n", "watched", "length", "genres")


def completion(played: Frame) -> Frame:
    """How many titles, and how much of them was watched."""
    share = _.watched / _.length.nullif(0)
    whole = ibis.ifelse(share > 1, 1.0, share)  # not `least`, to which an unknown share is 1
    return played.group_by("question").agg(titles_lifetime=_.count(), completion=whole.mean())


def genres_played(played: Frame) -> Frame:
    """How often each genre was played: question, genre, n, place (0: most)."""
    told = played.select("question", "n", genre=_.genres.unnest())
    return ranked(told.group_by("question", "genre").agg(n=_.n.sum()), "genre")


def taste(genres: Frame) -> Frame:
    """Which genres, how many, and how much the first of them weigh."""
    return genres.group_by("question").agg(
        genres_lifetime=_.count(),
        genre_breadth=mixture(_.n),
        top_genre=_.genre.max(where=_.place == 0),
        top_genre_share=_.n.max() / _.n.sum(),
        second_genre_share=_.n.sum(where=_.place == 1).fill_null(0) / _.n.sum(),
    )
