"""Every random draw: by hash, never from a generator's stream.

A draw is a number in [0, 1) made from the text of its parts, so that shards, clusters, restarts and order give the same
one, and so that anyone can draw it again from the log. The hash is the first 60 bits of MD5: the only one that Python,
DuckDB, Spark and PostgreSQL all have built in, and 60 bits fit a signed 64-bit number in each of them.

Parts are joined with ":". Put the salt first and ids that Encore did not make last: an id may hold a colon itself. Ids
count exactly as they are stored: no trimming, padding or change of case. Two layers never share a salt: with one salt
their arms would coincide.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from typing import Literal, TypeAlias

import duckdb
import numpy as np
import polars as pl

from scoring.errors import BadData

Part: TypeAlias = str | int | date
Engine: TypeAlias = Literal["duckdb", "spark", "postgresql"]

_BITS = 60
_LARGEST = math.nextafter(1.0, 0.0)  # the last few hashes would round to 1.0, which is no draw
_SQL: Mapping[Engine, str] = {
    "duckdb": "CAST('0x' || substr(md5({0}), 1, 15) AS BIGINT)",
    "spark": "CAST(conv(substr(md5(encode({0}, 'utf-8')), 1, 15), 16, 10) AS BIGINT)",
    "postgresql": "CAST(CAST('x' || substr(md5({0}), 1, 15) AS bit(60)) AS bigint)",  # of a UTF-8 database
}


def first60(text: str) -> int:
    """The first 60 bits of the MD5 of `text` in UTF-8, as a number in [0, 2**60).

    >>> first60("exp1:m0000001")
    533663725228587521
    """
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)


def uniform(*parts: Part) -> float:
    """A draw in [0, 1) that belongs to `parts`.

    >>> round(uniform("exp1", "m0000001"), 6)
    0.462879
    """
    return _unit(first60(joined(*parts)))


def bucket(*parts: Part, of: int = 10_000) -> int:
    """One of `of` equal buckets, 0 the first, in whole numbers throughout.

    >>> bucket("layer7", 42)
    9524
    """
    return first60(joined(*parts)) * of >> _BITS


def joined(*parts: Part) -> str:
    """The text that is hashed for `parts`; dates as ISO 8601.

    >>> joined("holdout", date(2026, 12, 1), "m1")
    'holdout:2026-12-01:m1'
    """
    return ":".join(map(str, parts))


def below(share: float) -> int:
    """The hash below which a `share` of all hashes lie: those, and no others, whose draw is less than the share.

    For SQL, which then compares whole numbers. BadData where the share is not from 0 to 1.

    >>> first60("exp1:m0000001") < below(0.4), uniform("exp1", "m0000001") < 0.4
    (False, False)
    """
    if not 0 <= share <= 1:
        raise BadData("share", f"{share!r} is out of range", "give a number from 0 to 1")
    threshold: int = math.ceil(share * 2**_BITS)
    while threshold and _unit(threshold - 1) >= share:  # hashes that round up to the share: at most 64
        threshold -= 1
    return threshold


def arm_of(u: float, arms: Mapping[str, float]) -> str:
    """The arm that a draw `u` in [0, 1) falls into; shares add up to 1. BadData where they don't.

    Arms are laid out by name, so that it makes no difference in which order a file or a database hands them over.

    >>> arm_of(0.95, {"mailed": 0.9, "holdout": 0.1})
    'mailed'
    """
    names, ends = _laid_out(arms)
    return names[bisect_right(ends, _draw(u))]


def arms_of(u: pl.Series, arms: Mapping[str, float]) -> pl.Series:
    """`arm_of` for a whole series of draws, in the same order.

    >>> arms_of(pl.Series("u", [0.05, 0.95]), {"mailed": 0.9, "holdout": 0.1}).to_list()
    ['holdout', 'mailed']
    """
    names, ends = _laid_out(arms)
    draws = u.to_numpy()
    if not np.all((draws >= 0) & (draws < 1)):  # a null arrives as NaN
        raise BadData("u", "a draw is missing or outside [0, 1)", "draw with uniforms()")
    places = np.searchsorted(np.array(ends), draws, side="right")
    return pl.Series("arm", np.array(names, dtype=object)[places], dtype=pl.String)


def uniforms(ids: pl.Series | pl.DataFrame, salt: str) -> pl.Series:
    """`uniform(salt, id)` for every id, in the same order, computed by DuckDB: about .4 µs each.

    A frame's columns are joined in order: `uniform(salt, first, second, …)`. Ids are text, whole numbers or dates, none
    of them missing; BadData otherwise.

    >>> uniforms(pl.Series("member_id", ["m0000001"]), "exp1").round(6).to_list()
    [0.462879]
    """
    units = first60s(ids, salt).cast(pl.Float64) / 2.0**_BITS
    return units.clip(upper_bound=_LARGEST).rename("u")


def first60s(ids: pl.Series | pl.DataFrame, salt: str) -> pl.Series:
    """`first60` of salt and id for every id, in the same order, as Int64; to compare with `below(share)`."""
    texts = pl.DataFrame({"text": _texts(ids, salt)}).to_arrow()
    with duckdb.connect() as connection:
        hashed: pl.DataFrame = connection.from_arrow(texts).project(f"{sql('duckdb', 'text')} AS h").pl()
    return hashed["h"]


def sql(engine: Engine, expression: str) -> str:
    """The SQL of `first60` over a text `expression`, as a BIGINT; the same on every engine.

    >>> sql("postgresql", "'exp1:' || member_id")
    "CAST(CAST('x' || substr(md5('exp1:' || member_id), 1, 15) AS bit(60)) AS bigint)"
    """
    if engine not in _SQL:
        raise BadData("engine", f"{engine!r} is not known", f"give one of {', '.join(_SQL)}")
    return _SQL[engine].format(expression)


def _unit(hashed: int) -> float:
    """The hash as a number in [0, 1), rounded as every engine rounds it."""
    return min(hashed / float(2**_BITS), _LARGEST)


def _draw(u: float) -> float:
    if not 0 <= u < 1:
        raise BadData("u", f"{u!r} is not in [0, 1)", "draw with uniform()")
    return u


def _laid_out(arms: Mapping[str, float]) -> tuple[list[str], list[float]]:
    """The arms that have a share, by name, and where each but the last ends: the last takes what rounding leaves."""
    whole = math.isclose(math.fsum(arms.values()), 1, abs_tol=1e-6)
    if not (whole and all(share >= 0 for share in arms.values())):
        raise BadData("arms", f"{dict(arms)} do not add up to 1", "give each arm a share, or leave it out")
    names = sorted(name for name, share in arms.items() if share > 0)
    return names, list(accumulate(arms[name] for name in names[:-1]))


def _texts(ids: pl.Series | pl.DataFrame, salt: str) -> pl.Series:
    frame = ids.to_frame() if isinstance(ids, pl.Series) else ids
    for column in frame.iter_columns():
        _check_ids(column)
    return frame.select(text=pl.concat_str(pl.lit(salt), pl.all().cast(pl.String), separator=":"))["text"]


def _check_ids(column: pl.Series) -> None:
    kind = column.dtype
    if not (kind in (pl.String, pl.Categorical, pl.Enum, pl.Date) or kind.is_integer()):
        raise BadData(column.name, f"{kind} can be no id", "give text, whole numbers or dates")
    if column.null_count():
        raise BadData(column.name, f"{column.null_count()} ids are missing", "leave those rows out")
