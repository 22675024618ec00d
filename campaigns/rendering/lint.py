"""What a template may say: a short list of Jinja, over names that exist.

Everything is decided on the syntax tree, before anything runs, so a mistake is found when a template is
compiled and not by the first member whose mail lacks a name. Loops run over the context's lists alone and
nest at most three deep; with lists of bounded length that bounds the time a mail can take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from campaigns.rendering.context import LOOP, Shape, Value
from campaigns.rendering.locales import placeholders
from campaigns.rendering.sandbox import FILTERS, TESTS, TEXT

__all__ = ["Complaint", "Linted", "lint"]

DEEPEST_LOOP = 3
ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod)
LOGIC = (nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos)
Scope = Mapping[str, Shape]


class Complaint(Exception):
    """Something a template may not say: `line` of the source that was linted, 1 the first, and `why`."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line, self.why = line, why


@dataclass(frozen=True)
class Linted:
    """What a walk over a template found out about it.

    `phrases` are those that it puts through `_`, in order. `links` are the printed names that stand for ready-made
    links wherever they are printed: `hero.url`, and `pick.url` within its loop.
    """

    phrases: tuple[str, ...]
    links: frozenset[str]


def lint(source: str, names: Scope) -> Linted:
    """Hold `source` against what a template may say; every name it uses must be one of `names`.

    Raises:
        Complaint: it is no Jinja, uses a name that is not there, or a part of Jinja that is not for mails.
    """
    try:
        tree = TEXT.parse(source)
    except TemplateSyntaxError as error:
        raise Complaint(error.lineno, error.message or "no Jinja that can be read") from None
    except RecursionError:
        raise Complaint(0, "nested too deeply; write it flatter") from None
    linter = _Linter()
    try:
        linter.block(tree.body, names, 0)
    except RecursionError:
        raise Complaint(0, "nested too deeply; write it flatter") from None
    return Linted(tuple(dict.fromkeys(linter.phrases)), frozenset(linter.links - linter.others))


class _Linter:
    """One walk over a syntax tree, which collects what `_` is called with and which printed names are links."""

    def __init__(self) -> None:
        self.phrases: list[str] = []
        self.links: set[str] = set()
        self.others: set[str] = set()

    def block(self, statements: Sequence[nodes.Node], scope: Scope, depth: int) -> None:
        for statement in statements:
            self.statement(statement, scope, depth)

    def statement(self, node: nodes.Node, scope: Scope, depth: int) -> None:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    kind = self.value(part, scope)
                    (self.links if kind is Value.LINK else self.others).add(_path(part))
            case nodes.If():
                self.shape(node.test, scope)
                for branch in (node.body, node.elif_, node.else_):
                    self.block(branch, scope, depth)
            case nodes.For():
                self.loop(node, scope, depth + 1)
            case _:
                raise Complaint(node.lineno, f"{{% {_tag(node)} %}} is not for mails; there are if and for")

    def loop(self, node: nodes.For, scope: Scope, depth: int) -> None:
        if depth > DEEPEST_LOOP:
            raise Complaint(node.lineno, f"loops nest at most {DEEPEST_LOOP} deep")
        if node.recursive or not isinstance(node.target, nodes.Name):
            raise Complaint(node.lineno, "a loop gives each of a list one name: {% for pick in row.picks %}")
        over = self.shape(node.iter, scope)
        if not isinstance(over, list):
            raise Complaint(node.lineno, "a loop runs over one of the context's lists: rows, row.picks or pick.genres")
        inside: Scope = {**scope, node.target.name: _each(over), "loop": LOOP}
        if node.test is not None:
            self.shape(node.test, inside)
        self.block(node.body, inside, depth)
        self.block(node.else_, scope, depth)

    def value(self, node: nodes.Node, scope: Scope) -> Value:
        """What a single value is; a list or a record is refused, since printing it would show Python."""
        shape = [Value.TEXT] if isinstance(node, nodes.List | nodes.Tuple) else self.shape(node, scope)
        if not isinstance(shape, Value):
            what = "a list; loop over it" if isinstance(shape, list) else f"a record; it has {_listed(shape)}"
            raise Complaint(node.lineno, f"{_path(node)} is {what}")
        return shape

    def shape(self, node: nodes.Node, scope: Scope) -> Shape:  # noqa: PLR0911 - one line a kind of expression
        match node:
            case nodes.TemplateData() | nodes.Const():
                return Value.TEXT
            case nodes.Name():
                return _found(node, node.name, scope, "there is no {name!r} here; there are {names}")
            case nodes.Getattr() | nodes.Getitem():
                return self.part(node, scope)
            case nodes.Filter() | nodes.Test():
                return self.filtered(node, scope)
            case nodes.Call():
                return self.phrase(node, scope)
            case nodes.CondExpr():
                return self.choice(node, scope)
            case nodes.Compare() | nodes.Operand() | nodes.Concat() | nodes.Tuple() | nodes.List():
                return self.parts(node, scope)
            case _ if isinstance(node, ARITHMETIC + LOGIC):
                return self.parts(node, scope)
            case _:
                raise Complaint(node.lineno, f"{type(node).__name__} is not for mails")

    def parts(self, node: nodes.Node, scope: Scope) -> Shape:
        for part in node.iter_child_nodes():
            self.shape(part, scope)
        return Value.NUMBER if isinstance(node, ARITHMETIC) else Value.TEXT

    def part(self, node: nodes.Getattr | nodes.Getitem, scope: Scope) -> Shape:
        whole = self.shape(node.node, scope)
        if isinstance(node, nodes.Getitem) and isinstance(whole, list):
            return _part_of_list(node, whole)
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if isinstance(key, str) and isinstance(whole, Mapping):
            return _found(node, key, whole, f"{_path(node.node)} has no {{name!r}}; it has {{names}}")
        what = "a list: loop over it, or say [0]" if isinstance(whole, list) else "a single value"
        raise Complaint(node.lineno, f"{_path(node.node)} is {what}, and has no {key!r}")

    def filtered(self, node: nodes.Filter | nodes.Test, scope: Scope) -> Shape:
        there, kind = (FILTERS, "filter") if isinstance(node, nodes.Filter) else (TESTS, "test")
        if node.name not in there:
            raise Complaint(node.lineno, f"there is no {kind} {node.name!r}; there are {', '.join(there)}")
        self.arguments(node, scope)
        shape: Shape = self.shape(node.node, scope) if node.node is not None else Value.TEXT
        if isinstance(node, nodes.Filter) and node.name in ("first", "last") and isinstance(shape, list):
            return _each(shape)
        return shape if isinstance(shape, Value) and node.name == "default" else Value.TEXT

    def arguments(self, node: nodes.Filter | nodes.Test | nodes.Call, scope: Scope) -> None:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Complaint(node.lineno, "arguments are written out, without * or **")
        for argument in [*node.args, *(keyword.value for keyword in node.kwargs)]:
            self.value(argument, scope)

    def choice(self, node: nodes.CondExpr, scope: Scope) -> Shape:
        self.shape(node.test, scope)
        if node.expr2 is None:
            raise Complaint(node.lineno, 'a choice says what else: {{ "a" if … else "" }}')
        one, other = self.shape(node.expr1, scope), self.shape(node.expr2, scope)
        return one if one == other else Value.TEXT

    def phrase(self, node: nodes.Call, scope: Scope) -> Shape:
        said = node.args[0] if len(node.args) == 1 else None
        if not isinstance(node.node, nodes.Name) or node.node.name != "_" or not isinstance(said, nodes.Const):
            raise Complaint(node.lineno, 'only _("a phrase", name=…) may be called')
        self.arguments(node, scope)
        given = {keyword.key for keyword in node.kwargs}
        if given != placeholders(said.value):
            raise Complaint(
                node.lineno,
                f"{said.value!r} leaves open {sorted(placeholders(said.value))} and is given {sorted(given)}",
            )
        self.phrases.append(said.value)
        return Value.TEXT


def _each(shape: list[Shape]) -> Shape:
    """What each of a list is."""
    return shape[0]


def _part_of_list(node: nodes.Getitem, whole: list[Shape]) -> Shape:
    if isinstance(node.arg, nodes.Slice):
        bounds = (node.arg.start, node.arg.stop, node.arg.step)
        if all(bound is None or isinstance(bound, nodes.Const) for bound in bounds):
            return whole
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int):
        return _each(whole)
    raise Complaint(node.lineno, f"say which of {_path(node.node)} by a number: [0], [:2]")


def _found(node: nodes.Node, name: str, scope: Scope, otherwise: str) -> Shape:
    if name not in scope:
        raise Complaint(node.lineno, otherwise.format(name=name, names=_listed(scope)))
    return scope[name]


def _listed(scope: Scope) -> str:
    return ", ".join(sorted(scope))


def _path(node: nodes.Node) -> str:
    """An expression as its author wrote it, roughly."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return f"{_path(node.node)}[…]" if isinstance(node, nodes.Getitem) else "this"


def _tag(node: nodes.Node) -> str:
    tags: dict[type[nodes.Node], str] = {
        nodes.Assign: "set",
        nodes.AssignBlock: "set",
        nodes.FilterBlock: "filter",
        nodes.CallBlock: "call",
    }
    return tags.get(type(node), type(node).__name__.lower())
