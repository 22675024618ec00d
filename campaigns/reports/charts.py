"""Charts of a report, as SVG drawn on the server: no script and no network where they are read.

Lines are labelled where they end; the holdout is dashed in every chart; counts start at zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl
import vl_convert

HALF, FULL, PHONE = (440, 220), (960, 240), (280, 220)  # of a page, and of a small one: width and height
LABEL = 96  # of that width: what stands beside the end of a curve
MAILED, HELD, INK, FAINT, LINE = "var(--accent)", "var(--held)", "var(--ink)", "var(--faint)", "var(--line)"
MARKS = {
    "#010101": MAILED,
    "#020202": HELD,
    "#030303": FAINT,
    "#040404": LINE,
    "#050505": INK,
}  # drawn, then given to CSS
ACCENT_MARK, HELD_MARK, FAINT_MARK, LINE_MARK, INK_MARK = MARKS


POINTS = "(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + format(100 * abs(datum.value), '.1f')"


def came_back(mailed: Sequence[float], holdout: Sequence[float], size: tuple[int, int] = HALF) -> str:
    """The share that had come back by each day since the mail was due, in both arms."""
    curves = (("mailed", mailed), ("held out", holdout))
    rows = [{"day": day, "share": share, "arm": arm} for arm, curve in curves for day, share in enumerate(curve)]
    arms = [arm for arm, _ in curves]
    color = alt.Color("arm:N", legend=None, scale=alt.Scale(domain=arms, range=[ACCENT_MARK, HELD_MARK]))
    dash = alt.StrokeDash("arm:N", legend=None, scale=alt.Scale(domain=arms, range=[[1, 0], [5, 4]]))
    x = alt.X("day:Q", title="days since the mail was due", axis=alt.Axis(tickMinStep=1, grid=False, tickCount=7))
    y = alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=4), scale=alt.Scale(zero=True))
    lines = alt.Chart(pl.DataFrame(rows)).mark_line(strokeWidth=2.5).encode(x, y, color, dash)
    lower, upper = sorted(curves, key=lambda pair: pair[1][-1])
    drawn = lines + _end(*upper, color, -7) + _end(*lower, color, 7)
    width, height = size
    return svg(drawn, "Share of members that came back, by days since the mail was due", (width - LABEL, height))


def _end(arm: str, curve: Sequence[float], color: alt.Color, below: int) -> alt.Chart:
    """The label of a curve beside its end, so many pixels below it: two that end together stay apart."""
    end = pl.DataFrame([{"day": len(curve) - 1, "share": curve[-1], "label": f"{arm} {curve[-1]:.1%}", "arm": arm}])
    text: alt.Chart = alt.Chart(end).mark_text(align="left", dx=6, dy=below, fontSize=13, fontWeight=600)
    return text.encode(alt.X("day:Q"), alt.Y("share:Q"), color, text="label:N")


def settling(looks: Sequence[dict[str, Any]], size: tuple[int, int] = FULL) -> str:
    """The difference and its interval as they stood at the end of each day."""
    frame = pl.DataFrame([look for look in looks if look["low"] is not None], infer_schema_length=None)
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", grid=False, tickCount=5))
    band = (
        alt.Chart(frame)
        .mark_area(color=ACCENT_MARK, opacity=0.16)
        .encode(x, alt.Y("low:Q", title="points", axis=alt.Axis(labelExpr=POINTS, tickCount=5)), alt.Y2("high:Q"))
    )
    line = alt.Chart(frame).mark_line(color=ACCENT_MARK, strokeWidth=2.5).encode(x, alt.Y("estimate:Q"))
    zero = alt.Chart(pl.DataFrame({"zero": [0]})).mark_rule(color=HELD_MARK, strokeDash=[5, 4]).encode(alt.Y("zero:Q"))
    return svg(band + zero + line, "The difference to the held out and its interval, by day", size)


def svg(chart: alt.LayerChart, title: str, size: tuple[int, int]) -> str:
    """A chart as SVG whose colours are the page's, light or dark."""
    styled = (
        chart.properties(width=size[0], height=size[1])
        .configure(background="transparent", font="Inter, system-ui, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=FAINT_MARK,
            titleColor=FAINT_MARK,
            gridColor=LINE_MARK,
            domainColor=LINE_MARK,
            tickColor=LINE_MARK,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight=400,
            labelPadding=6,
        )
    )
    drawn: str = vl_convert.vegalite_to_svg(styled.to_json())
    for mark, colour in MARKS.items():
        drawn = drawn.replace(f'"{mark}"', f'"{colour}"')
    start = drawn.index("<svg ") + len("<svg ")
    return f'{drawn[:start]}role="img" aria-label="{title}" {drawn[start:]}'
