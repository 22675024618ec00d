"""The mailbox as pages that a browser opens from the disk: a list, and each mail as its reader would see it.

A mail is shown inside a sandboxed frame: nothing in it runs, and its links open in a tab of their own. Everything else
that a mail brings (subject, addresses, headers) is text here, and escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

from campaigns.standin.mailbox import Mail

_HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
_LINKS_OPEN_A_TAB = '<base target="_blank">'

_STYLE = """
:root { color-scheme: light dark; --bg: #FAF8F5; --surface: #FFFFFF; --line: #E4DED5; --ink: #1F1B16; --soft: #5C544A;
  --accent: #5B2A86; }
@media (prefers-color-scheme: dark) { :root { --bg: #151217; --surface: #1E1A21; --line: #383140; --ink: #F4EFF6;
  --soft: #C2B8C8; --accent: #CDA6F5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 24px; background: var(--bg); color: var(--ink);
  font: 16px/1.5 Inter, system-ui, sans-serif; }
h1 { margin: 0 0 8px; font-size: 32px; line-height: 1.2; font-weight: 600; letter-spacing: -.02em;
  overflow-wrap: anywhere; }
p { margin: 0 0 24px; color: var(--soft); }
a { color: var(--accent); }
table { width: 100%; border-collapse: collapse; background: var(--surface); border-radius: 16px; font-size: 15px;
  font-variant-numeric: tabular-nums; }
th, td { padding: 8px 16px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
tbody tr:last-child td { border-bottom: 0; }
th, dt { color: var(--soft); font-weight: 400; }
td:last-child { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0 0 16px; font-size: 15px; }
dd { margin: 0; overflow-wrap: anywhere; }
summary { margin: 8px 0; cursor: pointer; color: var(--accent); }
pre { padding: 16px; background: var(--surface); border-radius: 16px; font-size: 13px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
iframe { display: block; width: 100%; height: 80vh; margin: 8px 0 16px; background: #FFFFFF;
  border: 1px solid var(--line); border-radius: 16px; }
@media (max-width: 720px) { body { padding: 16px; } th, td { padding: 8px; } h1 { font-size: 22px; } }
"""


class Row(NamedTuple):
    """A mail in the list."""

    message_id: str
    received_at: datetime
    to: str
    subject: str


def row(mail: Mail) -> Row:
    """What the list shows of a mail."""
    return Row(mail.message_id, mail.received_at, ", ".join(mail.recipients), mail.subject)


def index(rows: Iterable[Row]) -> str:
    """The list of mails, in the order given."""
    listed = "".join(_listed(row) for row in rows)
    if not listed:
        return _page(
            "Mailbox", "<h1>Mailbox</h1><p>Mails that Encore sends on this machine will be here. None so far.</p>"
        )
    return _page(
        "Mailbox",
        "<h1>Mailbox</h1>"
        "<p>The newest mails come first; none of them left this machine. Reload to see what came since.</p>"
        "<table><thead><tr><th>Subject</th><th>To</th><th>Received, UTC</th></tr></thead>"
        f"<tbody>{listed}</tbody></table>",
    )


def page(mail: Mail) -> str:
    """A mail's own page: what it is, how it looks, its plain text and its headers."""
    return _page(
        mail.subject,
        f'<p><a href="index.html">All mails</a></p><h1>{escape(mail.subject) or "(no subject)"}</h1>'
        f"{_facts(mail)}{_frame(mail.html)}{_plain(mail.text)}{_headers(mail)}",
    )


def _listed(row: Row) -> str:
    return (
        f'<tr><td><a href="{escape(row.message_id)}.html">{escape(row.subject) or "(no subject)"}</a></td>'
        f"<td>{escape(row.to)}</td><td>{_time(row.received_at)}</td></tr>\n"
    )


def _facts(mail: Mail) -> str:
    facts = {
        "From": mail.sender,
        "To": ", ".join(mail.recipients),
        "Received": f"{_time(mail.received_at)} UTC",
        "Tags": ", ".join(f"{name} = {value}" for name, value in mail.tags.items()),
    }
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{escape(value)}</dd>' for name, value in facts.items() if value)}</dl>"


def _frame(html: str | None) -> str:
    if html is None:
        return ""
    # The base goes into the head and not before it: in front of a doctype it would change how the mail is laid out.
    head = _HEAD.search(html)
    at = head.end() if head else 0
    whole = html[:at] + _LINKS_OPEN_A_TAB + html[at:]
    inside = whole.replace("&", "&amp;").replace(
        '"', "&quot;"
    )  # all that an attribute needs, and half of escape's time
    return f'<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{inside}"></iframe>'


def _plain(text: str | None) -> str:
    return "" if text is None else f"<details><summary>As plain text</summary><pre>{escape(text)}</pre></details>"


def _headers(mail: Mail) -> str:
    if not mail.headers:
        return ""
    lines = "\n".join(f"{name}: {value}" for name, value in mail.headers.items())
    return f"<details><summary>Headers</summary><pre>{escape(lines)}</pre></details>"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %Y %H:%M:%S}"


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
