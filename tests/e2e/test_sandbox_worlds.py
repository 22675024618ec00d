"""Proof in forty simulated services: the report's interval holds what the service knows to be true."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from scipy.stats import binom

from tests.e2e.living import look

WORLDS = 40


@pytest.fixture(scope="module")
def looks():
    with pytest.MonkeyPatch.context() as patch:  # read when a process starts: two of them share two cores
        for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS"):
            patch.setenv(name, "1")
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            return list(pool.map(look, range(WORLDS)))


@pytest.mark.slow
def test_the_truth_lies_in_the_reports_interval(looks):
    known = [one for one in looks if one.has_interval]
    assert len(known) >= 0.95 * WORLDS
    least = binom.ppf(0.01, len(known), 0.95)  # fewer would be as unlikely as 1 in 100
    assert sum(one.covers for one in known) >= least


@pytest.mark.slow
def test_the_report_is_right_on_average(looks):
    errors = np.array([one.difference["estimate"] - one.truth for one in looks])
    assert abs(errors.mean()) <= 3 * errors.std(ddof=1) / len(errors) ** 0.5
