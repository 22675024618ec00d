"""The pages in a browser, on a phone and on a desk."""

import pytest

from bench.browser import chromium, look
from campaigns.reports.page import page
from flows.showcase import demo_page
from tests.campaigns.reports.sample import sample
from tests.flows.test_showcase import CARD

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium to look with")
LONG = CARD | {
    "subject": "Um assunto de quarenta e cinco letras, ao certo",
    "hero": "Donaudampfschifffahrtsgesellschaft",
}
PAGES = {
    "report": page(sample()).replace("<details>", "<details open>"),
    "demo": demo_page(
        sample(), 149.1, [LONG, CARD, CARD], "ENCORE_HOME=/home/ana/encore/.encore/demo/home encore serve"
    ),
}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_reaches_over_the_edge_and_nothing_is_fetched(name, width, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(PAGES[name], encoding="utf-8")
    seen = look(file, width)
    assert seen.width == width
    assert seen.overflowing == []
    assert seen.fetched == []


def test_what_reaches_over_and_what_is_fetched_would_be_seen(tmp_path):
    file = tmp_path / "page.html"
    file.write_text(
        '<body style="margin: 0"><div style="width: 700px">wide</div><img src="http://127.0.0.1:9/x.png">',
        encoding="utf-8",
    )
    seen = look(file, 390)
    assert seen.width == 700
    assert seen.overflowing == ["DIV: wide"]
    assert seen.fetched == ["http://127.0.0.1:9/x.png"]
