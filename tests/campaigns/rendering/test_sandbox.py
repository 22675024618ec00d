import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError
from markupsafe import escape

from campaigns.rendering.locales import Phrases
from campaigns.rendering.sandbox import LONGEST_OUTPUT, OutputTooLong, Sandbox, fill

CONTEXT = {"name": "Ana", "hero": {"title": "Kavoris"}, "rows": ["a", "b", "c"], "_": Phrases(), "nothing": None}


def test_html_is_escaped_and_text_is_not():
    assert fill("{{ x }}", {"x": "<b> & '\""}, html=True) == "&lt;b&gt; &amp; &#39;&#34;"
    assert fill("{{ x }}", {"x": "<b> & '\""}, html=False) == "<b> & '\""


@given(st.text())
def test_quoting_is_the_same_as_jinjas_own(text):
    assert fill("{{ x }}", {"x": text}, html=True) == str(escape(text))


def test_nothing_is_printed_for_none():
    assert fill("[{{ nothing }}]", CONTEXT, html=True) == fill("[{{ nothing }}]", CONTEXT, html=False) == "[]"


def test_a_loop_knows_where_it_is():
    source = "{% for x in rows %}{{ loop.index }}{{ x }}{{ '' if loop.last else ', ' }}{% endfor %}"
    assert fill(source, CONTEXT, html=True) == "1a, 2b, 3c"


@pytest.mark.parametrize(
    "name", ["other", "hero.other", "hero.keys", "name.upper", "hero['items']", "rows[7]", "rows.append"]
)
def test_a_name_that_is_not_there_is_an_error(name):
    with pytest.raises(TemplateError):
        fill("{{ " + name + " }}", CONTEXT, html=True)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ name.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ name.__class__.__mro__[1].__subclasses__() }}",
        "{{ _.__call__.__globals__ }}",
        "{{ _.known }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ name|attr('__class__') }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ cycler('a').next() }}",
        "{{ joiner() }}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ 2 ** 10000000 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ rows * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 1.5|round(1000000000, 'floor') }}",
        "{{ self._TemplateReference__context }}",
        "{% for x in rows recursive %}{{ loop(rows) }}{% endfor %}",
        "{% for x in rows %}{{ loop._iterator }}{% endfor %}",
        "{% for x in rows %}{{ loop.cycle('a', 'b') }}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
    ],
)
def test_the_sandbox_holds_even_without_the_lint(attack):
    with pytest.raises((TemplateError, TypeError, RuntimeError)):
        fill(attack, dict(CONTEXT), html=True)


def test_small_arithmetic_is_allowed():
    assert fill("{{ 125 // 60 }} h {{ 125 % 60 }}, {{ 3 * 4 }}", {}, html=False) == "2 h 5, 12"


def test_large_arithmetic_is_not():
    with pytest.raises(SecurityError, match="numbers up to"):
        fill("{{ big * 2 }}", {"big": 10**10}, html=False)


def test_output_is_capped_while_it_is_made():
    body = "x" * 10_000
    source = "{% for a in rows %}{% for b in rows %}{% for c in rows %}" + body + "{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(OutputTooLong, match=f"{LONGEST_OUTPUT:,}"):
        fill(source, CONTEXT, html=True)


def test_nothing_is_reachable_by_default():
    assert Sandbox(html=True).globals == {}
