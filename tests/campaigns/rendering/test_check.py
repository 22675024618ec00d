import pkgutil

import pytest

from campaigns import rendering
from campaigns.rendering import TemplateStore, compile_template
from campaigns.rendering.check import findings

FOOTER = '{{ why }} {{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a>'
PICKS = (
    '<mj-image src="{{ hero.artwork_url }}" alt="{{ hero.artwork_alt }}" />'
    "<mj-text>{% for row in rows %}{% for pick in row.picks %}"
    '<img src="{{ pick.artwork_url }}" alt="{{ pick.artwork_alt }}" />'
    "{% endfor %}{% endfor %}</mj-text>"
)
HEAD = (
    '<mj-head><mj-attributes><mj-all font-family="Arial" /></mj-attributes>'
    '<mj-raw><meta name="color-scheme" content="light dark" /></mj-raw></mj-head>'
)


@pytest.fixture
def found(tmp_path):
    def compile_and_check(footer=FOOTER, picks=PICKS, head=HEAD, lang='lang="{{ language }}"', words="", more=""):
        body = f"<mj-section><mj-column>{picks}<mj-text>{more}{footer}</mj-text></mj-column></mj-section>"
        mail = f"<mjml {lang}>{head}<mj-body>{body}</mj-body></mjml>"
        (tmp_path / "mail.mjml").write_text(mail, encoding="utf-8")
        (tmp_path / "mail.toml").write_text(words, encoding="utf-8")
        return findings(compile_template("mail", TemplateStore((tmp_path,))))

    return compile_and_check


def test_no_name_of_the_room_hides_one_of_its_modules():
    modules = {module.name for module in pkgutil.iter_modules(rendering.__path__)}
    assert modules.isdisjoint(rendering.__all__)


def test_a_small_mail_that_has_all_it_needs_has_no_findings(found):
    assert found() == []


@pytest.mark.parametrize(
    ("change", "level", "what"),
    [
        ({"footer": "{{ why }} {{ postal_address }}"}, "error", "no link to unsubscribe_url"),
        ({"footer": FOOTER.replace("{{ postal_address }}", "")}, "error", "postal_address does not stand"),
        ({"footer": FOOTER.replace("{{ why }}", "")}, "warning", "does not say why it came"),
        ({"footer": f'<span style="display:none">{FOOTER}</span>'}, "error", "postal_address does not stand"),
        ({"lang": ""}, "error", "does not say its language"),
        ({"lang": 'lang="en"'}, "error", "does not say its language"),
        ({"head": ""}, "warning", "color-scheme"),
        ({"picks": PICKS.replace(' alt="{{ pick.artwork_alt }}"', "")}, "error", "a picture has no alt"),
        ({"picks": PICKS.replace("pick.artwork_alt", "pick.name")}, "error", "each pick is an <img>"),
        ({"picks": PICKS.replace("row.picks", "row.picks[:2]")}, "error", "each pick is an <img>"),
        ({"picks": PICKS.partition("<mj-text>")[0]}, "error", "each pick is an <img>"),
        ({"more": "x" * 79_000}, "warning", "more than 80,000 bytes"),
        ({"more": "x" * 99_000}, "error", "more than 100,000 bytes"),
        ({"more": "{% for row in rows %}" + "x" * 70_000 + "{% endfor %}"}, "error", "writes more than 200,000"),
        ({"more": "{{ rows[0].title }}"}, "error", "has no element 0"),
        ({"more": "{{ hero.minutes // 60 }}"}, "error", "NoneType"),
        ({"words": 'subject.title = "{{ given_name }}"'}, "error", "the subject 'title' comes out empty"),
        ({"words": 'subject.title = "{{ given_name }}, {{ hero.name }}"'}, "warning", "begins with ','"),
        ({"words": f'subject.title = "{"x" * 46}"'}, "warning", "has 46 characters"),
        (
            {"head": HEAD.replace("Arial", "Ubuntu")},
            "warning",
            "loads a style sheet from 'https://fonts.googleapis.com",
        ),
    ],
)
def test_what_is_wrong_is_found(found, change, level, what):
    said = found(**change)
    assert any(finding.level == level and what in finding.what for finding in said), said


def test_each_thing_is_said_once_and_errors_come_first(found):
    said = found(footer="", head="")
    assert len(said) == len({finding.what.split(" (sample")[0] for finding in said})
    assert [finding.level for finding in said] == sorted(finding.level for finding in said)


def test_words_in_a_language_that_the_mail_does_not_speak_are_found():
    template = compile_template("comeback", TemplateStore()).with_words(
        {"de": {"headline": "Hallo"}, "pt-PT": {"headline": "Olá"}}
    )
    assert [finding.what for finding in findings(template)] == [
        "there are words in 'de', but the mail around them would be English"
    ]


def test_phrases_that_one_language_lacks_are_found(tmp_path):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "email.po").write_text('msgid "Watch now"\nmsgstr "Ansehen"\n')
    said = findings(compile_template("comeback", TemplateStore((), (tmp_path,))))
    assert any("phrases have no 'de'" in finding.what for finding in said)
