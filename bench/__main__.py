"""`python -m bench [NAME …]`: the table, or some of its rows; `python -m bench policies`: policies in simulated worlds."""

from __future__ import annotations

import sys

from bench import rows
from bench.timing import Figure


def main(names: list[str]) -> None:
    """Measure and print, a line a row as it is known."""
    print(f"{'what':<44}{'ours':>16}{'bare floor':>16}{'ratio':>8}")
    for name, measure in rows.ROWS.items():
        if not names or name in names:
            print(line(measure()), flush=True)


def line(figure: Figure) -> str:
    """A row: per second, and how many times the floor's time ours takes."""
    ours, floor = (f"{figure.count / seconds:,.0f} {figure.unit}/s" for seconds in (figure.ours, figure.floor))
    return f"{figure.what:<44}{ours:>16}{floor:>16}{figure.ours / figure.floor:>8.2f}"


if sys.argv[1:2] == ["policies"]:
    from bench import comparison  # the table needs none of it

    comparison.main(sys.argv[2:])
else:
    main(sys.argv[1:])
