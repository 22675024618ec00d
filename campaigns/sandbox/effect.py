"""What mails do: how well one fits its reader, and what that adds to the hazard of coming back, moment by moment.

Hazards are a rhythm day (`rhythm`). A mail adds `mail · fit` extra comebacks in all, most of them in its first days; of
those who are put off, it takes away a part of their own hazard instead, for longer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Flags, Floats, Ints
from campaigns.sandbox.members import Members
from campaigns.sandbox.titles import Catalogue

WEIGHTS: Floats = np.arange(1, C.places + 1, dtype=np.float64) ** -C.looks
"""What the places of a mail weigh, the first the most."""


@dataclass(frozen=True)
class Mails:
    """Mails on their way to have an effect, an element each; moments in rhythm days of their member.

    Attributes:
        row: the member, counted in the members at hand.
        since: when the mail began to act.
        pull: extra comebacks it adds without end; 0 for those put off.
        push: part of the own hazard that it takes away at first; 0 for all others.
        titles: [mails × places] what it showed, -1 where nothing.
    """

    row: Ints
    since: Floats
    pull: Floats
    push: Floats
    titles: Ints

    def take(self, which: Ints, row: Ints) -> Mails:
        """Some of them, with other rows."""
        return Mails(row, self.since[which], self.pull[which], self.push[which], self.titles[which])


@dataclass(frozen=True)
class Hazard:
    """Cumulative hazards of members over a time: `own` without any mail, `all` with."""

    own: Floats
    all: Floats


def recent(mails: Mails, now: Floats) -> Mails:
    """Those that are not forgotten at a moment [members]."""
    keep = np.flatnonzero(mails.since > now[mails.row] - C.effect_days)
    return mails.take(keep, mails.row[keep])


def own_hazard(who: Members, lapsed_days: Floats, cancelled: Flags) -> Floats:
    """The hazard of coming back by themselves, a rhythm day; `cancelled`: they cancelled."""
    faded = np.sqrt(1 + np.maximum(lapsed_days, 0) / C.back_fades)
    hazard: Floats = who.back * np.where(cancelled, C.back_cancelled, 1.0) / faded
    return hazard


def cumulative(own: Floats, start: Floats, end: Floats, mails: Mails) -> Hazard:
    """Hazards from `start` to `end` (rhythm days, a member each), under a constant `own` hazard and mails."""
    alone = own * (end - start)
    after = np.maximum(start[mails.row] - mails.since, 0), np.maximum(end[mails.row] - mails.since, 0)
    pulled = mails.pull * (np.exp(-after[0] / C.mail_fades) - np.exp(-after[1] / C.mail_fades))
    fading = np.exp(-after[0] / C.put_off_fades) - np.exp(-after[1] / C.put_off_fades)
    pushed = mails.push * own[mails.row] * C.put_off_fades * fading
    added = np.bincount(mails.row, weights=pulled - pushed, minlength=len(own))
    return Hazard(alone, np.maximum(C.least_left * alone, alone + added))


def pull_and_push(
    who: Members, fit: Floats, lapsed_days: Floats, cancelled: Flags, before: Ints
) -> tuple[Floats, Floats]:
    """A mail's `pull` and `push` for each member, by its fit and the number of mails shortly `before`."""
    away = np.log(np.maximum(lapsed_days, 1) / C.mail_best_after) / C.mail_best_width
    season = np.exp(-0.5 * away**2) * np.where(cancelled, C.mail_cancelled, 1.0)
    pull = who.mail * fit * season * C.tired**before
    return pull, np.where(who.put_off, C.put_off_depth, 0.0)


def hour_fit(liking: Floats) -> Floats:
    """How an hour fits, by how the member likes it (`rhythm.liking`; NaN where nobody knows the hour)."""
    told = C.hour_least + C.hour_more * liking
    fit: Floats = np.where(np.isnan(liking), C.hour_unknown, told)
    return fit


def content_fit(
    titles: Catalogue, who: Members, shown: Ints, styles: Ints, seen: Flags, moments: Ints, last_play: Ints
) -> Floats:
    """How a mail's titles and artworks fit; 1 are titles as popular as any, in a style liked as any.

    Args:
        titles: the catalogue.
        who: the readers [members].
        shown: [members × places] titles, -1 where there is none.
        styles: [members × places] styles of the artworks, -1 where there is none.
        seen: [members × places] whether the member has played the title.
        moments: when it was read, µs since 1970.
        last_play: when they last played, µs since 1970.
    """
    there = shown >= 0
    title = np.where(there, shown, 0)
    weight = np.where(there, WEIGHTS[: shown.shape[1]], 0.0)
    liked = affinity(titles, who, title) * np.where(seen, C.seen_already, 1.0)
    liked = liked * np.where(titles.added[title] > last_play[:, None], C.new_to_them, 1.0)
    liked = liked * titles.shown(title, who.country[:, None], moments[:, None])
    known = np.where(styles >= 0, styles, 0)
    look = np.take_along_axis(who.styles, known, axis=1) * titles.quality[title, known]
    by_titles = np.clip(_mean(liked, weight) ** C.taste_weight, C.fit_least, C.fit_most)
    by_looks = _mean(np.where(styles >= 0, look, C.plain), weight)
    fit: Floats = np.where(there.any(axis=1), by_titles * by_looks, C.dull)
    return fit


def affinity(titles: Catalogue, who: Members, shown: Ints) -> Floats:
    """How members like titles [members × places], 1 as everyone likes everything."""
    liked: Floats = np.einsum("mpg,mg->mp", titles.genres[shown], who.taste) * who.taste.shape[1]
    return liked


def _mean(values: Floats, weight: Floats) -> Floats:
    mean: Floats = (values * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12)
    return mean
