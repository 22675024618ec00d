from campaigns.rendering.mjml import compile_mjml
from campaigns.rendering.plaintext import text_of, tidy
from campaigns.rendering.sandbox import fill
from campaigns.rendering.source import assemble


def text_for(inside, head="", **context):
    body = f"<mj-section><mj-column>{inside}</mj-column></mj-section>"
    mail = f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"
    done = compile_mjml(assemble("mail.mjml", {"mail.mjml": mail}.get))
    return tidy(fill(text_of(done.html, done.tokens), context, html=False))


HERO = {
    "url": "https://x.example/1",
    "artwork_url": "https://x.example/a.png",
    "artwork_alt": "A lighthouse",
    "name": "<Kavoris>",
    "facts": "",
}


def test_a_link_is_its_label_and_address():
    assert (
        text_for('<mj-button href="{{ hero.url }}">Watch {{ hero.name }}</mj-button>', hero=HERO)
        == "Watch <Kavoris>: https://x.example/1\n"
    )


def test_a_picture_is_its_alt():
    assert (
        text_for('<mj-image src="{{ hero.artwork_url }}" alt="{{ hero.artwork_alt }}" />', hero=HERO)
        == "A lighthouse\n"
    )
    assert text_for('<mj-image src="https://x.example/" alt="" /><mj-text>a</mj-text>') == "a\n"


def test_a_linked_picture_is_its_alt_and_address():
    picture = '<mj-image src="{{ hero.artwork_url }}" alt="{{ hero.artwork_alt }}" href="{{ hero.url }}" />'
    assert text_for(picture, hero=HERO) == "A lighthouse: https://x.example/1\n"


def test_a_picture_that_repeats_a_link_with_words_is_left_out():
    picture = '<mj-image src="{{ hero.artwork_url }}" alt="{{ hero.artwork_alt }}" href="{{ hero.url }}" />'
    words = '<mj-text><a href="{{ hero.url }}">{{ hero.name }}</a></mj-text>'
    assert text_for(picture + words, hero=HERO) == "<Kavoris>: https://x.example/1\n"


def test_lines_in_a_label_become_one():
    label = "<b>{{ hero.name }}</b>{% if hero.facts %}<br />{{ hero.facts }}{% endif %}"
    link = f'<mj-text><a href="{{{{ hero.url }}}}">{label}</a></mj-text>'
    assert text_for(link, hero=HERO) == "<Kavoris>: https://x.example/1\n"
    assert text_for(link, hero=HERO | {"facts": "Drama"}) == "<Kavoris> · Drama: https://x.example/1\n"


def test_the_hidden_and_the_head_are_left_out():
    head = "<mj-title>A title</mj-title><mj-preview>{{ preheader }}&zwnj;</mj-preview><mj-style>a { b: c }</mj-style>"
    assert (
        text_for('<mj-text>seen<span style="display: none">not seen</span></mj-text>', head, preheader="x") == "seen\n"
    )


def test_entities_are_written_out():
    assert text_for("<mj-text>a &lt; b &amp; c&nbsp;&euro;&zwnj;</mj-text>") == "a < b & c €\n"


def test_loops_and_conditions_still_work():
    loop = "{% for row in rows %}<p>{{ row.title }}</p>{% endfor %}{% if service %}<p>by {{ service }}</p>{% endif %}"
    loop = f"<mj-text>{loop}</mj-text>"
    assert text_for(loop, rows=[{"title": "One"}, {"title": "Two"}], service="") == "One\n\nTwo\n"
    assert text_for(loop, rows=[], service="Lumen") == "by Lumen\n"
