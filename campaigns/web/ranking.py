"""In which order a member should see titles: the title model on what they may see now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from campaigns.definition import Titles
from scoring.titles.finished import unfinished

if TYPE_CHECKING:
    from campaigns.web.members import Member
    from campaigns.web.memory import Facts, Held

OPENED, NEW, BEGUN, FINISHED = "opened", "new", "begun", "finished"
ORDER = (OPENED, NEW, BEGUN, FINISHED)
DEEP = 2_000  # titles that the model orders for a member; behind them popularity does
LAST = float("inf")
NO_RULES = Titles()


class Placed(NamedTuple):
    """A title in its place.

    `score` compares a member's titles on one day; None: the model says nothing of it.
    `state`: opened (by the member, of late, and not played), new, begun or finished.
    """

    title_id: str
    score: float | None
    state: str


@dataclass(frozen=True)
class Viewer:
    """A member in front of what is held. What several questions need is found once.

    `rules`: titles that are blocked, and the maturities that alone may be shown; none: all.
    """

    held: Held
    member: Member
    rules: Titles = NO_RULES

    def best(self, k: int) -> list[Placed]:
        """The `k` titles to show first, none of them played; fewer where there are no more."""
        titles = dict.fromkeys([*self.member.opened, *self.scores, *self.crowd])  # in their order but for equal scores
        fresh = (title for title in titles if self.states.get(title, NEW) in (OPENED, NEW))
        able = (title for title in fresh if self._refusal(title) is None)
        return self.ordered(islice(able, len(self.member.opened) + k))[:k]

    def ordered(self, titles: Iterable[str]) -> list[Placed]:
        """Titles by what they are to the member, then by score, then by how popular they are, then as given."""
        placed = [Placed(title, self.scores.get(title), self.states.get(title, NEW)) for title in titles]
        return sorted(placed, key=self._place)

    def _place(self, one: Placed) -> tuple[int, float, float]:
        score = LAST if one.score is None else -one.score
        return ORDER.index(one.state), score, self.crowd.get(one.title_id, LAST)

    def usable(self, titles: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Those that the member may see, in the order given and once each; and why the others may not."""
        judged = {title: self._refusal(title) for title in titles}
        able = [title for title, why in judged.items() if why is None]
        return able, {title: why for title, why in judged.items() if why is not None}

    def may_name(self, title_id: str) -> bool:
        """Whether a title, which may have left or been played, may be spoken of."""
        facts = self.held.facts.get(title_id)
        return facts is not None and self._ruled_out(title_id, facts) is None

    def _refusal(self, title_id: str) -> str | None:
        """Why a title may not be shown to the member at their moment; None: it may."""
        facts = self.held.facts.get(title_id)
        if facts is None:
            return "unknown"
        if facts.added_at is not None and facts.added_at > self.member.at:
            return "not_there_yet"
        if facts.leaves_at is not None and facts.leaves_at <= self.member.at:
            return "has_left"
        if facts.countries and self.member.country not in facts.countries:
            return "not_in_country"
        return self._ruled_out(title_id, facts)

    def _ruled_out(self, title_id: str, facts: Facts) -> str | None:
        if title_id in self.rules.block:
            return "blocked"
        return "other_maturity" if self.rules.maturity and facts.maturity not in self.rules.maturity else None

    @cached_property
    def scores(self) -> dict[str, float]:
        """What the title model says, the best first, of titles not played when it learnt; {} while there is none.

        Asked for all titles at once: a score says how a title stands among all, and among few it would say little.
        """
        if self.held.model is None:
            return {}
        found = self.held.model.recommend(self.member.frame, k=DEEP, at=self.member.at)
        return dict(found.select("title_id", "score").iter_rows())

    @cached_property
    def states(self) -> dict[str, str]:
        """What titles are to the member, but for those that are new."""
        opened = dict.fromkeys(self.member.opened, OPENED)
        played = dict.fromkeys(self.member.plays["title_id"].unique().to_list(), FINISHED)
        return opened | played | dict.fromkeys(self.begun["title_id"].to_list(), BEGUN)

    @cached_property
    def begun(self) -> pl.DataFrame:
        """What the member began and has not finished: member_id, title_id, last."""
        return unfinished(self.member.plays.with_columns(member_id=pl.lit(self.member.id)), self.held.titles)

    @property
    def crowd(self) -> Mapping[str, int]:
        """What is played most where the member lives, the most played first; or everywhere, where nobody knows."""
        popular = self.held.popular
        return popular.get(self.member.country) or popular.get(None, {})


def titles_of(placed: Sequence[Placed]) -> list[str]:
    """Their ids."""
    return [one.title_id for one in placed]
