"""Charts of a model's card, drawn as those of a report are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from campaigns.reports.charts import ACCENT_MARK, HALF, HELD_MARK, INK_MARK, svg

SHARE = alt.X(
    "share:Q", title="share of the members that is mailed", axis=alt.Axis(format=".0%", grid=False, tickCount=5)
)
ARM = alt.Color("arm:N", legend=None, scale=alt.Scale(domain=["mailed", "held out"], range=[ACCENT_MARK, HELD_MARK]))
TOP = 0.2  # the share that is pointed out


def qini(gains: Sequence[Mapping[str, Any]]) -> str:
    """What the ranking won on trials it had not seen, by the share mailed; at random, dashed."""
    frame = pl.DataFrame([{"share": point["share"], **point["gain"]} for point in gains])
    frame = frame.with_columns(pl.col("value", "low", "high") * 1000)
    total = frame["value"][-1]
    title, axis = "comebacks caused, in 1,000 members", alt.Axis(tickCount=5)
    low, high = alt.Y("low:Q", title=title, axis=axis), alt.Y2("high:Q")
    band = alt.Chart(frame).mark_area(color=ACCENT_MARK, opacity=0.16).encode(SHARE, low, high)
    line = alt.Chart(frame).mark_line(color=ACCENT_MARK, strokeWidth=2.5).encode(SHARE, alt.Y("value:Q"))
    at = frame.filter(pl.col("share") >= 0.4).row(0, named=True)
    labels = _above(at["share"], at["value"], "as ranked") + _below(0.6, 0.6 * total, "at random", HELD_MARK)
    drawn = band + _random(total, alt.Y("value:Q")) + line + labels
    return svg(drawn, "Comebacks caused by the share of the members that is mailed", HALF)


def targeting(steps: Sequence[Mapping[str, float]]) -> str:
    """The expected share of the comebacks that mail can cause, by the share mailed; the top fifth pointed out."""
    frame = pl.DataFrame(list(steps)).rename({"caused": "value"})
    top = frame.filter((pl.col("share") - TOP).abs() < 1e-9)
    y = alt.Y("value:Q", title="of the comebacks that mail can cause", axis=alt.Axis(format=".0%", tickCount=5))
    line = alt.Chart(frame).mark_line(color=ACCENT_MARK, strokeWidth=2.5).encode(SHARE, y)
    point = alt.Chart(top).mark_point(color=ACCENT_MARK, filled=True, size=70, opacity=1).encode(SHARE, y)
    reached = top["value"][0]
    labels = _below(TOP, reached, f"top {TOP:.0%} → {reached:.0%}") + _below(0.6, 0.6, "at random", HELD_MARK)
    drawn = _random(1.0, y) + line + point + labels
    return svg(drawn, "Share of the comebacks that mail can cause, by the share mailed", HALF)


def levels(mailed: Sequence[Mapping[str, Any]], unmailed: Sequence[Mapping[str, Any]]) -> str:
    """Predicted chances against measured rates in both arms; on the diagonal where they are right."""
    points = [_point(one, "mailed") for one in mailed] + [_point(one, "held out") for one in unmailed]
    return _against(points, "Predicted chances against measured rates", ".0%")


def uplifts(groups: Sequence[Mapping[str, Any]]) -> str:
    """Predicted uplifts against measured effects; on the diagonal where they are right."""
    return _against([_point(one, "mailed") for one in groups], "Predicted uplifts against measured effects", "+.1%")


def effects(found: Sequence[Mapping[str, Any]], most: int = 10) -> str:
    """The features that move uplifts most."""
    rows = pl.DataFrame([{"about": one["about"], "size": 100 * one["size"]} for one in found[:most]])
    names = alt.Axis(labelLimit=420, ticks=False, domain=False, labelColor=INK_MARK)
    y = alt.Y("about:N", sort=None, title=None, axis=names)
    x = alt.X("size:Q", title="points of uplift, on average, either way", axis=alt.Axis(grid=False, tickCount=4))
    bars = alt.Chart(rows).mark_bar(color=ACCENT_MARK, height=12, cornerRadius=3).encode(x, y)
    return svg(alt.LayerChart(layer=[bars]), "The features that move uplifts most", (520, 26 * rows.height))


def _point(bin_: Mapping[str, Any], arm: str) -> dict[str, Any]:
    return {"predicted": bin_["predicted"], "arm": arm, **bin_["measured"]}


def _against(points: Sequence[Mapping[str, Any]], title: str, form: str) -> str:
    """Points with their likely ranges, and the diagonal as far as predictions go."""
    frame = pl.DataFrame(list(points))
    ends = [frame["predicted"].min(), frame["predicted"].max()]
    across, up = alt.Axis(format=form, grid=False, tickCount=5), alt.Axis(format=form, tickCount=5)
    x = alt.X("predicted:Q", title="predicted", axis=across, scale=alt.Scale(zero=False))
    y, low, high = alt.Y("value:Q", title="measured", axis=up), alt.Y("low:Q"), alt.Y2("high:Q")
    right = alt.Chart(pl.DataFrame({"predicted": ends, "value": ends})).encode(x, y)
    ranges = alt.Chart(frame).mark_rule(strokeWidth=1.5, opacity=0.6).encode(x, low, high, ARM)
    dots = alt.Chart(frame).mark_point(filled=True, size=55, opacity=1).encode(x, y, ARM)
    return svg(right.mark_line(color=INK_MARK, strokeDash=[2, 3], strokeWidth=1.5) + ranges + dots, title, HALF)


def _random(total: float, y: alt.Y) -> alt.Chart:
    """The line from nothing to everybody: members drawn at random."""
    ends = alt.Chart(pl.DataFrame({"share": [0.0, 1.0], "value": [0.0, total]}))
    drawn: alt.Chart = ends.mark_line(color=HELD_MARK, strokeDash=[5, 4], strokeWidth=2).encode(SHARE, y)
    return drawn


def _below(share: float, value: float, text: str, color: str = ACCENT_MARK) -> alt.Chart:
    """A rising line's name, below it to the right."""
    at = alt.Chart(pl.DataFrame({"share": [share], "value": [value]}))
    label = at.mark_text(color=color, fontSize=13, fontWeight=600, align="left", dx=8, dy=14)
    named: alt.Chart = label.encode(SHARE, alt.Y("value:Q"), text=alt.value(text))
    return named


def _above(share: float, value: float, text: str) -> alt.Chart:
    """A rising line's name, above it to the left."""
    at = alt.Chart(pl.DataFrame({"share": [share], "value": [value]}))
    label = at.mark_text(color=ACCENT_MARK, fontSize=13, fontWeight=600, align="right", dx=-8, dy=-10)
    named: alt.Chart = label.encode(SHARE, alt.Y("value:Q"), text=alt.value(text))
    return named
