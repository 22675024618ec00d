"""One thread for linear algebra."""

import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from scoring.threads import one_thread


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_it_holds_for_the_block_and_for_every_library():
    with threadpool_limits(2, "blas"):
        with one_thread():
            assert threads() == {1}
            with one_thread():
                assert threads() == {1}
            assert threads() == {1}
        assert threads() == {2}


def test_it_is_lifted_when_an_error_leaves_the_block():
    with threadpool_limits(2, "blas"):
        with pytest.raises(ValueError, match="in the block"), one_thread():
            raise ValueError("in the block")
        assert threads() == {2}


def test_blocks_beside_each_other_hold_it_until_the_last_has_ended():
    with threadpool_limits(2, "blas"):
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert threads() == {1}
        second.__exit__(None, None, None)
        assert threads() == {2}


def test_a_library_that_is_loaded_later_is_held_to_it_too():
    script = """
from scoring.threads import one_thread
with one_thread():
    pass
import scipy.optimize
from threadpoolctl import threadpool_info, threadpool_limits
threadpool_limits(2, "blas")
with one_thread():
    print({library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"})
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "{1}\n"
