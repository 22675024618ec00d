"""A campaign against its template: compiled, and tried on sample members under limits of time and memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from campaigns.errors import BadCampaign, BadTemplate
from campaigns.rendering.store import TemplateStore
from campaigns.rendering.trial import examine

if TYPE_CHECKING:
    from campaigns.definition import Campaign
    from campaigns.rendering import Template
    from campaigns.rendering.check import Finding
    from campaigns.settings import Settings


def checked_template(campaign: Campaign, settings: Settings) -> Template:
    """The campaign's template, compiled, with nothing wrong that would show in a mail.

    Raises:
        NotFound: no template is called that.
        BadTemplate: it does not compile, or fails on a sample; the campaign's own words count, too.
        BadCampaign: an experiment names a subject that nobody wrote.
    """
    words = {tag: table.model_dump(exclude_none=True) for tag, table in campaign.message.items()}
    examined = examine(campaign.template, settings, words)
    arms = examined.template.with_words(words).arms
    for arm in campaign.experiments["subject"].arms if "subject" in campaign.experiments else ():
        if arm not in arms:
            why = f"there is no subject {arm!r}; there are {', '.join(arms)}"
            raise BadCampaign(campaign.name, "experiments.subject", why)
    for error in examined.errors:
        raise BadTemplate(campaign.template, 0, error)
    return examined.template


def findings_of(template: str, settings: Settings) -> list[Finding]:
    """What is to be said of a template: one of the store by its name, or a file.

    Raises:
        NotFound: there is none of that name.
        BadTemplate: it does not compile.
    """
    if template.endswith(".mjml"):
        file = Path(template)
        return examine(file.stem, TemplateStore.at(settings.home).beside(file)).findings
    return examine(template, settings).findings
