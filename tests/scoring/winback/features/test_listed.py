"""The features' list, which models and rules go by."""

from pathlib import Path

import ibis
import pytest

from scoring.contracts import MEMBERS
from scoring.lake.schema import TABLES, lake_schema
from scoring.winback.features import ATTRIBUTES, CLOCKS, FEATURES, NAMES, PERIODS, snapshot
from scoring.winback.features.page import page
from scoring.winback.snapshot import MAILS, QUESTIONS, READ, query, tables


def test_every_feature_is_named_once_and_described():
    assert len(set(NAMES)) == len(NAMES)
    assert all(feature.about and feature.kind in ("number", "category") for feature in FEATURES)


def test_no_feature_is_an_identity_or_a_time():
    assert not {"member_id", "at", "email", "signed_up_at", "last_play_at"} & set(NAMES)


def test_every_period_has_its_feature():
    assert {f"plays_{days}d" for days in PERIODS} <= set(NAMES)


def test_attributes_are_columns_of_the_contract():
    assert set(ATTRIBUTES) <= set(MEMBERS.names)


def test_the_query_asks_for_every_feature_and_is_made_once():
    assert query() is query()
    assert all(f'"{name}"' in query() for name in NAMES)


@pytest.mark.parametrize("engine", ["snowflake", "trino"])
def test_the_same_expression_compiles_for_other_engines(engine):
    schemas = {name: lake_schema(TABLES[name]) for name in READ}
    schemas |= {"spine": QUESTIONS, "mails": MAILS, "clocks": CLOCKS}
    read = {name: ibis.table(ibis.Schema.from_polars(schema), name=name) for name, schema in schemas.items()}
    assert "days_since_play" in str(ibis.to_sql(snapshot(read["spine"], tables(read)), dialect=engine))


def test_the_page_of_the_documentation_is_made_from_the_list():
    told = Path(__file__).parents[4] / "docs" / "features.md"
    assert told.read_text(encoding="utf-8") == page(), "python -m scoring.winback.features > docs/features.md"
    assert all(f"| `{name}` |" in page() for name in NAMES)
