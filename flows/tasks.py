"""Plain functions as Prefect tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

P = ParamSpec("P")
R = TypeVar("R")


def station(function: Callable[P, R], name: str) -> Task[P, R]:
    """`function` as a task called `name`. What it makes it keeps itself, in files of the run; Prefect keeps nothing."""
    return task(name=name, cache_policy=NO_CACHE, persist_result=False)(function)
