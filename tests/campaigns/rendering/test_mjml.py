import pytest

from campaigns.errors import BadTemplate
from campaigns.rendering.mjml import compile_mjml
from campaigns.rendering.sandbox import fill
from campaigns.rendering.source import assemble
from campaigns.rendering.tokens import restore


def compiled(body, head="", **parts):
    files = {"mail.mjml": f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>", **parts}
    return compile_mjml(assemble("mail.mjml", files.get))


def section(text):
    return f"<mj-section><mj-column>{text}</mj-column></mj-section>"


def rendered(body, head="", **context):
    done = compiled(body, head)
    return fill(restore(done.html, done.tokens), context, html=True)


def test_jinja_survives_the_compiler():
    html = rendered(
        section(
            '<mj-text>{% if hero.minutes < 5 %}short{% else %}{{ hero.facts|default("x<y") }}{% endif %}</mj-text>'
        ),
        hero={"minutes": 9, "facts": "a & b"},
    )
    assert "a &amp; b" in html
    assert "short" not in html


def test_a_value_cannot_leave_its_attribute():
    hostile = '"><script>alert(1)</script>'
    html = rendered(
        section('<mj-image src="{{ hero.artwork_url }}" alt="{{ hero.name }}" />'),
        hero={"name": hostile, "artwork_url": "https://x/"},
    )
    assert "<script>" not in html
    assert 'alt="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in html


def test_entities_stay_entities():
    image = '<mj-image src="https://x.example/" alt="say &quot;hi&quot; &lt;b&gt;" />'
    html = rendered(section(image + "<mj-text>&copy;&nbsp;a &lt; b</mj-text>"))
    assert 'alt="say &quot;hi&quot; &lt;b&gt;"' in html
    assert "&copy;&nbsp;a &lt; b" in html


def test_loops_of_sections_and_columns_repeat():
    columns = "{% for x in row.picks %}<mj-column width='50%'><mj-text>{{ x.name }}</mj-text></mj-column>{% endfor %}"
    body = "{% for row in rows %}<mj-section>" + columns + "</mj-section>{% endfor %}"
    rows = [{"picks": [{"name": "n1"}, {"name": "n2"}]}, {"picks": [{"name": "n3"}]}]
    html = rendered(body, rows=rows)
    assert [html.count(name) for name in ("n1", "n2", "n3")] == [1, 1, 1]
    assert html.count("<table") == html.count("</table>")
    assert html.count("<!--[if") == html.count("<![endif]-->")


def test_an_error_in_an_include_is_told_with_its_own_line():
    parts = {"foot.mjml": "<mj-section><mj-column>\n<mj-text>{{ nothing }}</mj-text>\n</mj-column></mj-section>"}
    with pytest.raises(BadTemplate, match=r"foot.mjml, line 2: there is no 'nothing' here"):
        compiled('\n\n<mj-include path="foot.mjml" />', **parts)


def test_an_error_behind_an_include_is_told_with_its_own_line():
    parts = {"foot.mjml": "<mj-section>\n\n\n</mj-section>"}
    with pytest.raises(BadTemplate, match=r"mail.mjml, line 3: there is no 'nothing' here"):
        compiled('\n<mj-include path="foot.mjml" />\n' + section("<mj-text>{{ nothing }}</mj-text>"), **parts)


def test_what_the_compiler_would_lose_is_refused():
    with pytest.raises(BadTemplate, match=r"line 1: {{ headline }} would be dropped"):
        compiled(section('<mj-divider title="{{ headline }}" />'))


def test_what_the_compiler_would_copy_is_refused():
    url = "https://x.example/{% if headline %}a{% endif %}.png"
    body = f'<mj-section background-url="{url}"><mj-column></mj-column></mj-section>'
    with pytest.raises(BadTemplate, match="would be copied or moved"):
        compiled(body)


def test_what_the_compiler_stumbles_on_is_refused():
    with pytest.raises(BadTemplate, match="the MJML compiler cannot make a mail of it"):
        compiled('<mj-section padding="wide"><mj-column padding="x y z"><mj-text>a</mj-text></mj-column></mj-section>')


def test_comments_and_needless_space_are_left_out():
    html = compiled("<!-- a note -->" + section("<mj-text>\n\n   a\n   b\n\n</mj-text>")).html
    assert "a note" not in html
    assert "a\nb" in html
    assert "\n\n" not in html


def test_phrases_are_found():
    assert compiled(section('<mj-text>{{ _("Watch now") }}</mj-text>')).phrases == ("Watch now",)


def test_it_compiles_to_the_same_again():
    body = section('<mj-text>{{ headline }}</mj-text><mj-button href="{{ hero.url }}">Go</mj-button>')
    assert compiled(body) == compiled(body)
