from html.parser import HTMLParser

from campaigns.standin import pages

EVIL = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """What a browser would find: the tags, the frame's document, and all text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.inside, self.links, self.text = [], None, [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "iframe":
            self.frame = dict(attrs)
            self.inside = self.frame["srcdoc"]

    def handle_data(self, data):
        self.text += data


def test_the_index_escapes_what_mails_contain(a_mail):
    page = Page(pages.index([pages.row(a_mail(subject=EVIL, to=(f"{EVIL} <ana@example.com>",)))]))
    assert "script" not in page.tags
    assert page.text.count(EVIL) == 2


def test_a_mail_s_page_escapes_all_but_the_mail_itself(a_mail):
    evil = {"subject": EVIL, "text": EVIL, "headers": {"X-A": EVIL}, "tags": {"a": EVIL}, "to": (EVIL,), "sender": EVIL}
    page = Page(pages.page(a_mail(**evil)))
    assert "script" not in page.tags
    assert page.text.count(EVIL) == 7  # the title and the heading, and one each


def test_a_mail_is_shown_whole_in_a_frame_in_which_nothing_runs(a_mail):
    html = f'<!doctype html><html><head lang="en"><title>x</title></head><body title="&quot;>">{EVIL}</body></html>'
    page = Page(pages.page(a_mail(html=html)))
    assert page.inside.replace('<base target="_blank">', "") == html
    assert page.inside.startswith('<!doctype html><html><head lang="en"><base')
    assert "script" not in page.tags
    assert "allow-scripts" not in page.frame["sandbox"]
    assert "allow-same-origin" not in page.frame["sandbox"]


def test_a_mail_without_html_shows_its_text(a_mail):
    page = Page(pages.page(a_mail(html=None, text="Come back")))
    assert page.inside is None
    assert "Come back" in page.text


def test_the_index_leads_to_each_mail_in_the_order_given(a_mail):
    mails = [a_mail(2), a_mail(1)]
    page = Page(pages.index(map(pages.row, mails)))
    assert page.links == [f"{mail.message_id}.html" for mail in mails]
    assert "01 Dec 2026 09:00:01" in page.text


def test_an_empty_mailbox_says_what_will_be_here():
    assert "will be here" in pages.index([])
