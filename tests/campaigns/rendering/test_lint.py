import pytest

from campaigns.rendering.context import CONTEXT, WORDS, names
from campaigns.rendering.lint import Complaint, lint


def complaint(source, scope=CONTEXT):
    with pytest.raises(Complaint) as caught:
        lint(source, scope)
    return caught.value


@pytest.mark.parametrize(
    "source",
    [
        "Hello {{ given_name }}",
        "{% if given_name %}{{ given_name }}{% elif service %}{{ service }}{% else %}you{% endif %}",
        "{% for r in rows %}{% for p in r.picks[:2] %}{{ loop.index }}. {{ p.name|upper }}{% endfor %}{% endfor %}",
        "{% for row in rows if row.kind == 'popular' %}{{ row.title }}{% else %}nothing{% endfor %}",
        "{{ rows[0].picks[0].name }} {{ rows|length }} {{ (rows|first).title }} {{ hero['name'] }}",
        "{{ hero.genres|join(' · ') }} {{ hero.minutes // 60 }} h {{ hero.minutes % 60 }}",
        "{{ 'a' if given_name in ('Ana', 'Zoë') else 'b' }} {{ hero.name ~ '!' }} {{ not rows }}",
        "{{ hero.facts|default('') }} {{ hero.name|truncate(20) }} {{ hero.minutes is defined }}",
    ],
)
def test_what_mails_need_is_allowed(source):
    lint(source, CONTEXT)


def test_an_unknown_name_is_refused_with_those_that_there_are():
    found = complaint("one\ntwo {{ nome }}")
    assert found.line == 2
    assert "'nome'" in found.why
    assert all(name in found.why for name in CONTEXT)


def test_an_unknown_part_is_refused_with_those_that_there_are():
    assert complaint("{{ hero.titel }}").why.startswith("hero has no 'titel'; it has artwork_alt, artwork_url")
    assert complaint("{% for row in rows %}{{ row.picks[0].x }}{% endfor %}").why.startswith("row.picks[…] has no 'x'")


def test_loop_names_end_with_their_loop():
    assert "'row'" in complaint("{% for row in rows %}{% endfor %}{{ row.title }}").why
    assert "'loop'" in complaint("{{ loop.index }}").why


def test_words_know_less_than_the_mail():
    assert "'headline'" in complaint("{{ headline }}", WORDS).why


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ rows }}", "rows is a list"),
        ("{{ hero }}", "hero is a record"),
        ("{{ rows.title }}", "is a list: loop over it"),
        ("{{ given_name.upper() }}", "may be called"),
        ("{{ given_name.upper }}", "is a single value"),
        ("{{ rows[given_name] }}", "by a number"),
        ("{{ 'a' if given_name }}", "else"),
        ("{{ given_name|center(9) }}", "there is no filter 'center'"),
        ("{{ given_name|safe }}", "there is no filter 'safe'"),
        ("{{ given_name is callable }}", "there is no test"),
        ("{{ 2 ** 3 }}", "Pow"),
        ("{{ {'a': 1} }}", "Dict"),
        ("{{ [1, 2] }}", "is a list"),
        ("{{ range(9) }}", "may be called"),
        ("{% set a = 1 %}", "{% set %}"),
        ("{% set a %}x{% endset %}", "{% set %}"),
        ("{% include 'x' %}", "{% include %}"),
        ("{% import 'x' as y %}", "{% import %}"),
        ("{% from 'x' import y %}", "{% fromimport %}"),
        ("{% extends 'x' %}", "{% extends %}"),
        ("{% macro m() %}{% endmacro %}", "{% macro %}"),
        ("{% block b %}{% endblock %}", "{% block %}"),
        ("{% filter upper %}x{% endfilter %}", "{% filter %}"),
        ("{% with a = 1 %}{% endwith %}", "{% with %}"),
        ("{% for a, b in rows %}{% endfor %}", "one name"),
        ("{% for a in rows recursive %}{% endfor %}", "one name"),
        ("{% for a in given_name %}{% endfor %}", "one of the context's lists"),
        ("{% for a in [1, 2, 3] %}{% endfor %}", "one of the context's lists"),
        ("{{ given_name", "unexpected end"),
        ("{% if given_name %}", "Unexpected end"),
        ("{% do 1 %}", "unknown tag 'do'"),
        ("{{ '(' }}" + "{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "nested too deeply"),
    ],
)
def test_the_rest_of_jinja_is_refused(source, why):
    assert why in complaint(source).why


def test_loops_nest_three_deep_at_most():
    deep = "{% for a in rows %}" * 3 + "{% endfor %}" * 3
    lint(deep, CONTEXT)
    assert "3 deep" in complaint("{% for z in rows %}" + deep + "{% endfor %}").why


def test_phrases_are_collected_in_order_and_once():
    source = '{{ _("Watch now") }} {{ _("{name}, hello", name=given_name) }} {{ _("Watch now") }}'
    assert lint(source, CONTEXT).phrases == ("Watch now", "{name}, hello")


@pytest.mark.parametrize(
    "call", ['_("{name}")', '_("x", name=given_name)', "_(given_name)", "_()", '_("a", "b")', '_("{a}", **hero)']
)
def test_a_phrase_is_a_constant_with_its_names_given(call):
    complaint("{{ " + call + " }}")


def test_links_are_told_from_other_values():
    loop = "{% for row in rows %}{% for pick in row.picks %}{{ pick.url }}{{ pick.name }}{% endfor %}{% endfor %}"
    assert lint("{{ hero.url }}" + loop, CONTEXT).links == {"hero.url", "pick.url"}


def test_a_name_that_is_a_link_in_one_place_only_is_none():
    source = "{% for x in rows %}{% for url in x.picks %}{{ url.url }}{% endfor %}{% endfor %}"
    assert lint(source + "{% for row in rows %}{{ row.title }}{% endfor %}", CONTEXT).links == {"url.url"}
    shadowed = "{{ unsubscribe_url }}{% for unsubscribe_url in hero.genres %}{{ unsubscribe_url }}{% endfor %}"
    assert lint(shadowed, CONTEXT).links == frozenset()


def test_every_documented_name_can_be_used():
    for name in names():
        if "[]" not in name:
            lint("{{ " + name + " }}", CONTEXT)
