"""What of the incoming rows is new or changed, in DuckDB's SQL: set operations that spill to disk, never to memory.

The queries read two views, `incoming` (the rows handed over, keys distinct) and `known` (the live parts), and make
the table `fresh`: the rows to be written, with `was_known`, true where the lake had the key. All names in them come
from the contract, never from a file.
"""

# ruff: noqa: S608 - names in these queries come from the contract, paths are quoted, values bound or made here

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from scoring.contracts import Table
from scoring.lake.schema import IMPORT_NO, VALID_FROM, value_schema
from scoring.lake.sql import names

BEGINNING = "TIMESTAMPTZ '1970-01-01 00:00:00+00'"


def changed_by_key(table: Table) -> str:
    """Rows whose key is not known, or known with other values."""
    return f"""
        CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT i.*, k.was_known IS NOT NULL AS was_known
          FROM incoming i LEFT JOIN (SELECT *, true AS was_known FROM known) k USING ({_key(table)})
         WHERE k.was_known IS NULL OR {_differs(table, "i", "k")}"""


def changed_versions(table: Table, as_of: datetime, import_no: int) -> str:
    """Rows that differ from the version in force at the time from which they would hold.

    A key's first version holds from the table's `versioned_from`, else from the beginning of time; a later one from
    the last moment before `as_of`, but never before the first. Of versions from one time the later import is in force.
    """
    key = _key(table)
    later = f"TIMESTAMPTZ '{as_of.isoformat()}' - INTERVAL 1 MICROSECOND"
    first = f'coalesce(i."{table.versioned_from}", {BEGINNING})' if table.versioned_from else BEGINNING
    return f"""
        CREATE OR REPLACE TEMP TABLE fresh AS
        WITH firsts AS (SELECT {key}, min({VALID_FROM}) AS first FROM known GROUP BY {key}),
             dated AS (SELECT i.*, f.first IS NOT NULL AS was_known, {import_no}::BIGINT AS {IMPORT_NO},
                              CASE WHEN f.first IS NULL THEN {first} ELSE greatest(f.first, {later}) END AS {VALID_FROM}
                         FROM incoming i LEFT JOIN firsts f USING ({key})),
             in_force AS (SELECT k.* FROM dated d JOIN known k USING ({key}) WHERE k.{VALID_FROM} <= d.{VALID_FROM}
                         QUALIFY row_number() OVER (PARTITION BY {_key(table, "k")}
                                                    ORDER BY k.{VALID_FROM} DESC, k.{IMPORT_NO} DESC) = 1)
        SELECT d.* FROM dated d LEFT JOIN in_force k USING ({key})
         WHERE NOT d.was_known OR {_differs(table, "d", "k")}"""


def parts_with(table: Table) -> str:
    """The files that hold a key which a row of `fresh` replaces."""
    return f"SELECT DISTINCT filename FROM known_files SEMI JOIN (FROM fresh WHERE was_known) USING ({_key(table)})"


def rest_of(table: Table) -> str:
    """The rows of the view `part` that no row of `fresh` replaces."""
    return f"SELECT * FROM part ANTI JOIN (FROM fresh WHERE was_known) USING ({_key(table)})"


def slices(column: str, cuts: Sequence[datetime]) -> Iterator[str]:
    """Conditions that cut time at the cuts: up to the first, between them, from the last on."""
    times = [f"TIMESTAMPTZ '{cut.isoformat()}'" for cut in sorted(set(cuts))]
    yield f'"{column}" < {times[0]}'
    for start, end in pairwise(times):
        yield f'"{column}" >= {start} AND "{column}" < {end}'
    yield f'"{column}" >= {times[-1]}'


def _key(table: Table, alias: str = "") -> str:
    return names(table.key, alias)


def _differs(table: Table, left: str, right: str) -> str:
    values = [column for column in value_schema(table) if column not in table.key]
    told = [f'{left}."{value}" IS DISTINCT FROM {right}."{value}"' for value in values]
    return f"({' OR '.join(told) or 'false'})"
