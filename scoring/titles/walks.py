"""Where walks of three steps end: from a title to a member who played it, to a title of theirs, popular ones penalised.

Paudel, Christoffel, Newell, Bernstein: "Updatable, accurate, diverse, and scalable recommendations for interactive
applications" (TiiS 2017), RP3beta.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from scoring.titles.transitions import largest

POPULAR = 0.6  # a title played by n members counts n ** -POPULAR as a walk's end
KEPT = 200  # entries of a title's row


def walks(plays: sparse.csr_matrix) -> sparse.csr_matrix:
    """The weights of walks' ends, as titles played × titles scored. `plays` is members × titles, 0 or 1."""
    members, titles = (np.maximum(np.asarray(plays.sum(axis=axis)).ravel(), 1) for axis in (1, 0))
    out = sparse.diags(1 / members) @ plays @ sparse.diags(titles**-POPULAR)
    ends = sparse.diags(1 / titles) @ plays.T @ out
    return largest((ends - sparse.diags(ends.diagonal())).tocsr(), KEPT)
