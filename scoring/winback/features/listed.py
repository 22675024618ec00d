"""The features: what each is called, what kind of thing it is, and what it says."""

from __future__ import annotations

from typing import Literal, NamedTuple

VERSION = "2"
PERIODS = (7, 30, 90, 365)  # days
MONTH = 30  # days
SILENCE = 30  # days without a play, after which a play is a comeback
ANSWER = 14  # days within which a comeback answers a mail
NEW = 365  # days for which a title that was added is new
FITTING = 3  # how many of the genres played most decide whether a new title fits

Kind = Literal["number", "category"]


class Feature(NamedTuple):
    """A column of the model's input. `about`: in words, with details behind a semicolon; `part`: what it belongs to."""

    name: str
    kind: Kind
    about: str
    part: str


def _part(part: str, *told: tuple[str, Kind, str]) -> list[Feature]:
    return [Feature(name, kind, about, part) for name, kind, about in told]


FEATURES = (
    *_part(
        "Membership",
        ("tenure_days", "number", "days since sign-up"),
        ("country", "category", "the member's country"),
        ("language", "category", "the member's language"),
        ("plan", "category", "the member's plan"),
    ),
    *_part(
        "Lapse",
        ("lapse_kind", "category", "how they left; cancelled, never played, or else stopped"),
        ("days_since_play", "number", "days since the last play; never played: since sign-up"),
        ("days_since_cancel", "number", "days since cancelling; empty for those who have not"),
        ("days_since_return", "number", "days since the last comeback that was no play"),
        ("comebacks", "number", f"days with a play after {SILENCE} days or more without one"),
    ),
    *_part(
        "Viewing",
        ("days_since_first_play", "number", "days since the first play"),
        *((f"plays_{days}d", "number", f"plays in the {days} days before") for days in PERIODS),
        ("plays_lifetime", "number", "plays so far"),
        ("titles_lifetime", "number", "different titles played so far"),
        ("active_days", "number", "days with a play so far; by the member's clock"),
        ("plays_an_active_day", "number", "plays on a day with a play"),
        ("minutes_lifetime", "number", "minutes watched so far; where the service tells"),
        ("minutes_a_play", "number", "minutes a play"),
    ),
    *_part(
        "Trend and regularity",
        ("last_month_share", "number", f"share of all plays that fell in the last {MONTH} days of viewing"),
        (
            "month_trend",
            "number",
            f"plays in the last {MONTH} days of viewing, as a share of the last {2 * MONTH}; steady: 0.5",
        ),
        ("active_share", "number", "share of the days from the first play to the last that had one"),
        ("gap_mean", "number", "days from a day with a play to the next, on average"),
        ("gap_spread", "number", "standard deviation of the days from a day with a play to the next"),
        ("overdue", "number", "days since the last play, in average gaps between days with a play"),
    ),
    *_part(
        "Taste",
        ("genres_lifetime", "number", "different genres played so far"),
        (
            "genre_breadth",
            "number",
            "breadth of taste; how many genres, played equally often, would be as mixed as theirs",
        ),
        ("top_genre", "category", "the genre played most"),
        ("top_genre_share", "number", "share of the genre played most"),
        ("second_genre_share", "number", "share of the genre played second most"),
        ("completion", "number", "share of a title that they watched, on average; where lengths are known"),
    ),
    *_part(
        "Device and hours",
        ("device", "category", "the device used most"),
        ("device_share", "number", "share of plays on the device used most"),
        ("top_hour", "number", "the hour of the day in which most plays began; 0 to 23"),
        ("evening_share", "number", "share of plays in the evening; from 18:00 to midnight"),
        ("weekend_share", "number", "share of plays at the weekend; on a Saturday or a Sunday"),
        (
            "hour_breadth",
            "number",
            "breadth of hours; how many of the week's 168, watched in equally often, would be as mixed as theirs",
        ),
    ),
    *_part(
        "Mails",
        ("mails_lifetime", "number", "win-back mails received so far"),
        ("mails_90d", "number", "win-back mails received in the 90 days before"),
        ("mails_since_play", "number", "win-back mails received since the last play"),
        ("days_since_mail", "number", "days since the last win-back mail"),
        ("mails_answered", "number", f"win-back mails after which they came back within {ANSWER} days"),
        ("answer_share", "number", f"share of win-back mails after which they came back within {ANSWER} days"),
    ),
    *_part(
        "What is new",
        (
            "new_titles",
            "number",
            f"titles added since the last play; {NEW} days ago at most, and with rights in their country",
        ),
        ("new_in_top_genre", "number", "new titles of the genre played most"),
        ("new_fit", "number", f"new titles of the {FITTING} genres played most, weighed by how often each was played"),
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)
