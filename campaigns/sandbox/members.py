"""Who the members are: everything about them that never changes follows from the seed and their number.

Nothing of this is stored. What the service knows of a member it writes into `members.parquet`; what only the world
knows (tastes, how likely they are to come back, what a mail does to them) stays here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from campaigns.sandbox import places
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.constants import GENRES, PLANS, STYLES
from campaigns.sandbox.draws import Draws, Flags, Floats, Ints
from campaigns.sandbox.rhythm import PEAKS

_GENRE_LEVELS = np.array(C.genre_levels)
_MEAN_TASTE = np.exp(_GENRE_LEVELS) / np.exp(_GENRE_LEVELS).sum()


@dataclass(frozen=True)
class Members:
    """Traits of some members, an element each.

    Attributes:
        numbers: who they are.
        country, zone, language, plan, device: indices into `places.CODES`, `ZONES`, `LANGUAGES`, `PLANS`, `DEVICES`.
        peak: the local hour at which they like best to watch.
        rate: plays a rhythm day while active.
        taste: [members × genres], rows add up to 1.
        taste_ends: the same, summed up from the first genre on.
        styles: [members × styles], what a style of artwork does to a mail's effect; mean about 1.
        back: own hazard of coming back, a rhythm day, just after lapsing.
        mail: extra comebacks by a mail of fit 1, without end; 0 for those put off.
        put_off: whether a mail keeps them away instead.
    """

    numbers: Ints
    country: Ints
    zone: Ints
    language: Ints
    plan: Ints
    device: Ints
    peak: Ints
    rate: Floats
    taste: Floats
    taste_ends: Floats
    styles: Floats
    back: Floats
    mail: Floats
    put_off: Flags

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Ints) -> Members:
        """The members at these places, in this order."""
        return Members(**{name: values[rows] for name, values in vars(self).items()})


def members(draws: Draws, numbers: Ints) -> Members:
    """The members of these numbers."""
    country = draws.choice("country", np.array([country.share for country in places.COUNTRIES]), numbers)
    plan = draws.choice("plan", np.array(C.plans), numbers)
    vigour = draws.normal("vigour", numbers)
    focus = draws.normal("focus", numbers)
    taste = _taste(draws, numbers, country, focus)
    likely = C.likely_own * draws.normal("likely", numbers) + C.likely_vigour * vigour
    likely = likely + np.where(plan == 0, C.likely_free, C.likely_paid)
    put_off = _put_off(draws, numbers, likely, plan)
    warmth = C.warmth_vigour * vigour + C.warmth_focus * focus
    warmth = warmth + np.array(C.warmth_plan)[plan] + np.array(C.warmth_country)[country]
    mail = C.mail * np.exp(C.mail_known * warmth + C.mail_hidden * draws.normal("warmth", numbers))
    return Members(
        numbers=numbers,
        country=country,
        zone=_where(draws, "zone", numbers, country, places.ZONES, [c.zones for c in places.COUNTRIES]),
        language=_where(draws, "language", numbers, country, places.LANGUAGES, [c.languages for c in places.COUNTRIES]),
        plan=plan,
        device=draws.choice("device", np.array(C.devices), numbers),
        peak=PEAKS[(draws.uniform("peak", numbers) * len(PEAKS)).astype(np.int64)],
        rate=C.least_rate + C.more_rate * np.exp(C.rate_spread * vigour),
        taste=taste,
        taste_ends=np.cumsum(taste, axis=1),
        styles=_styles(draws, numbers, taste),
        back=C.back * np.exp(C.back_known * likely + C.back_hidden * draws.normal("back", numbers)),
        mail=np.where(put_off, 0.0, mail),
        put_off=put_off,
    )


def member_id(numbers: Ints) -> pl.Series:
    """The members' ids: `m0000042`."""
    return pl.select("m" + pl.lit(pl.Series(numbers)).cast(pl.String).str.zfill(7)).to_series().rename("member_id")


def number_of(ids: pl.Series) -> Ints:
    """The members behind ids."""
    numbers: Ints = ids.str.strip_prefix("m").cast(pl.Int64).to_numpy()
    return numbers


def members_table(draws: Draws, who: Members, signed_up: Ints, cancelled: pl.Series) -> pl.DataFrame:
    """The import contract's `members`. `signed_up`: µs since 1970; `cancelled`: the same, null where they have not."""
    given = _given_names(draws, who)
    time = pl.Datetime("us", "UTC")
    consent, addressed = _consent(draws, who.numbers), _addressed(draws, who.numbers)
    joined = pl.Series(signed_up).cast(time)
    table = pl.DataFrame(
        {
            "member_id": member_id(who.numbers),
            "email": _addresses(given, who.numbers),
            "given_name": given,
            "country": _named(places.CODES, who.country),
            "language": _named(places.LANGUAGES, who.language),
            "timezone": _named(places.ZONES, who.zone),
            "plan": _named(PLANS, who.plan),
            "signed_up_at": joined,
            "cancelled_at": cancelled.cast(time),
            "favourite_genres": _favourites(draws, who),
            "email_consent": consent,
            "email_consent_at": joined,
            "pixel_consent": draws.uniform("pixel", who.numbers) < C.pixel,
        }
    )
    return table.with_columns(
        email=pl.when(pl.lit(pl.Series(addressed))).then("email"),
        email_consent_at=pl.when("email_consent").then("email_consent_at"),
    )


def reachable(draws: Draws, numbers: Ints) -> Flags:
    """Whether members agreed to be written to and we have their address."""
    return _consent(draws, numbers) & _addressed(draws, numbers)


def _consent(draws: Draws, numbers: Ints) -> Flags:
    return draws.uniform("consent", numbers) < C.consent


def _addressed(draws: Draws, numbers: Ints) -> Flags:
    return draws.uniform("address", numbers) >= C.no_address


def _taste(draws: Draws, numbers: Ints, country: Ints, focus: Floats) -> Floats:
    genres = np.arange(len(GENRES))
    spread = C.taste_spread * np.exp(C.focus_spread * focus)
    local = C.country_taste * draws.normal("local taste", country[:, None], genres)
    weights = np.exp(_GENRE_LEVELS + local + spread[:, None] * draws.normal("taste", numbers[:, None], genres))
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _styles(draws: Draws, numbers: Ints, taste: Floats) -> Floats:
    own = C.style_spread * draws.normal("style", numbers[:, None], np.arange(len(STYLES)))
    led = C.style_genre * (taste - _MEAN_TASTE) @ np.array(C.style_of_genre)
    weights = np.exp(own + led)
    relative: Floats = weights / weights.mean(axis=1, keepdims=True)
    return relative


def _put_off(draws: Draws, numbers: Ints, likely: Floats, plan: Ints) -> Flags:
    odds = np.exp(C.put_off + C.put_off_likely * likely + C.put_off_free * (plan == 0))
    flags: Flags = draws.uniform("put off", numbers) < odds / (1 + odds)
    return flags


def _where(
    draws: Draws, what: str, numbers: Ints, country: Ints, all_: tuple[str, ...], shares: list[dict[str, float]]
) -> Ints:
    """Which of `all_` each member has, by the shares of their country."""
    units = draws.uniform(what, numbers)
    ends = np.array([np.cumsum([share.get(name, 0.0) for name in all_]) for share in shares])
    found: Ints = (units[:, None] >= np.minimum(ends[country], 1.0)).sum(axis=1).clip(max=len(all_) - 1)
    return found


def _named(names: tuple[str, ...], which: Ints) -> pl.Series:
    return pl.Series(names).gather(which)


def _given_names(draws: Draws, who: Members) -> pl.Series:
    lists = [country.names for country in places.COUNTRIES]
    first = np.cumsum([0, *map(len, lists)])[:-1]
    counts = np.array([len(names) for names in lists])
    place = (draws.uniform("name", who.numbers) * counts[who.country]).astype(np.int64)
    return pl.Series([name for names in lists for name in names]).gather(first[who.country] + place)


def _addresses(given: pl.Series, numbers: Ints) -> pl.Series:
    """`joao.42@lumen.example`: the number alone tells whose it is."""
    plain = given.str.normalize("NFKD").str.replace_all(r"[^A-Za-z]", "").str.to_lowercase()
    return pl.select(pl.format("{}.{}@" + C.domain, pl.lit(plain), pl.lit(pl.Series(numbers)))).to_series()


def _favourites(draws: Draws, who: Members) -> pl.Series:
    """Up to three genres, best first, from those who told us."""
    order = np.argsort(-who.taste, axis=1)[:, :3]
    named = pl.DataFrame({f"g{place}": _named(GENRES, order[:, place]) for place in range(3)})
    told = pl.Series(draws.uniform("favourites", who.numbers) < C.favourites_told)
    lists = named.select(pl.concat_list(pl.all()).alias("g"))["g"]
    return pl.select(pl.when(pl.lit(told)).then(pl.lit(lists)).otherwise(pl.lit([], pl.List(pl.String)))).to_series()
