"""What the demo leaves to look at."""

import re
from datetime import date
from html import unescape

import pytest

from flows.showcase import DOZEN, demo_page, dozen
from tests.campaigns.reports.sample import EARLY, interval, sample

SERVED = "ENCORE_HOME='/a home/demo' encore serve"
ABOUT = {"plan": "standard", "plays_lifetime": 1, "days_since_play": 1.2, "top_genre": "Drama"}
CARD = {
    "file": "emails/m1.html",
    "name": "Nuno",
    "subject": "Novo para você: O Jardim Quebrado",
    "country": "in Portugal",
    "about": ABOUT,
    "chosen": {"explored": False, "gain": 0.0061, "explore_propensity": None},
    "hero": "O Jardim Quebrado",
    "style": "landscape",
    "picture": "",
    "propensity": 0.333,
    "alt": "O Jardim Quebrado",
    "language": "pt-PT",
    "rows": [{"title": "Popular in Portugal", "names": ["O Jardim de Patova", "Fenqui"]}],
    "hour": "20:00",
    "day": date(2026, 11, 24),
}


def told(found, truth):
    """The page's sentence, without its marks."""
    page = unescape(re.sub(r"<[^>]+>", "", demo_page(found, truth, [CARD], SERVED)))
    return next(line for line in page.splitlines() if line.startswith("The report says"))


def test_the_truth_stands_beside_the_interval():
    assert told(sample(), 149.1).endswith("likely between 56 and 274. In truth the mails brought back 149 members.")


def test_without_an_interval_it_is_too_early_to_say_and_estimate_and_truth_are_told_all_the_same():
    said = told(sample(win_back=EARLY, known_on=None), 8.2)
    assert "Too early to say" in said
    assert "So far 5 more members came back" in said
    assert said.endswith("In truth the mails brought back 8 members.")


def test_before_any_window_has_closed_there_is_no_estimate_to_tell():
    nobody = {**EARLY, "mailed": {"members": 0}, "incremental": interval(None)}
    said = told(sample(win_back=nobody), 0.0)
    assert "So far" not in said
    assert said.endswith("In truth the mails brought back 0 members.")


@pytest.mark.parametrize(
    ("truth", "said"), [(-0.3, "brought back 0 members"), (-1.2, "put off 1 member"), (1.0, "brought back 1 member")]
)
def test_small_truths_read_well(truth, said):
    assert told(sample(), truth).endswith(f"In truth the mails {said}.")


def test_the_page_tells_what_serves_the_pages_behind_the_links_of_its_mails():
    assert SERVED in unescape(demo_page(sample(), 149.0, [CARD], SERVED))


def test_the_page_tells_how_long_it_was_and_of_one_play_as_of_one():
    page = demo_page(sample(), 149.0, [CARD], SERVED)
    assert "<h1>4 days of a campaign</h1>" in page
    assert "1 play in all, the last 1 day before" in page
    assert "Of those chosen 20% are held out" in page


def test_the_dozen_are_as_different_as_they_come():
    def mail(number, country):
        content = {"hero": {"title_id": "t1", "artwork_id": "t1-faces"}, "rows": []}
        return {"member_id": number, "content": content, "country": country, "language": "en", "explored": False}

    mails = [mail(n, "GB") for n in range(20)] + [mail(20, "BR"), mail(21, "IN")]
    chosen = dozen(mails)
    assert len(chosen) == DOZEN
    assert {one["country"] for one in chosen} == {"GB", "BR", "IN"}
