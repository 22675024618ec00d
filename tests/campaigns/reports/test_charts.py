"""What the charts of a report say, whatever they look like."""

import re

from campaigns.reports import charts

LOOKS = [{"day": f"2026-11-{day}", "estimate": 0.02, "low": -0.01, "high": 0.05} for day in range(11, 26)]


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def test_an_axis_of_differences_speaks_of_points_and_has_no_sign_at_nothing():
    said = texts(charts.settling(LOOKS))
    assert {"points", "−1.0", "0.0", "+5.0"} <= set(said)
    assert not any("%" in text or "-" in text for text in said)


def test_curves_are_named_where_they_end_and_two_that_end_together_stay_apart():
    drawn = charts.came_back([0.0, 0.02, 0.04], [0.0, 0.01, 0.04])
    assert {"mailed 4.0%", "held out 4.0%"} <= set(texts(drawn))
    heights = dict(re.findall(r'label: ([a-z ]+) 4.0%"[^>]*translate\([-\d.]+,([-\d.]+)\)', drawn))
    assert abs(float(heights["mailed"]) - float(heights["held out"])) >= 13


def test_colours_are_the_pages_own():
    drawn = charts.came_back([0.0, 0.02], [0.0, 0.01])
    assert not any(mark in drawn for mark in charts.MARKS)
    assert charts.HELD in drawn
