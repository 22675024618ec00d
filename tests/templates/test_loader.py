import templates


def test_files_are_read_by_their_path():
    assert "<mjml" in (templates.read("email/comeback.mjml") or "")


def test_what_is_not_there_is_none():
    assert templates.read("email/gone.mjml") is None
    assert templates.names("gone") == []


def test_names_are_in_order_and_of_one_kind():
    assert templates.names("email/parts", ".mjml") == ["footer.mjml", "pick.mjml", "row.mjml", "style.mjml"]
    assert templates.folder("locales").is_dir()
