"""All numbers of the simulated service in one table. They were fixed before any policy was measured in it.

What they are made to give is said in docs/sandbox.md and held by tests: members come back by themselves at 3–4% in 7
days, a good mail adds some points to that, differently for each, and one member in eight is put off. Where members live
stands in places.py; the words and colours of titles stand in words.py and palettes.py.
"""

from __future__ import annotations

from dataclasses import dataclass

GENRES = ("Drama", "Comedy", "Action", "Thriller", "Romance", "Documentary", "Sci-Fi", "Family")
STYLES = ("faces", "action", "landscape")
PLANS = ("free", "standard", "premium")
DEVICES = ("tv", "phone", "tablet", "web")


@dataclass(frozen=True)
class Constants:
    """The world's numbers. A *rhythm day* is a day as the member lives it: long in the evening, short at night."""

    # Where things are
    domain: str = "lumen.example"  # of every member's address; reserved, so that no mail can ever arrive
    titles: int = 600  # in the catalogue
    shard: int = 50_000  # members worked on at a time: what bounds memory

    # Who the members are; shares of all
    plans: tuple[float, ...] = (0.25, 0.5, 0.25)  # as `PLANS`
    devices: tuple[float, ...] = (0.45, 0.33, 0.1, 0.12)  # as `DEVICES`
    genre_levels: tuple[float, ...] = (0.35, 0.25, 0.15, 0.1, 0.0, -0.25, -0.1, -0.2)  # log taste of all, as `GENRES`
    consent: float = 0.9  # who agreed to be written to
    no_address: float = 0.01  # of whom we have no address
    pixel: float = 0.4  # who agreed to a pixel
    favourites_told: float = 0.4  # who told us their favourite genres
    signed_up_before: int = 12  # hours at most before they began to watch

    # What there is to watch
    series: float = 0.45  # share of the titles; the others are films
    series_minutes: tuple[int, int] = (22, 38)  # of an episode: at least, and more
    film_minutes: tuple[int, int] = (78, 70)  # the same, of a film
    maturity: tuple[float, ...] = (0.2, 0.15, 0.3, 0.25, 0.1)  # shares, from for all to for adults
    first_genre: tuple[float, ...] = (0.2, 0.16, 0.14, 0.14, 0.1, 0.09, 0.09, 0.08)  # shares, as `GENRES`
    second_genre: float = 0.6  # share of the titles with another genre beside the first …
    genre_parts: tuple[float, float] = (0.7, 0.3)  # … and what either is of the title
    form_ends: tuple[float, ...] = (0.5, 0.68, 0.78, 0.86)  # where the shares of forms of names end
    always_there: float = 0.5  # share of the titles that came long ago; of the others some come every week …
    comes_over: int = 860  # … over so many days …
    comes_until: int = 60  # … to so many after the start
    came_at: int = 8  # hour, UTC
    long_ago: tuple[int, int] = (2_000, 500)  # days before the start: at least, and more
    evergreen_for: int = 1_500  # days that an evergreen title has been there before the newest
    leaves: float = 0.3  # share of the titles that leave …
    leaves_soon: float = 0.06  # … and of those that leave soon
    leaves_from: int = 3  # days after the start from which they leave …
    leaves_within: tuple[int, int] = (60, 700)  # … over so many: those that leave soon, and the others
    stays: int = 90  # days at least
    everywhere: float = 0.75  # share of the titles that may be shown in every country …
    somewhere: float = 0.7  # … and share of the countries in which each of the others may

    # Before the start, in days
    earlier: int = 60  # for which another system mailed, and of which we know who came back
    lapsed_share: float = 0.5  # of the members, when those days began
    lapsed_for: float = 110.0  # mean time since they lapsed, at that time; exponential …
    lapsed_longest: float = 400.0  # … and cut off here
    watched_for: float = 60.0  # mean length of a member's first spell of viewing, beyond its least; exponential
    watched_least: float = 14.0
    newcomers: float = 0.06  # share of the members who signed up in the earlier days

    # The hours of viewing; each hour's weight within the day, by hours from where it is highest
    peaks: tuple[int, ...] = (2, 3, 4, 3, 4, 8, 14, 20, 22, 13, 7)  # of 100 members, how many like best to watch at …
    peak_hours: tuple[int, ...] = (6, 7, 12, 13, 16, 18, 19, 20, 21, 22, 23)  # … these hours
    peak_width: float = 1.8  # hours of a bell around the best one
    evening_at: int = 21  # and around everyone's …
    evening_width: float = 2.5
    evening_weight: float = 0.3
    afternoon_at: int = 15  # … and, at weekends, around this one
    afternoon_width: float = 3.0
    afternoon_weight: float = 0.3
    day_weight: float = 0.12  # of any hour …
    night_weight: float = 0.02  # … and of one from 1:00 to 6:00

    # Viewing
    least_rate: float = 0.2  # plays a rhythm day of an active member: at least this …
    more_rate: float = 0.15  # … plus a log-normal with this median …
    rate_spread: float = 0.7  # … and this standard deviation of the log
    weekdays: tuple[float, ...] = (0.85, 0.85, 0.88, 0.92, 1.12, 1.24, 1.14)  # Monday first; mean 1
    taste_spread: float = 1.3  # standard deviation of log taste between a member's genres
    country_taste: float = 0.35  # standard deviation of log taste between countries
    focus_spread: float = 0.3  # log standard deviation of how focused members are: multiplies `taste_spread`
    zipf: float = 0.8  # popularity of the r-th title falls as r to the minus this
    own_device: float = 0.8  # share of the plays on the member's own device
    played_least: float = 0.15  # of a title's length: at least …
    played_more: float = 0.85  # … and more

    # Lapsing, a day
    lapse: float = 0.0035  # hazard of an active member …
    lapse_fresh: float = 0.03  # … and what comes on top just after coming back, …
    lapse_settles: float = 20.0  # … fading with this many days
    cancels: float = 0.4  # share of those lapsing who cancel; the others just stop

    # Coming back by themselves, a rhythm day
    back: float = 0.01  # median hazard on the day after lapsing
    likely_own: float = 0.75  # how likely they are, in standard deviations, by nothing else known …
    likely_vigour: float = 0.5  # … by how much they watch …
    likely_free: float = -0.4  # … and by plan
    likely_paid: float = 0.15
    back_known: float = 0.65  # log standard deviation that plays and attributes can tell
    back_hidden: float = 0.4  # log standard deviation that nothing tells
    back_fades: float = 45.0  # days: hazard falls with the root of 1 + days lapsed / this
    back_cancelled: float = 0.7  # factor for those who cancelled

    # What a mail does
    mail: float = 0.025  # median extra comebacks by a mail of fit 1, without end
    warmth_vigour: float = 0.55  # how much it does, in standard deviations, by how much they watch …
    warmth_focus: float = -0.55  # … by how focused they are …
    warmth_plan: tuple[float, ...] = (-0.7, 0.1, 0.5)  # … by plan, as `PLANS` …
    warmth_country: tuple[float, ...] = (  # … and by country, as `COUNTRIES`
        *(-0.4, 0.6, 0.5, -0.3, 0.3, -0.6, -0.3),
        *(0.4, 0.2, 0.3, 0.2, -0.2, -0.4, -0.8),
    )
    mail_known: float = 0.8  # log standard deviation that plays and attributes can tell
    mail_hidden: float = 0.4  # log standard deviation that nothing tells
    mail_fades: float = 2.5  # rhythm days over which a mail's effect falls to 1/e
    mail_cancelled: float = 1.3  # factor for those who cancelled
    mail_best_after: float = 100.0  # days lapsed at which a mail does most …
    mail_best_width: float = 1.1  # … and the log standard deviation of that hump
    put_off: float = -2.45  # log odds of being put off at average: about one in eight
    put_off_likely: float = 1.2  # more for each standard deviation that they were likelier to come back
    put_off_free: float = 0.7  # more for those on the free plan
    put_off_depth: float = 0.7  # of the own hazard that a mail takes from those put off, at first
    put_off_fades: float = 10.0  # rhythm days over which that falls to 1/e
    least_left: float = 0.1  # of the own hazard, however many mails put someone off
    tired: float = 0.75  # factor for each mail in the days before …
    tired_days: int = 90  # … as many as these
    effect_days: int = 45  # days after which a mail is forgotten

    # How well a mail fits
    looks: float = 0.8  # a place in the mail weighs its number to the minus this
    places: int = 10  # places that are looked at
    taste_weight: float = 0.5  # fit of titles is their mean affinity (1: as everyone's) to this power
    fit_least: float = 0.5  # fit of titles is at least …
    fit_most: float = 1.9  # … and at most this
    dull: float = 0.65  # fit of a mail that shows no title of ours
    seen_already: float = 0.4  # factor on the affinity of a title that the member has played
    new_to_them: float = 1.15  # factor on that of a title added since the member's last play
    style_spread: float = 0.18  # log standard deviation of the taste for a style of artwork
    style_genre: float = 0.35  # how far the taste in genres leads that for a style, by …
    style_of_genre: tuple[tuple[int, ...], ...] = (  # … rows as `GENRES`, columns as `STYLES`
        *((1, -1, 0), (1, 0, -1), (-1, 2, -1), (0, 1, -1)),
        *((2, -1, -1), (-1, -1, 2), (-1, 1, 0), (0, -1, 1)),
    )
    art_quality: float = 0.08  # log standard deviation between artworks of a style
    plain: float = 0.85  # for the artwork, of a title that is shown without one
    hour_least: float = 0.75  # fit at an hour at which the member never watches …
    hour_more: float = 0.5  # … and what the best hour adds
    hour_unknown: float = 1.0  # fit where nobody told the hour …
    evening: int = 19  # … and the local hour at which the mail is then taken to have come

    # Coming back because of a mail
    shown_first: float = 0.7  # share of those whose first play is a title that they were shown
    subscribe_minutes: float = 4.0  # between subscribing again and playing

    # The earlier system
    earlier_share: float = 0.015  # of the lapsed members, chosen a day at random …
    earlier_gap: int = 14  # … unless they were chosen in as many days before
    earlier_after: int = 14  # days lapsed from which it wrote
    earlier_held: float = 0.5  # share of the chosen whom it held out
    earlier_hour: int = 10  # local hour at which it wrote


CONSTANTS = Constants()
