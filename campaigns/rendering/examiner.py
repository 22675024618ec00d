"""The process that `trial` starts: compiles and tries one template within the limits that it is given."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from campaigns.errors import BadTemplate, NotFound
from campaigns.rendering.check import findings
from campaigns.rendering.compiler import compile_template
from campaigns.rendering.store import TemplateStore


def main(memory: int, seconds: int) -> None:
    """Answer the question on stdin, with `memory` bytes and `seconds` of the processor."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_answer(json.load(sys.stdin)), sys.stdout)


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    try:
        store = TemplateStore(*(tuple(map(Path, question[key])) for key in ("emails", "locales")))
        template = compile_template(question["name"], store)
        return {"template": template.to_dict(), "findings": findings(template.with_words(question["messages"]))}
    except BadTemplate as error:
        return {"bad_template": error.args}
    except NotFound as error:
        return {"not_found": error.args}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
