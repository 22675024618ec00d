"""Which of a demo's files are shown, and how."""

import pytest

from bench.pictures import fullest, shots


def mail(folder, name, language, pictures):
    (folder / f"{name}.html").write_text(f'<html dir="ltr" lang="{language}">{"../artwork/t1.png " * pictures}</html>')


def test_the_mail_that_is_shown_is_the_fullest_that_readers_of_the_docs_can_read(tmp_path):
    mail(tmp_path, "m1", "en", 7)
    mail(tmp_path, "m2", "pt-BR", 10)
    mail(tmp_path, "m3", "en-GB", 9)
    assert fullest(tmp_path).name == "m3.html"


def test_without_a_mail_it_says_where_one_comes_from(tmp_path):
    with pytest.raises(FileNotFoundError, match="encore demo"):
        fullest(tmp_path)


def test_everything_is_shown_on_a_desk_and_on_a_phone(tmp_path):
    names = {shot.name for shot in shots(tmp_path, tmp_path / "m1.html")}
    assert names == {f"{what}-{where}" for what in ("mail", "report", "demo") for where in ("desktop", "phone")}
