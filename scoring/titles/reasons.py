"""Which of the titles that a member played speaks most for one that is recommended: "Because you watched …"."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse

from scoring.titles.history import Codes, Floats, History

LEAST = 0.05  # of a title's weight in another's score; less is no reason that anyone would see


def strongest(near: sparse.csr_matrix, history: History, member: Codes, title: Codes) -> Codes:
    """For each (member, title), the title played with the largest weight in its score; -1 where none has any.

    `near`: titles played × titles scored. `member` counts the rows of `history`.
    """
    asked = pl.DataFrame({"member": member, "title": title})
    pairs = history.rows(np.unique(member))
    theirs = pl.DataFrame({"member": np.unique(member)[pairs.member], "played": pairs.title})
    weights = _entries(near, np.unique(title))
    told = asked.join(weights, on="title").join(theirs, on=["member", "played"])
    best = told.sort("weight", "played", descending=[True, False]).unique(["member", "title"], keep="first")
    found = asked.join(best, on=["member", "title"], how="left", maintain_order="left")
    return found["played"].fill_null(-1).to_numpy()


def _entries(near: sparse.csr_matrix, titles: Codes) -> pl.DataFrame:
    """The weights worth telling of what was played in the scores of `titles`: title, played, weight."""
    columns = near.tocsc()[:, titles].tocoo()
    weight: Floats = columns.data
    entries = pl.DataFrame({"title": titles[columns.col], "played": columns.row.astype(np.int64), "weight": weight})
    return entries.filter(pl.col("weight") >= LEAST)
