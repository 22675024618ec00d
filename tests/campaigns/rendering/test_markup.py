import pytest

from campaigns.errors import BadTemplate
from campaigns.rendering.mjml import compile_mjml
from campaigns.rendering.source import assemble

BEFORE = "<mjml><mj-body><mj-section><mj-column>\n"
AFTER = "\n</mj-column></mj-section></mj-body></mjml>"


def compiled(text):
    return compile_mjml(assemble("mail.mjml", {"mail.mjml": text}.get))


def refusal(text):
    with pytest.raises(BadTemplate) as caught:
        compiled(text)
    return caught.value


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<mj-text>a<br></mj-text>\nlost words", "text directly in <mj-column> would be lost"),
        ("<mj-text>a</mj-text>\n{{ headline }}", "{{ headline }} directly in <mj-column> belongs into mj-text"),
        ("<mj-text>a</mj-text>\n<mj-foo></mj-foo>", "<mj-foo> is not known"),
        ("<mj-text>a</mj-text>\n<mj-html-attributes></mj-html-attributes>", "is not known"),
        ("<mj-text>a</mj-text>\n<mj-include></mj-include>", "needs a path"),
        (
            '<mj-text>a</mj-text>\n<mj-image src="{{ hero.artwork_url }}" width="{{ hero.minutes }}px" />',
            "in width of <mj-image>",
        ),
        ('<mj-text>a</mj-text>\n<mj-text color="{{ headline }}">b</mj-text>', "in color of <mj-text>"),
        ('<mj-text>\n<p style="color:{{ headline }}">b</p></mj-text>', "in style of <p>"),
        ("<mj-text>\n<script>1</script></mj-text>", "<script> has no place"),
        ("<mj-text>\n<iframe></iframe></mj-text>", "<iframe> has no place"),
        ("<mj-text>\n<form></form></mj-text>", "<form> has no place"),
        ("<mj-raw>\n<base href='https://x.example/'></mj-raw>", "<base> has no place"),
        ('<mj-text>\n<b onclick="x()">b</b></mj-text>', "onclick has no place"),
        ('<mj-raw>\n<meta http-equiv="refresh" content="0"></mj-raw>', "http-equiv has no place"),
        ("<mj-text>\n<a title='say \"x\"'>b</a></mj-text>", "write &quot;"),
        ("<mj-text>\n<{{ service }}>b</mj-text>", "tag's name"),
        ('<mj-text>\n<a {{ service }}="x">b</a></mj-text>', "attribute's name"),
        ("<mj-text>\n<b>b</mj-text>", "</mj-text> ends here while <b> is still open"),
        ("<mj-text>\nb</b></mj-text>", "</b> ends here while <mj-text> is still open"),
        ("<mj-text>\n<!-- {{ headline }} --></mj-text>", "Jinja in an HTML comment"),
        ("<mj-text>\n" + "<b>" * 60 + "</b>" * 60 + "</mj-text>", "nested more than"),
        ("<mj-carousel>\n{% if headline %}{% endif %}</mj-carousel>", "Jinja cannot stand directly in mj-carousel"),
        ("<mj-text>\n<!DOCTYPE html></mj-text>", "no place in MJML"),
        ("<mj-text>\n<?php x ?></mj-text>", "no place in MJML"),
    ],
)
def test_what_cannot_be_is_refused_on_its_line(inside, why):
    error = refusal(BEFORE + inside + AFTER)
    assert why in error.why
    assert (error.template, error.line) == ("mail.mjml", 3)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java&#115;cript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "http://plain.example/",
        "//other.example/",
        "/relative",
        "{{ hero.name }}",
        "{{ hero.url }}?x=1",
        "{{ hero.url }}{{ hero.name }}",
        "{{ hero.url|upper }}",
        "https://{{ hero.name }}/",
        "https://x.example{{ hero.name }}",
        "{% if hero.url %}{{ hero.url }}{% endif %}",
        "https://x.example/ javascript:1",
        "vbscript:x",
        "ftp://x.example/",
    ],
)
@pytest.mark.parametrize(
    "tag", ['<mj-text><a href="{}">b</a></mj-text>', '<mj-image src="{}" />', '<mj-button href="{}">b</mj-button>']
)
def test_a_link_is_https_or_ready_made(link, tag):
    assert "link" in refusal(BEFORE + tag.replace("{}", link) + AFTER).why


@pytest.mark.parametrize(
    "link",
    [
        "https://x.example/?a=1&amp;b=2",
        "https://x.example/{{ hero.title_id|urlencode }}",
        "mailto:a@b.example",
        "tel:+44",
        "{{ hero.url }}",
        "#top",
    ],
)
def test_these_links_are_fine(link):
    assert "<a" in compiled(BEFORE + f'<mj-text><a href="{link}">b</a></mj-text>' + AFTER).html


def test_jinja_between_components_needs_no_wrapping():
    row = "<mj-section><mj-column><mj-text>{{ row.title }}</mj-text></mj-column></mj-section>"
    loop = "{% for row in rows %}" + row + "{% endfor %}"
    wrapped = loop.replace("{% for row in rows %}", "<mj-raw>{% for row in rows %}</mj-raw>")
    wrapped = wrapped.replace("{% endfor %}", "<mj-raw>{% endfor %}</mj-raw>")
    bare, raw = (compiled(f"<mjml><mj-body>{body}</mj-body></mjml>") for body in (loop, wrapped))
    assert bare.html == raw.html


def test_a_column_in_a_loop_needs_its_width():
    column = "<mj-column{}><mj-text>{{{{ row.title }}}}</mj-text></mj-column>"
    mail = "<mjml><mj-body><mj-section>{% for row in rows %}" + column + "{% endfor %}</mj-section></mj-body></mjml>"
    assert "needs its width" in refusal(mail.replace("{}", "").replace("{{{{", "{{").replace("}}}}", "}}")).why
    compiled(mail.replace("{}", ' width="33%"').replace("{{{{", "{{").replace("}}}}", "}}"))


def test_a_loop_ends_in_the_container_it_began_in():
    mail = "<mjml><mj-body>{% for row in rows %}<mj-section>{% endfor %}</mj-section></mj-body></mjml>"
    assert "and not both" in refusal(mail).why


@pytest.mark.parametrize("mail", ["", "words", "<mjml></mjml>", "<html><body></body></html>", "<mj-body></mj-body>"])
def test_what_is_no_mail_is_refused(mail):
    assert "a mail is <mjml><mj-body>" in refusal(mail).why


def test_what_does_not_end_is_refused():
    assert "does not end" in refusal("<mjml><mj-body>").why


def test_jinja_in_the_head_is_refused():
    assert "directly in mj-head" in refusal("<mjml><mj-head>{{ headline }}</mj-head><mj-body></mj-body></mjml>").why
    style = "<mjml><mj-head><mj-style>a { color: {{ headline }} }</mj-style></mj-head><mj-body></mj-body></mjml>"
    assert "style sheet" in refusal(style).why
