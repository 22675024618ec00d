import pytest

from campaigns.errors import BadTemplate, NotFound
from campaigns.rendering import TemplateStore, compile_template, sample_context

MAIL = """<mjml lang="{{ language }}"><mj-body><mj-section><mj-column>
<mj-text>{{ headline }} {{ _("Watch now") }}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""


@pytest.fixture
def store(tmp_path):
    (tmp_path / "mail.mjml").write_text(MAIL)
    return TemplateStore((tmp_path,), (tmp_path / "locales",))


def test_a_template_needs_no_words_of_its_own(store):
    mail = compile_template("mail", store).render(sample_context())
    assert mail.subject == "Ana, The Silent Harbour is waiting"
    assert mail.text == "Ana, start with The Silent Harbour Watch now\n"


def test_its_own_words_go_before_the_default_ones(store, tmp_path):
    (tmp_path / "mail.toml").write_text('subject.only = "Only {{ hero.name }}"\n')
    template = compile_template("mail", store)
    assert template.arms == ("only",)
    assert template.render(sample_context()).subject == "Only The Silent Harbour"
    assert "start with" in template.render(sample_context()).html


def test_a_text_part_written_by_hand_goes_before_the_made_one(store, tmp_path):
    (tmp_path / "mail.txt").write_text('{{ given_name }} & {{ _("Watch now") }}: {{ hero.url }}\n')
    template = compile_template("mail", store)
    assert template.render(sample_context("usual", "es")).text.startswith("Ana & Ver ahora: https://")


def test_a_mistake_in_it_is_told_with_its_line(store, tmp_path):
    (tmp_path / "mail.txt").write_text("one\n{{ nome }}\n")
    with pytest.raises(BadTemplate, match=r"mail.txt, line 2: there is no 'nome'"):
        compile_template("mail", store)


def test_where_no_text_part_can_be_made_one_is_asked_for(store, tmp_path):
    hidden = '<span style="display:none">{% if service %}</span>x<span>{% endif %}</span>'
    (tmp_path / "mail.mjml").write_text(MAIL.replace("{{ headline }}", hidden))
    with pytest.raises(
        BadTemplate, match=r"mail.mjml: no text part can be made of it \(.*\); write one by hand as mail.txt"
    ):
        compile_template("mail", store)


def test_only_the_phrases_in_use_are_kept_with_it(store):
    template = compile_template("mail", store)
    assert set(template.phrases) == {"es", "pt"}
    assert template.phrases["pt"]["Watch now"] == "Assistir agora"
    assert "Unsubscribe" not in template.phrases["pt"]


def test_the_hash_changes_with_anything_it_is_made_of(store, tmp_path):
    hashes = [compile_template("mail", store).source_hash, compile_template("mail", store).source_hash]
    assert hashes[0] == hashes[1]
    (tmp_path / "mail.toml").write_text('headline = "Other"\n')
    hashes.append(compile_template("mail", store).source_hash)
    catalogue = tmp_path / "locales" / "pt" / "LC_MESSAGES"
    catalogue.mkdir(parents=True)
    (catalogue / "email.po").write_text('msgid "Watch now"\nmsgstr "Ver"\n')
    hashes.append(compile_template("mail", store).source_hash)
    (tmp_path / "mail.mjml").write_text(MAIL.replace("{{ headline }}", "{{ headline }}."))
    hashes.append(compile_template("mail", store).source_hash)
    assert len(set(hashes)) == 4


def test_an_unknown_template_is_refused(store):
    with pytest.raises(NotFound, match="there are comeback, mail"):
        compile_template("gone", store)
