"""Compiling and trying a template in a process of its own, with bounds on its memory and time.

Templates are written by people who may send mails, not run programs. The sandbox keeps what they write from reaching
out; this keeps a template that grows or hangs, by malice or by mistake, from taking the web server or a worker along.

The process is `python -m campaigns.rendering.examiner`: a question in JSON on stdin, an answer in JSON on stdout.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, NamedTuple

from campaigns.errors import BadTemplate, NotFound
from campaigns.rendering.check import Finding
from campaigns.rendering.store import Home, TemplateStore, store_of
from campaigns.rendering.template import Template

__all__ = ["Examined", "examine"]

MEMORY = 512 * 2**20  # bytes of address space
SECONDS = 20  # of the wall clock, start of the process included; half as many of the processor
TOO_MUCH = f"takes more than {SECONDS // 2} seconds or {MEMORY // 2**20} MB to compile and try; make it simpler"


class Examined(NamedTuple):
    """A template version, and what its samples showed."""

    template: Template
    findings: list[Finding]

    @property
    def errors(self) -> list[str]:
        """What keeps it from being used."""
        return [finding.what for finding in self.findings if finding.level == "error"]


def examine(name: str, place: TemplateStore | Home, messages: dict[str, Any] | None = None) -> Examined:
    """Compile the template called `name` and try it on samples, under limits of memory and time.

    `messages` are a campaign's own words, as in `Template.with_words`; the template that comes back is without them.

    Raises:
        NotFound: no template is called that.
        BadTemplate: it does not compile, or takes more memory or time than a mail may.
    """
    store = store_of(place)
    folders = {"emails": [str(folder) for folder in store.emails], "locales": [str(each) for each in store.locales]}
    answer = _ask(name, {"name": name, "messages": messages or {}, **folders})
    return Examined(Template.from_dict(answer["template"]), [Finding(*finding) for finding in answer["findings"]])


def _ask(name: str, question: dict[str, Any]) -> dict[str, Any]:
    """Put `question` to a process of its own. It gets this one's import path and nothing else of its environment."""
    command = [sys.executable, "-P", "-m", "campaigns.rendering.examiner", str(MEMORY), str(SECONDS // 2)]
    surroundings = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
    asked = json.dumps(question)
    try:
        done = subprocess.run(
            command, input=asked, capture_output=True, encoding="utf-8", env=surroundings, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadTemplate(name, 0, TOO_MUCH) from None
    if done.returncode < 0 or "MemoryError" in done.stderr:
        raise BadTemplate(name, 0, TOO_MUCH)
    if done.returncode:
        raise RuntimeError(f"the examiner failed on template {name}: {done.stderr}")
    return _understood(json.loads(done.stdout))


def _understood(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer, or the error that it tells of."""
    if "bad_template" in answer:
        raise BadTemplate(*answer["bad_template"])
    if "not_found" in answer:
        raise NotFound(*answer["not_found"])
    return answer
