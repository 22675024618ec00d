"""One thread for linear algebra: where threads of our own share the cores, and where a result must not depend on them.

Beside others, BLAS's threads spin while they wait for each other: on a busy machine ten times slower than one of them.
How many there are decides in which order numbers are added, and so the last bits of a sum.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

import numpy as np  # noqa: F401 - its BLAS must be there to be found
import scipy.linalg  # noqa: F401 - it brings one of its own
from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """BLAS works with one thread as long as the block lasts."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit


@cache
def _controller() -> ThreadpoolController:
    """Looks for the libraries once."""
    return ThreadpoolController()
