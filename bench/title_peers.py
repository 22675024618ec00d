"""What a title model is compared with, on plays as members × titles of 0 and 1; each peer is a grid of settings.

Steck: "Embarrassingly shallow autoencoders for sparse data" (WWW 2019); Paudel, Christoffel, Newell, Bernstein:
"Updatable, accurate, diverse, and scalable recommendations for interactive applications" (TiiS 2017), for RP3beta.
ALS and BPR are those of `implicit`, and left out where it is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from scoring.titles.history import Codes, Floats
from scoring.titles.transitions import largest

Peer: TypeAlias = Callable[[sparse.csr_matrix, Codes], Floats]  # plays, members asked: scores [asked × titles]

NEAREST = (20, 50, 100, 200)


def peers() -> Mapping[str, list[Peer]]:
    """Every peer, and the settings among which it may choose."""
    walks = product((0.4, 0.7, 1.0), (0.2, 0.4, 0.6, 0.8), (50, 200, 10_000))
    return {
        "popularity": [popularity],
        **{f"EASE {penalty}": [partial(ease, penalty=penalty)] for penalty in (100, 300, 1000)},
        "RP3beta": [partial(rp3beta, alpha=alpha, beta=beta, nearest=nearest) for alpha, beta, nearest in walks],
        "cosine kNN": [partial(neighbours, nearest=nearest) for nearest in NEAREST],
        "TF-IDF kNN": [partial(neighbours, nearest=nearest, idf=True) for nearest in NEAREST],
        **(dict(_factorised()) if find_spec("implicit") else {}),
    }


def popularity(plays: sparse.csr_matrix, asked: Codes) -> Floats:
    """How many members played each title."""
    return np.tile(np.asarray(plays.sum(axis=0), dtype=np.float32), (len(asked), 1))


def ease(plays: sparse.csr_matrix, asked: Codes, penalty: float) -> Floats:
    """EASE over all titles, exact, for titles that the member has not played.

    The inverse of titles × titles is never made: with members fewer than titles, theirs does (Woodbury's identity).
    """
    dense = plays.toarray().astype(np.float64)
    along = np.linalg.solve(dense @ dense.T + penalty * np.eye(len(dense)), dense)
    diagonal = 1 - np.einsum("mt,mt->t", dense, along)
    inverse = dense[asked] - (dense[asked] @ dense.T) @ along
    return np.asarray(-inverse / diagonal, dtype=np.float32)


def rp3beta(plays: sparse.csr_matrix, asked: Codes, alpha: float, beta: float, nearest: int) -> Floats:
    """Walks of three steps from the member, popular titles penalised; each title keeps its likeliest ends."""
    members, titles = (np.maximum(np.asarray(plays.sum(axis=axis)).ravel(), 1) for axis in (1, 0))
    begin = _played(plays, asked)
    back, out = (sparse.diags(titles**-alpha) @ plays.T).tocsr()[begin], sparse.diags(members**-alpha) @ plays
    return _near(back @ out @ sparse.diags(titles**-beta), begin, plays[asked], nearest)


def neighbours(plays: sparse.csr_matrix, asked: Codes, nearest: int, *, idf: bool = False) -> Floats:
    """The cosines of titles, each title's largest alone; `idf`: who played much says less."""
    rarity = np.log(plays.shape[1] / (1 + np.asarray(plays.sum(axis=1)).ravel())) if idf else np.ones(plays.shape[0])
    weighted = sparse.diags(rarity) @ plays
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=0)).ravel())
    unit = (weighted @ sparse.diags(1 / np.maximum(length, 1e-9))).tocsr()
    begin = _played(plays, asked)
    return _near(unit[:, begin].T @ unit, begin, plays[asked], nearest)


def _played(plays: sparse.csr_matrix, asked: Codes) -> Codes:
    """The titles that the members asked have played: no other's neighbours are needed."""
    return np.unique(plays[asked].indices)


def _near(weights: sparse.csr_matrix, begin: Codes, plays: sparse.csr_matrix, nearest: int) -> Floats:
    """Scores by weights of titles `begin` × titles scored, the largest of each row alone, itself left out."""
    row = np.arange(len(begin))
    itself = np.asarray(weights.tocsr()[row, begin]).ravel()
    others = (weights - sparse.csr_matrix((itself, (row, begin)), shape=weights.shape)).tocsr()
    return np.asarray((plays[:, begin] @ largest(others, nearest)).toarray(), dtype=np.float32)


def _factorised() -> Iterator[tuple[str, list[Peer]]]:
    als = import_module("implicit.als").AlternatingLeastSquares
    bpr = import_module("implicit.bpr").BayesianPersonalizedRanking
    for width in (32, 64):
        yield f"ALS {width}", [partial(factorised, learner=als, factors=width, alpha=alpha) for alpha in (1, 5, 20, 40)]
    pace = product((100, 300), (0.01, 0.05))
    yield "BPR", [partial(factorised, learner=bpr, iterations=rounds, learning_rate=rate) for rounds, rate in pace]


def factorised(plays: sparse.csr_matrix, asked: Codes, learner: Callable[..., Any], **settings: float) -> Floats:
    """Inner products of the points that `learner` finds."""
    model = learner(random_state=0, num_threads=1, **settings)
    model.fit(plays.astype(np.float32), show_progress=False)
    return np.asarray(model.user_factors[asked] @ model.item_factors.T)
