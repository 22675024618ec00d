"""`python -m bench [NAME …]`: the table, or some of its rows.

`python -m bench policies [--worlds N]`: what policies win in simulated worlds; that takes minutes a world.
`python -m bench trials [--seeds N]`: the uplift scorer beside single learners, in simulated trials; half a minute each.
`python -m bench artworks [--seeds N]`: the artwork bandit, in simulated services; a minute each.
`python -m bench titles`: the title model beside strong simple recommenders, on MovieLens; a quarter of an hour.
`python -m bench pictures FOLDER`: the pictures of docs/images, taken of what a demo left in FOLDER (.encore/demo).
`python -m bench experiments [--seed N]`: personal rows and pictures held against the same for all, in a simulated
service; a quarter of an hour.
"""

from __future__ import annotations

import sys
from importlib import import_module

from bench import rows
from bench.memory import Peak
from bench.timing import Figure


def main(names: list[str]) -> None:
    """Measure and print, a line a row as it is known."""
    print(f"{'what':<44}{'ours':>16}{'bare floor':>16}{'ratio':>8}")
    for name, measure in rows.ROWS.items():
        if not names or name in names:
            print(line(measure()), flush=True)


def line(figure: Figure | Peak) -> str:
    """A row: per second or in memory, and how many times the floor's ours takes."""
    ours, floor = figure.cells
    return f"{figure.what:<44}{ours:>16}{floor:>16}{figure.ours / figure.floor:>8.2f}"


PROGRAMS = {
    "policies": "comparison",
    "trials": "scorers",
    "titles": "titles",
    "artworks": "artworks",
    "experiments": "experiments",
    "pictures": "pictures",
}

if len(sys.argv) > 1 and sys.argv[1] in PROGRAMS:
    for told in import_module(f"bench.{PROGRAMS[sys.argv[1]]}").lines(sys.argv[2:]):  # the table needs none of them
        print(told, flush=True)
else:
    main(sys.argv[1:])
