"""What the measured experiments say."""

import polars as pl

from bench.experiments import told


def rate(value, members, won):
    return {"value": value, "members": members, "won_back": won, "rate": won / members}


def test_each_experiment_is_told_with_its_interval_and_the_truth():
    difference = {"estimate": 0.01, "low": -0.002, "high": 0.022}
    one = {"layer": "rows", "arm": rate("personal", 1_000, 70), "against": rate("popular", 1_000, 60)}
    whole = {"mailed": rate(None, 2_000, 130), "difference": dict.fromkeys(difference)}
    effects = [("rows", "personal", 0.03), ("rows", "popular", 0.02)]
    frame = pl.DataFrame(effects, schema=["layer", "value", "effect"], orient="row")
    found = list(told({"experiments": [one | {"difference": difference}], "win_back": whole}, frame))
    judged = "+1.00% (-0.20% to +2.20%)  (7.00% of 1,000 against 6.00% of 1,000; in truth +1.00%)"
    assert found == [
        f"rows: personal against popular: {judged}",
        "mailed against holdout: too few comebacks for an interval  (6.50% of 2,000)",
        "true effect, rows: personal: +3.00%",
        "true effect, rows: popular: +2.00%",
    ]
