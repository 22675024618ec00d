"""Which titles to show a member who comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import numpy as np
import polars as pl

from scoring.errors import BadData, NotFitted
from scoring.titles.history import History
from scoring.titles.neighbours import local_ease

class TitleModel:
    """The titles a member is likeliest to play next."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._fitted = None

    def fit(self, plays: pl.DataFrame, titles: pl.DataFrame | None = None, members: pl.DataFrame | None = None) -> Self:
        pairs = plays.drop_nulls(["member_id", "title_id", "played_at"]).group_by("member_id", "title_id").agg(pl.col("played_at").max())
        self.members = pairs["member_id"].cast(pl.String).unique().sort()
        known = [pairs["title_id"].cast(pl.String)] + ([titles["title_id"].cast(pl.String)] if titles is not None else [])
        self.titles = pl.concat([k.rename("t") for k in known]).unique().sort()
        m = pairs["member_id"].cast(pl.String).replace_strict(self.members, np.arange(len(self.members)), return_dtype=pl.Int64).to_numpy() if len(pairs) else np.empty(0, np.int64)
        t = pairs["title_id"].cast(pl.String).replace_strict(self.titles, np.arange(len(self.titles)), return_dtype=pl.Int64).to_numpy() if len(pairs) else np.empty(0, np.int64)
        at = pairs["played_at"].dt.epoch("us").to_numpy()
        self.history = History.of(m, t, at, len(self.members), len(self.titles))
        self.weights = local_ease(self.history.matrix(), 50.0)
        self.pop = np.log1p(self.history.popularity)
        return self

    def recommend(self, members: pl.Series | pl.DataFrame | list[str], k: int = 20, at: datetime | None = None) -> pl.DataFrame:
        ids = members["member_id"] if isinstance(members, pl.DataFrame) else pl.Series("member_id", members)
        ids = ids.cast(pl.String)
        place = {m: i for i, m in enumerate(self.members)}
        out = []
        for begin in range(0, len(ids), 256):
            part = ids[begin:begin+256]
            rows = np.array([place.get(x, -1) for x in part])
            S = np.tile(self.pop * 1e-3, (len(part), 1))
            kn = rows >= 0
            h = self.history.rows(rows[kn])
            E = (h.matrix() @ self.weights).toarray()
            E[h.member, h.title] = -np.inf
            S[kn] += E
            kk = min(k, S.shape[1])
            top = np.argsort(-S, axis=1, kind="stable")[:, :kk]
            sc = np.take_along_axis(S, top, 1)
            r, c = np.nonzero(np.isfinite(sc))
            out.append(pl.DataFrame({"member_id": part.gather(r), "title_id": self.titles.gather(top[r, c]), "rank": (c + 1).astype(np.int64), "score": sc[r, c].astype(np.float64)}))
        return pl.concat(out)
