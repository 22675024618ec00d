"""Processes that end cleanly. A function of a test could not be found by them, so they run a string's `format`."""

import os
import signal
import threading

import pytest

from campaigns.processes import in_processes, until_stopped


def test_each_process_s_answer_comes_back():
    assert in_processes("{} came".format, ("Ana",), 2, lambda: False) == ["Ana came", "Ana came"]


def test_a_process_that_dies_answers_nothing(capfd):
    assert in_processes("{missing}".format, (), 1, lambda: False) == [None]
    assert "KeyError" in capfd.readouterr().err


def test_whoever_is_told_to_stop_goes_on_until_it_looks():
    with until_stopped() as stopping:
        assert not stopping()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopping()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_second_signal_ends_the_program_as_usual():
    with until_stopped() as stopping:
        os.kill(os.getpid(), signal.SIGINT)
        assert stopping()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_beside_the_main_thread_no_signal_is_taken_over():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def look():
        with until_stopped() as stopping:
            seen.append((stopping(), signal.getsignal(signal.SIGTERM) == before))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [(False, True)]
