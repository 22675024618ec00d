from campaigns.standin import gallery, index_file, mailbox
from campaigns.standin.gallery import Gallery
from campaigns.standin.store import Store


def page(home, mail):
    return mailbox.folder(home) / f"{mail.message_id}.html"


def keep(home, mails):
    store = Store(home)
    store.keep(mails)
    store.close()
    return store.gallery


def test_publishing_writes_the_newest_mails_pages_and_lists_them_first(tmp_path, a_mail):
    mails = [a_mail(number, subject=f"number {number}") for number in range(1, 4)]
    found = keep(tmp_path, mails)
    found.publish()
    index = index_file(tmp_path).read_text()
    assert index.index("number 3") < index.index("number 2") < index.index("number 1")
    assert all(page(tmp_path, mail).exists() for mail in mails)
    assert not found.behind


def test_a_burst_s_other_pages_are_caught_up_with_even_after_a_restart(tmp_path, a_mail):
    mails = [a_mail(number) for number in range(1, gallery.LISTED + 26)]
    found = keep(tmp_path, mails)
    found.publish()
    assert found.behind
    assert not page(tmp_path, mails[0]).exists()
    assert page(tmp_path, mails[-1]).exists()
    assert found.catch_up()
    assert page(tmp_path, mails[gallery.AT_ONCE - 1]).exists()

    again = Gallery(tmp_path)
    while again.behind:
        assert again.catch_up()
    assert all(page(tmp_path, mail).exists() for mail in mails)
    assert not Gallery(tmp_path).behind


def test_after_a_death_the_index_lists_what_the_mails_say(tmp_path, a_mail):
    keep(tmp_path, [a_mail(number, subject=f"number {number}") for number in range(1, 4)])
    again = Gallery(tmp_path)
    again.publish()
    assert "number 3" in index_file(tmp_path).read_text()
    assert again.behind


def test_a_page_that_cannot_be_written_is_no_reason_to_fail(tmp_path, a_mail):
    found = keep(tmp_path, [a_mail()])
    page(tmp_path, a_mail()).mkdir()
    found.publish()
    assert Gallery(tmp_path).catch_up() is False


def test_text_that_no_file_can_hold_is_shown_as_well_as_may_be(tmp_path, a_mail):
    found = keep(tmp_path, [a_mail(subject="lone \ud800 surrogate")])
    found.publish()
    assert "lone ? surrogate" in index_file(tmp_path).read_text()
    assert "lone ? surrogate" in page(tmp_path, a_mail()).read_text()
