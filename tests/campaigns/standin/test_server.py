import pytest

from campaigns.errors import RefusedFile
from campaigns.standin import index_file, mailbox, serving


def test_the_mailbox_can_be_looked_at_before_any_mail_came(tmp_path):
    with serving(tmp_path):
        assert "None so far" in index_file(tmp_path).read_text()


def test_the_index_is_written_when_it_closes(tmp_path, connect, a_call):
    with serving(tmp_path) as url:
        connect(url).send_email(**a_call(subject="The last one"))
    assert "The last one" in index_file(tmp_path).read_text()


def test_a_quota_file_that_is_none_is_refused(tmp_path):
    mailbox.folder(tmp_path).mkdir()
    (mailbox.folder(tmp_path) / "quota.json").write_text("{")
    with pytest.raises(RefusedFile), serving(tmp_path):
        pass


def test_a_home_that_was_closed_can_be_served_again(tmp_path):
    for _ in range(2):
        with serving(tmp_path):
            pass
