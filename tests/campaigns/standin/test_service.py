from campaigns.settings import Settings
from campaigns.standin import mails, standin


def test_a_home_s_stand_in_is_there_while_it_is_used(tmp_path, connect, a_call):
    settings = Settings(home=tmp_path)
    with standin(settings) as url:
        with standin(settings) as same:
            assert same == url
        connect(url).send_email(**a_call())
    assert len(list(mails(tmp_path))) == 1
    assert not (tmp_path / "mailbox" / "standin.json").exists()
