import pytest

from campaigns.errors import BadTemplate, NotFound
from campaigns.rendering import TemplateStore, compile_template, examine
from campaigns.rendering import trial as trial_module


def body(text):
    return f"<mjml><mj-body><mj-section><mj-column><mj-text>{text}</mj-text></mj-column></mj-section></mj-body></mjml>"


@pytest.fixture
def store(tmp_path):
    return TemplateStore((tmp_path,))


def test_the_packaged_template_is_fine():
    done = examine("comeback", TemplateStore())
    assert done.findings == done.errors == []
    assert done.template == compile_template("comeback", TemplateStore())


def test_a_campaigns_words_are_tried_with_it():
    done = examine("comeback", TemplateStore(), {"en": {"subject": {"title": "x" * 60}}})
    assert [finding.level for finding in done.findings] == ["warning"]
    with pytest.raises(BadTemplate, match=r"message.en.headline: there is no 'nome'"):
        examine("comeback", TemplateStore(), {"en": {"headline": "{{ nome }}"}})


def test_mistakes_come_back_as_they_are(store, tmp_path):
    (tmp_path / "mail.mjml").write_text("\n" + body("{{ nome }}"))
    with pytest.raises(BadTemplate, match=r"^mail.mjml, line 2: there is no 'nome' here"):
        examine("mail", store)
    with pytest.raises(NotFound, match="no template is called 'gone'"):
        examine("gone", store)


def test_a_mail_that_lacks_its_footer_is_compiled_and_has_errors(store, tmp_path):
    (tmp_path / "mail.mjml").write_text(body("x"))
    assert any("unsubscribe_url" in error for error in examine("mail", store).errors)


def test_a_template_that_hangs_is_refused(store, tmp_path, monkeypatch):
    monkeypatch.setattr(trial_module, "SECONDS", 2)
    (tmp_path / "mail.mjml").write_text("<!--" * 45_000)
    with pytest.raises(BadTemplate, match="mail: takes more than 10 seconds or 512 MB"):
        examine("mail", store)


def test_a_template_that_needs_more_memory_than_there_may_be_is_refused(store, tmp_path, monkeypatch):
    monkeypatch.setattr(trial_module, "MEMORY", 20 * 2**20)
    (tmp_path / "mail.mjml").write_text(body("x"))
    with pytest.raises(BadTemplate, match="mail: takes more than 10 seconds or"):
        examine("mail", store)


def test_the_process_knows_nothing_of_this_ones_secrets(monkeypatch, store, tmp_path):
    monkeypatch.setenv("ENCORE_SECRET_KEY", "secret")
    seen = {}
    run = trial_module.subprocess.run
    monkeypatch.setattr(
        trial_module.subprocess, "run", lambda *args, **kwargs: seen.update(kwargs) or run(*args, **kwargs)
    )
    (tmp_path / "mail.mjml").write_text(body("x"))
    examine("mail", store)
    assert set(seen["env"]) == {"PYTHONPATH", "PYTHONUTF8"}
