"""Language tags (BCP 47) in frames."""

from __future__ import annotations

import polars as pl


def spoken(column: str) -> pl.Expr:
    """The language of a column of tags, without its variant and in small letters: of `pt-BR`, `pt`."""
    return pl.col(column).str.split("-").list.first().str.to_lowercase()
