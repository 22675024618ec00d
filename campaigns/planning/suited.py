"""What the newest title model would recommend a member at a moment, with scores and reasons: to be told, not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.planning.title_models import newest_model

if TYPE_CHECKING:
    from datetime import datetime

    from campaigns.stores import Stores

PAIR = ["member_id", "title_id"]


def suited(stores: Stores, member_id: str, at: datetime, k: int) -> list[dict[str, Any]]:
    """The k titles that suit a member best: title_id, name, score and `because`, the name of what they played, or None.

    Nothing where no model is kept that can be read: asking fits none.
    """
    model, _ = newest_model(stores, at)
    if model is None:
        return []
    titles = stores.lake.at("titles", at).select("title_id", "name").collect()
    asked = stores.lake.at("members", at).filter(pl.col("member_id") == member_id).select("member_id", "country")
    ranked = model.recommend(asked.collect(), k=k, at=at, among=titles["title_id"])
    told = model.because(ranked.select(PAIR)).join(ranked, on=PAIR, maintain_order="left").sort("rank")
    named = told.join(titles, on="title_id", how="left", maintain_order="left")
    names = titles.select(because="title_id", reason="name")
    whole = named.join(names, on="because", how="left", maintain_order="left")
    return whole.select("title_id", "name", "score", because="reason").to_dicts()
