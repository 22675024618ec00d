"""One thread for linear algebra: where threads of our own share the cores, and where a result must not depend on them.

Beside others, BLAS's threads spin while they wait for each other: on a busy machine ten times slower than one of them.
How many there are decides in which order numbers are added, and so the last bits of a sum.

The limit is the whole process's: it holds until the last of the blocks that run beside each other has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import numpy as np  # noqa: F401 - its BLAS must be there to be found
import scipy.linalg  # noqa: F401 - it brings one of its own
from threadpoolctl import ThreadpoolController

_entering = Lock()
_limits: list[Any] = []  # one for each block under way: first the limit that knows what there was, then Nones


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS works with one thread as long as the block lasts, or another that began within it."""
    with _entering:
        _limits.append(None if _limits else _controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _entering:
            limit = _limits.pop()
            if limit is not None:  # nothing is left beside it
                limit.restore_original_limits()


@cache
def _controller() -> ThreadpoolController:
    """Looks for the libraries once."""
    return ThreadpoolController()
