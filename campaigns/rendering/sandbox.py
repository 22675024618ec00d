"""The Jinja that marketers write, where it can reach nothing but the context and cannot run away.

Jinja's own sandbox keeps templates from Python's internals; it does not bound time or memory, and it lets
templates reach the attributes of whatever they are given. So here an attribute is a key of a dict and nothing else,
arithmetic is for small numbers, the only callable is `_`, filters and tests are a short list, and output is capped.
What a template may contain at all is `lint`'s matter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from campaigns.rendering.context import LOOP
from campaigns.rendering.locales import Phrases

__all__ = ["FILTERS", "HTML", "TESTS", "TEXT", "OutputTooLong", "Sandbox", "fill", "program"]

_FILTERS = "capitalize default e escape first int join last length lower title trim truncate upper urlencode"
_TESTS = "defined divisibleby eq even ge gt in le lt ne none number odd string"
FILTERS, TESTS = _FILTERS.split(), _TESTS.split()
LONGEST_OUTPUT = 200_000  # characters; Gmail cuts a mail off at about half of that
LARGEST_NUMBER = 10**9
_SPECIAL = re.compile(r"[&<>\"']")


class OutputTooLong(SecurityError):
    """A template that writes more than a mail can hold."""


class _Generator(CodeGenerator):
    """Jinja's own, but for the call around what is printed, which is `Sandbox.quote` or `Sandbox.plain`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        del node, finalize
        self.write("environment.quote(" if frame.eval_ctx.autoescape else "environment.plain(")


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment in which names are keys, and nothing else is in reach."""

    intercepted_binops = frozenset({"*", "**", "%"})
    code_generator_class = _Generator

    def __init__(self, *, html: bool) -> None:
        super().__init__(autoescape=html, undefined=StrictUndefined, keep_trailing_newline=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.tests = {name: self.tests[name] for name in TESTS}

    @staticmethod
    def quote(value: Any) -> str:
        """What is printed in HTML: escaped, unless there is nothing to escape, as in most names and links."""
        if type(value) is str and _SPECIAL.search(value) is None:
            return value
        return "" if value is None else escape(value)

    @staticmethod
    def plain(value: Any) -> str:
        """What is printed in text."""
        return "" if value is None else str(value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of a dict, or what a loop knows of itself; never an attribute of a Python object."""
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        if type(obj) is LoopContext and attribute in LOOP:
            return getattr(obj, attribute)
        return obj if isinstance(obj, StrictUndefined) else self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A key of a dict, a place in a list or a part of one."""
        if type(obj) in (dict, list, str):
            try:
                return obj[argument]
            except (TypeError, LookupError):
                pass
        return obj if isinstance(obj, StrictUndefined) else self.undefined(obj=obj, name=argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Only `_` may be called."""
        del context
        if type(obj) is not Phrases:
            raise SecurityError("only _ may be called")
        return obj(*args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply and divide small numbers; text does not grow by arithmetic."""
        del context
        numbers = all(isinstance(side, int | float) and abs(side) <= LARGEST_NUMBER for side in (left, right))
        if operator == "**" or not numbers:
            raise SecurityError(f"{operator} is for numbers up to {LARGEST_NUMBER:,} here")
        return self.binop_table[operator](left, right)


HTML = Sandbox(html=True)
TEXT = Sandbox(html=False)  # subjects, preheaders, headlines and the text part


@lru_cache(maxsize=256)
def program(source: str, *, html: bool) -> Template:
    """The compiled template of `source`, kept for the next member."""
    return (HTML if html else TEXT).from_string(source)


def fill(source: str, context: dict[str, Any], *, html: bool) -> str:
    """Render `source` with `context`, up to the longest output there may be.

    Raises:
        OutputTooLong: there was more.
        jinja2.TemplateError: a name is missing, or the sandbox stopped it.
    """
    template = program(source, html=html)
    stream = template.root_render_func(template.new_context(context, shared=True))
    parts, length = [], 0
    while batch := list(islice(stream, 256)):  # in batches: counting each of 200 pieces would be a fifth of the time
        parts.append("".join(batch))
        length += len(parts[-1])
        if length > LONGEST_OUTPUT:
            raise OutputTooLong(f"writes more than {LONGEST_OUTPUT:,} characters")
    return "".join(parts)
