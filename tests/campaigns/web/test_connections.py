"""Connections that requests take turns with."""

from contextlib import ExitStack

import psycopg
import pytest

from campaigns.db import Database
from campaigns.errors import Unavailable
from campaigns.web.connections import IDLE, Connections

PID = "SELECT pg_backend_pid()"


@pytest.fixture
def connections(database):
    made = Connections(database)
    yield made
    made.close()


def pid(connection):
    return connection.execute(PID).fetchone()[0]


def test_one_after_the_other_they_share_one_and_at_once_each_has_its_own(connections):
    with connections.use() as one:
        first = pid(one)
        with connections.use() as other:
            assert pid(other) != first
    with connections.use() as again:
        assert pid(again) == first


def test_one_that_leads_nowhere_any_more_is_replaced(connections, database):
    with connections.use() as one:
        lost = pid(one)
    with database.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
    with connections.use() as one:
        assert pid(one) != lost


def test_one_whose_block_failed_is_not_used_again(connections):
    with connections.use() as one:
        failed = pid(one)
    with pytest.raises(psycopg.errors.DivisionByZero), connections.use() as one:
        one.execute("SELECT 1 / 0")
    with connections.use() as one:
        assert pid(one) != failed


def test_no_more_are_kept_than_so_many(connections):
    with ExitStack() as stack:
        used = [stack.enter_context(connections.use()) for _ in range(IDLE + 2)]
    assert sum(one.closed for one in used) == 2


def test_a_database_that_does_not_answer_is_told_without_its_address():
    nowhere = Connections(Database("host=127.0.0.1 port=1 password=secret"))
    with pytest.raises(Unavailable) as told, nowhere.use():
        pass
    assert "secret" not in str(told.value)
