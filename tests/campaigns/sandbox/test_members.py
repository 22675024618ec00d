import numpy as np
import polars as pl
import pytest

from campaigns.intake.checks import check
from campaigns.intake.rows import ROW
from campaigns.sandbox.draws import Draws
from campaigns.sandbox.members import member_id, members, members_table, number_of
from campaigns.sandbox.places import COUNTRIES
from scoring.contracts import MEMBERS

MANY = np.arange(20_000)


@pytest.fixture(scope="module")
def everyone():
    return members(Draws(0), MANY)


@pytest.fixture(scope="module")
def table(everyone):
    cancelled = pl.Series([None] * len(MANY), dtype=pl.Int64)
    return members_table(Draws(0), everyone, np.full(len(MANY), 1_700_000_000_000_000), cancelled)


def test_who_a_member_is_depends_on_nobody_else(everyone):
    alone = members(Draws(0), np.array([12_345]))
    for name, values in vars(alone).items():
        assert np.array_equal(values[0], getattr(everyone, name)[12_345]), name


def test_every_row_is_as_the_import_contract_wants_it(table):
    assert check(MEMBERS, table.with_row_index(ROW)).faults.is_empty()


def test_ids_and_addresses_tell_the_number(table):
    assert number_of(member_id(MANY)).tolist() == MANY.tolist()
    told = table["email"].str.extract(r"\.(\d+)@lumen\.example$").cast(pl.Int64)
    assert (told.is_null() | (told == pl.Series(MANY))).all()
    assert told.null_count() == pytest.approx(200, abs=60)


def test_names_zones_and_languages_fit_the_country(table):
    for country in COUNTRIES:
        theirs = table.filter(country=country.code)
        assert theirs.height == pytest.approx(country.share * len(MANY), abs=4 * np.sqrt(len(MANY) * country.share))
        assert set(theirs["given_name"]) <= set(country.names)
        assert set(theirs["timezone"]) == set(country.zones)
        assert set(theirs["language"]) <= set(country.languages)


def test_one_member_in_eight_is_put_off_and_mails_pull_the_others(everyone):
    assert 0.10 < everyone.put_off.mean() < 0.15
    assert (everyone.mail[everyone.put_off] == 0).all()
    assert (everyone.mail[~everyone.put_off] > 0).all()


def test_what_a_mail_does_is_not_told_by_who_comes_back_anyway(everyone):
    pulled = ~everyone.put_off
    assert abs(np.corrcoef(np.log(everyone.back[pulled]), np.log(everyone.mail[pulled]))[0, 1]) < 0.4


def test_tastes_differ_and_lead_to_styles(everyone):
    top = everyone.taste.max(axis=1)
    assert 0.3 < np.median(top) < 0.6
    action, documentary = everyone.taste[:, 2] > 0.5, everyone.taste[:, 5] > 0.5
    assert everyone.styles[action, 1].mean() > 1.15 * everyone.styles[documentary, 1].mean()
    assert np.quantile(everyone.styles, [0.05, 0.95]) == pytest.approx([0.68, 1.4], abs=0.08)
