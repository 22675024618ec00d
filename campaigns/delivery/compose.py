"""A member's mail, from what was planned: the content, the template as approved, and who they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from campaigns.errors import BadTemplate
from campaigns.rendering import Template
from campaigns.rendering.mail import Email, unsubscribe_headers
from campaigns.rendering.sentences import facts_line, row_title, why_sentence
from campaigns.tracking import Kind, Link, Links

if TYPE_CHECKING:
    from campaigns.delivery.outbox import Message
    from campaigns.settings import Settings

Fetch = Callable[[int], dict[str, Any]]


class Composer:
    """Writes mails. Templates are fetched once a run and then kept."""

    def __init__(self, settings: Settings, key: bytes, fetch: Fetch) -> None:
        self.settings, self.fetch = settings, fetch
        self.links = Links(settings.public_url, key)
        self.service = parseaddr(settings.sender)[0] or parseaddr(settings.sender)[1]
        self.templates: dict[int, tuple[str, Template]] = {}

    def compose(self, message: Message) -> Email:
        """The mail of a claimed message.

        Raises:
            BadTemplate: the template fails on this member.
            Refused: what came out can't be sent.
        """
        campaign, template = self._template(message.run_id)
        context = self.context(message, campaign)
        rendered = template.render(context, arm=message.content.get("subject_arm"))
        due = f"{message.at:%Y-%m-%dT%H%MZ}"  # UTC; a tag holds no colon
        tags = {"message": message.id.hex, "run": message.run_date.isoformat(), "campaign": campaign, "due": due}
        return Email(
            id=message.id.hex,
            to=message.email or "",
            sender=self.settings.sender,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            headers=unsubscribe_headers(context["unsubscribe_url"]),
            tags=tags,
        )

    def context(self, message: Message, campaign: str) -> dict[str, Any]:
        """What the template may say: the documented context."""
        content = message.content
        language = content.get("language") or "en"
        places = iter(range(1, 1 << 16))
        hero = self._pick(message, content["hero"], 0, language)
        rows = [self._row(message, row, language, content.get("country"), places) for row in content["rows"]]
        pixel = self._link(message, Kind.PIXEL) if message.pixel_consent else ""
        return {
            "given_name": message.given_name or "",
            "language": language,
            "service": self.service,
            "campaign": campaign,
            "hero": hero,
            "rows": rows,
            "welcome_url": self._link(message, Kind.WELCOME),
            "why": why_sentence(language, self.service),
            "postal_address": self.settings.postal_address,
            "unsubscribe_url": self._link(message, Kind.UNSUBSCRIBE),
            "pixel_url": pixel,
        }

    def _row(
        self, message: Message, row: dict[str, Any], language: str, country: str | None, places: Iterator[int]
    ) -> dict[str, Any]:
        title = row_title(row["kind"], language, country=country or "", title=row.get("about") or "")
        return {
            "kind": row["kind"],
            "title": title,
            "picks": [self._pick(message, p, next(places), language) for p in row["picks"]],
        }

    def _pick(self, message: Message, pick: dict[str, Any], place: int, language: str) -> dict[str, Any]:
        genres, minutes = pick["genres"] or [], pick["minutes"]
        return {
            "title_id": pick["title_id"],
            "name": pick["name"],
            "url": self._link(message, Kind.PICK, place),
            "artwork_url": pick["artwork_url"] or self._placeholder(pick["title_id"]),
            "artwork_alt": pick["artwork_alt"] or pick["name"],
            "genres": genres,
            "minutes": minutes or 0,
            "facts": facts_line(genres, minutes, language),
        }

    def _placeholder(self, title_id: str) -> str:
        return f"{self.settings.public_url}/artwork/{quote(title_id, safe='')}.png"

    def _link(self, message: Message, kind: Kind, place: int = 0) -> str:
        return self.links.url(Link(kind, message.id, message.run_date, place))

    def _template(self, run_id: int) -> tuple[str, Template]:
        if run_id not in self.templates:
            found = self.fetch(run_id)
            if not found:
                raise BadTemplate(f"run {run_id}", 0, "has no campaign version")
            words = found["definition"]["message"]
            self.templates[run_id] = (found["campaign"], Template.from_dict(found["template"]).with_words(words))
        return self.templates[run_id]
