"""A fitted title model as files: NumPy arrays, Parquet and JSON, never pickles."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from scoring.sealed import seal, unsealed
from scoring.titles.candidates import Candidates, Lister
from scoring.titles.catalogue import Catalogue
from scoring.titles.crowds import Crowds
from scoring.titles.history import History
from scoring.titles.learnt import Learnt
from scoring.titles.net import Net
from scoring.titles.order import Nets
from scoring.titles.parts import Parts

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]

FORMAT = "3"
MEND = "fit it again"


def write(learnt: Learnt, seed: int, folder: Path) -> None:
    """Write what was learnt, and the seed, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, crowds = learnt.lister.catalogue, learnt.lister.crowds
    arrays = {
        **_arrays("history", learnt.history),
        **_arrays("parts", learnt.lister.parts),
        **_arrays("catalogue", catalogue),
        **_arrays("soon", learnt.nets.soon),
        **_arrays("back", learnt.nets.back),
        **(_arrays("table", learnt.table) if learnt.table else {}),
        "crowds.shares": crowds.shares,
        "countries": catalogue.rights(list(catalogue.countries)),
    }
    np.savez(folder / "arrays.npz", allow_pickle=False, **arrays)
    learnt.people.write_parquet(folder / "people.parquet")
    pl.DataFrame({"title_id": catalogue.ids}).write_parquet(folder / "titles.parquet")
    facts = {"format": FORMAT, "seed": seed, "titles": learnt.history.titles, "tabled": learnt.table is not None}
    named = {"crowds": crowds.names, "countries": list(catalogue.countries)}
    seal(folder, facts | named, ["arrays.npz", "people.parquet", "titles.parquet"])


def read(folder: Path) -> tuple[Learnt, int]:
    """What `write` wrote: what was learnt, and the seed.

    Raises:
        OtherVersion: the format differs.
        BadData: a file is missing or damaged.
    """
    facts = unsealed(folder, MEND, format=FORMAT)
    with np.load(folder / "arrays.npz", allow_pickle=False) as saved:
        arrays = dict(saved)
    ids = pl.read_parquet(folder / "titles.parquet")["title_id"]
    countries = dict(zip(facts["countries"], arrays["countries"], strict=True))
    catalogue = Catalogue(ids=ids, countries=countries, **_values("catalogue", arrays))
    crowds = Crowds(facts["crowds"], arrays["crowds.shares"])
    lister = Lister(Parts(**_values("parts", arrays)), crowds, catalogue)
    order = Nets(Net(**_values("soon", arrays)), Net(**_values("back", arrays)))
    table = Candidates(**_values("table", arrays)) if facts["tabled"] else None
    history = History(titles=facts["titles"], **_values("history", arrays))
    return Learnt(pl.read_parquet(folder / "people.parquet"), history, lister, order, table), facts["seed"]


def _arrays(name: str, record: Any) -> Arrays:
    """The arrays and sparse matrices among the fields of a record, as `name.field`, a matrix as its parts."""
    made: Arrays = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray):
            made[f"{name}.{field.name}"] = value
        elif sparse.issparse(value):
            whole = {
                "data": value.data,
                "indices": value.indices,
                "indptr": value.indptr,
                "shape": np.array(value.shape),
            }
            made |= {f"{name}.{field.name}.{part}": array for part, array in whole.items()}
    return made


def _values(name: str, arrays: Arrays) -> dict[str, Any]:
    """The fields that `_arrays` took apart."""
    made: dict[str, Any] = {}
    for key in [key.removeprefix(f"{name}.") for key in arrays if key.startswith(f"{name}.")]:
        field, _, part = key.partition(".")
        if not part:
            made[field] = arrays[f"{name}.{field}"]
        elif part == "shape":
            parts = tuple(arrays[f"{name}.{field}.{piece}"] for piece in ("data", "indices", "indptr"))
            made[field] = sparse.csr_matrix(parts, shape=tuple(arrays[f"{name}.{field}.shape"]))
    return made
