from types import SimpleNamespace

import pytest

from campaigns.errors import BadTemplate, NotFound
from campaigns.rendering.store import TemplateStore, store_of


@pytest.fixture
def home(tmp_path):
    (tmp_path / "templates" / "email" / "parts").mkdir(parents=True)
    return tmp_path


def test_the_installation_goes_before_the_package(home):
    (home / "templates" / "email" / "comeback.mjml").write_text("ours")
    store = TemplateStore.at(home)
    assert store.source("comeback") == "ours"
    assert "<mj-section" in (store.read("parts/row.mjml") or "")


def test_settings_say_where_the_store_is(home):
    (home / "templates" / "email" / "spring.mjml").write_text("spring")
    store = store_of(SimpleNamespace(home=home))
    assert store.names() == ["comeback", "spring"]
    assert store_of(store) is store


def test_an_unknown_template_is_refused_with_those_that_there_are():
    with pytest.raises(NotFound, match="no template is called 'spring'; there are comeback"):
        TemplateStore().source("spring")


@pytest.mark.parametrize(
    "path", ["../secret.mjml", "/etc/passwd", "a/../../b.mjml", "", ".", "a//b", "a\\b", ".hidden", "a\nb"]
)
def test_a_path_that_leads_out_is_refused(home, path):
    with pytest.raises(BadTemplate, match="below the templates' folder"):
        TemplateStore.at(home).read(path)


def test_a_link_that_leads_out_is_not_followed(home, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.mjml"
    secret.write_text("secret")
    (home / "templates" / "email" / "linked.mjml").symlink_to(secret)
    assert TemplateStore.at(home).read("linked.mjml") is None


def test_a_file_that_is_no_utf_8_is_refused(home):
    (home / "templates" / "email" / "latin.mjml").write_bytes(b"caf\xe9")
    with pytest.raises(BadTemplate, match=r"latin.mjml: is not UTF-8 at byte 3"):
        TemplateStore.at(home).read("latin.mjml")


def test_a_file_being_written_finds_its_neighbours_first(tmp_path):
    (tmp_path / "draft.mjml").write_text("draft")
    assert TemplateStore().beside(tmp_path / "draft.mjml").source("draft") == "draft"


def test_the_installations_phrases_go_over_the_packaged_ones(home):
    for language, phrase in (("pt", "Ver já"), ("de_AT", "Jetzt ansehen")):
        folder = home / "templates" / "locales" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "email.po").write_text(f'msgid "Watch now"\nmsgstr "{phrase}"\n', encoding="utf-8")
    catalogues = TemplateStore.at(home).catalogues()
    assert set(catalogues) == {"de-at", "es", "pt"}
    assert catalogues["pt"]["Watch now"] == "Ver já"
    assert catalogues["pt"]["Unsubscribe"] == "Cancelar inscrição"


def test_a_catalogue_that_cannot_be_read_is_refused_by_name(home):
    folder = home / "templates" / "locales" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "email.po").write_text("nonsense")
    with pytest.raises(BadTemplate, match=r"fr/email.po: line 1"):
        TemplateStore.at(home).catalogues()
