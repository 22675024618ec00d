"""What is missing or wrong with an installation, each finding with what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from campaigns import sending
from campaigns.errors import Unavailable
from campaigns.feedback import doubts
from campaigns.quota import advised_warm_up, has_mailed
from campaigns.settings import Settings, secret_key

if TYPE_CHECKING:
    from campaigns.sending import Carrier
    from campaigns.stores import Stores

EXAMPLE = Settings.model_fields["sender"].default


class Finding(NamedTuple):
    """One thing looked at. `mark`: ok, warn (mails go, but) or bad (nothing goes)."""

    mark: Literal["ok", "warn", "bad"]
    what: str
    said: str
    mend: str = ""


def examine(stores: Stores, carrier: Carrier, wall: datetime) -> list[Finding]:
    """Look at everything."""
    return [
        *_data(stores),
        *_sender(stores.settings),
        *_account(stores, carrier),
        *_doubts(stores, wall),
    ]


def _data(stores: Stores) -> Iterator[Finding]:
    yield Finding("ok", "database", "answers, and its schema is this version's")
    for table in ("members", "titles", "plays", "artworks"):
        if stores.lake.is_empty(table):
            yield Finding("warn", table, "none yet", "encore import FOLDER")


def _sender(settings: Settings) -> Iterator[Finding]:
    if settings.transport != "ses":
        yield Finding("ok", "transport", "local: the bundled stand-in keeps every mail, none leaves this machine")
        return
    if settings.sender == EXAMPLE:
        yield Finding("bad", "sender", f"is still the example, {EXAMPLE}", "set ENCORE_SENDER")
    if settings.postal_address == Settings.model_fields["postal_address"].default:
        yield Finding(
            "bad", "postal address", "is still the example; the law asks for yours", "set ENCORE_POSTAL_ADDRESS"
        )
    if settings.public_url.startswith("http://"):
        yield Finding(
            "warn", "public URL", f"{settings.public_url} is plain http", "set ENCORE_PUBLIC_URL to https://…"
        )
    if settings.configuration_set is None:
        why = "none is set, so SES tells nothing of deliveries, bounces and complaints"
        yield Finding("warn", "configuration set", why, "set ENCORE_CONFIGURATION_SET")
    try:
        secret_key(settings)
    except Unavailable as error:
        yield Finding("bad", error.what, error.why, error.mend)


def _account(stores: Stores, carrier: Carrier) -> Iterator[Finding]:
    try:
        quota = sending.transport(stores.settings, carrier).quota()
    except Unavailable as error:
        yield Finding("bad", error.what, error.why, error.mend)
        return
    a_day = "without a limit" if quota.a_day < 0 else f"{quota.left:,} mails left of {quota.a_day:,.0f}"
    said = f"{a_day} a day, {quota.a_second:,.0f} a second"
    yield Finding("ok" if quota.left else "warn", "quota", said, "" if quota.left else "the rest waits for tomorrow")
    if stores.settings.transport == "ses" and stores.settings.warm_up is None and not has_mailed(stores.database):
        plan = advised_warm_up(quota)
        yield Finding("warn", "warm-up", "no mail went out yet, and none is planned", f"set ENCORE_WARM_UP={plan}")


def _doubts(stores: Stores, wall: datetime) -> Iterator[Finding]:
    left = doubts(stores.database)
    if left.messages and left.since is not None:
        hours = (wall - left.since).total_seconds() / 3600
        what = "message" if left.messages == 1 else "messages"
        said = f"{left.messages:,} {what}, the oldest for {hours:.1f} h"
        yield Finding("warn", "in doubt", said, "encore reconcile, and see that SES's events arrive")
