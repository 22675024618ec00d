"""One partition of messages a month."""

import threading
from datetime import date

import psycopg
import pytest

from campaigns.planning.partitions import ensure_month


def bounds(database):
    query = """
    SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class
     WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'messages'::regclass) ORDER BY 1
    """
    with database.connect() as connection:
        return dict(connection.execute(query).fetchall())


@pytest.fixture
def months(database):
    before = bounds(database)
    yield lambda: {name: bound for name, bound in bounds(database).items() if name not in before}
    with database.connect() as connection:
        for name in bounds(database).keys() - before.keys():
            connection.execute(f"DROP TABLE {name}")


@pytest.mark.parametrize(
    ("day", "name", "start", "end"),
    [
        (date(2031, 12, 1), "messages_2031_12", "2031-12-01", "2032-01-01"),
        (date(2031, 12, 31), "messages_2031_12", "2031-12-01", "2032-01-01"),
        (date(2031, 1, 31), "messages_2031_01", "2031-01-01", "2031-02-01"),
        (date(2032, 2, 29), "messages_2032_02", "2032-02-01", "2032-03-01"),
        (date(2031, 11, 30), "messages_2031_11", "2031-11-01", "2031-12-01"),
    ],
)
def test_a_day_falls_into_its_month(database, months, day, name, start, end):
    ensure_month(database, day)
    ensure_month(database, day)
    assert months() == {name: f"FOR VALUES FROM ('{start}') TO ('{end}')"}


def test_months_that_follow_each_other_do_not_overlap(database, months):
    for month in (11, 12):
        ensure_month(database, date(2033, month, 15))
    ensure_month(database, date(2034, 1, 1))
    assert len(months()) == 3


def test_planners_at_once_make_a_month_once(database, months):
    failures = []

    def make():
        try:
            ensure_month(database, date(2035, 6, 1))
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert list(months()) == ["messages_2035_06"]
