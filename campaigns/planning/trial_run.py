"""A run that is not opened: to look at what today's would do, with nothing written."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from campaigns.planning.runs import Run, business_day, midnight

if TYPE_CHECKING:
    from campaigns.stores import Stores


def unopened(stores: Stores, campaign_id: int, name: str, definition: dict[str, Any], wall: datetime) -> Run:
    """Today's run of a campaign, as it would be opened now."""
    day = business_day(stores.settings, wall)
    return Run(
        id=0,
        campaign_id=campaign_id,
        campaign=name,
        run_date=day,
        live=True,
        cutoff=midnight(stores.settings, day),
        now=wall,
        frozen={"budget": 1, "model": None},
        planned_at=None,
        counts=None,
        definition=definition,
        template_version="",
    )
