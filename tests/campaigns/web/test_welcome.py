"""The welcome page: what a mail showed, once more, and a search box."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from campaigns.settings import Settings
from campaigns.stores import stores_at
from campaigns.tracking import Kind
from campaigns.web import make_app
from tests.campaigns.making import DAY, pick
from tests.campaigns.planning.service import title
from tests.campaigns.web.conftest import NAMES, NOW, art, of

IMAGE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"')
LINK = re.compile(r'href="([^"]*)"')


def names(text):
    """The titles on a page, in order."""
    return [name for name in re.findall(r"<(?:h2|strong)>([^<]*)</(?:h2|strong)>", text) if name in NAMES.values()]


@pytest.mark.usefixtures("service")
def test_the_page_greets_and_shows_the_hero_first_and_then_the_rows(page, mailed):
    text = page(mailed(0, (1, 2))).text
    assert "Welcome back, Ana" in text
    assert names(text) == ["The Hidden Border", "The Broken Garden", "Kavoris"]
    assert "Picked for you" in text
    pictures = [("https://art.example/0.jpg", "Picture 0"), ("https://art.example/1.jpg", "Picture 1")]
    assert IMAGE.findall(text)[:2] == pictures
    assert "drama · 1 h 40" in text


@pytest.mark.usefixtures("service")
def test_the_page_is_kept_by_nobody_and_names_itself_to_no_one(page, mailed):
    answer = page(mailed())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("service")
def test_the_page_speaks_the_language_of_the_mail(page, mailed):
    row = {"kind": "popular", "about": None, "picks": [of(2)]}
    text = page(mailed(1, rows=[row], language="pt-BR", country="BR")).text
    assert '<html lang="pt" dir="ltr">' in text
    assert "Bom ter você de volta, Ana" in text
    assert "Em alta no Brasil" in text
    assert '<html lang="en" dir="ltr">' in page(mailed(1, language="ja")).text


@pytest.mark.usefixtures("service")
def test_a_look_at_the_page_is_kept_and_a_click_on_it_counts_as_in_the_mail(page, client, mailed, house):
    message = mailed(0, (1, 2))
    text = page(message).text
    assert house.rows("SELECT message_id, run_date FROM views") == [(message, DAY)]
    last = [link for link in LINK.findall(text) if link.startswith("/c/")][-1]
    answer = client.get(last)
    assert answer.headers["location"] == "https://lumen.example/t2"
    assert house.rows("SELECT message_id, place FROM clicks") == [(message, 2)]


@pytest.mark.usefixtures("service")
def test_a_click_on_a_title_without_an_address_leads_to_the_page_which_says_where_to_look(client, token, mailed, house):
    message = mailed(0, rows=[{"kind": "for_you", "about": None, "picks": [pick(4, name="Ritova", url=None)]}])
    answer = client.get(f"/c/{token(Kind.PICK, message, 1)}")
    assert answer.status_code == 200
    assert "Open Lumen and look for Ritova." in answer.text
    assert names(answer.text) == ["The Hidden Border", "Ritova"]
    assert house.rows("SELECT place FROM clicks") == [(1,)]


@pytest.mark.usefixtures("service")
def test_a_hero_without_an_address_has_no_button_that_leads_nowhere(page, mailed):
    assert "Watch now" in page(mailed(0, ())).text
    text = page(mailed(rows=[], hero=of(4, url=None))).text
    assert "Watch now" not in text
    assert "Open Lumen and look for Ritova." in text


@pytest.mark.usefixtures("service")
def test_what_cannot_be_watched_any_more_is_left_out_and_places_stay_as_in_the_mail(page, client, mailed, house):
    row = [pick(0, title_id="gone"), pick(0, title_id="brazil"), of(2)]
    message = mailed(rows=[{"kind": "for_you", "about": None, "picks": row}], hero=pick(0, title_id="gone"))
    text = page(message).text
    assert names(text) == ["Kavoris"]
    client.get(next(link for link in LINK.findall(text) if link.startswith("/c/")))
    assert house.rows("SELECT place FROM clicks") == [(3,)]


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("content", [{}, {"hero": pick(0, title_id="gone"), "rows": []}])
def test_where_nothing_of_the_mail_is_left_the_page_shows_what_can_be_watched(page, house, mailed, content):
    message = mailed()
    house.do("UPDATE messages SET content = %s", [json.dumps(content)])
    text = page(message).text
    assert "Popular in the United Kingdom" in text
    shown = names(text)
    assert len(shown) == len(set(shown)) == 6  # of the eight titles that Ana may see she has played two


def test_where_nothing_at_all_can_be_shown_the_page_says_so_and_still_has_its_search_box(now_has, page, house, mailed):
    now_has(titles=[title(key, countries=["BR"]) for key in NAMES], as_of=NOW - timedelta(hours=1))
    message = mailed()
    house.do("UPDATE messages SET content = '{}'")
    answer = page(message)
    assert answer.status_code == 200
    assert "There is nothing to show you here right now." in answer.text
    assert 'name="q"' in answer.text
    assert page(message, "border").status_code == 200


@pytest.mark.usefixtures("service")
def test_what_the_campaign_now_rules_out_is_neither_shown_nor_found(page, client, token, mailed, house):
    message = mailed(0, (1, 2))
    house.do("""UPDATE campaign_versions SET definition = definition || '{"titles": {"block": ["t0"]}}'""")
    assert names(page(message).text) == ["The Broken Garden", "Kavoris"]
    assert names(page(message, "the hidden").text) == ["The Hidden Engine"]
    assert client.get(f"/w/{token(Kind.WELCOME, message)}/t/t0").status_code == 404


@pytest.mark.usefixtures("service")
def test_a_title_without_a_picture_gets_one_with_its_name(page, client, mailed):
    text = page(mailed(rows=[], hero=of(1, artwork_url=None, artwork_alt=None))).text
    picture, alt = IMAGE.findall(text)[0]
    assert (picture, alt) == ("/artwork/t1.png", "The Broken Garden")
    assert client.get(picture).headers["content-type"] == "image/png"


def test_a_member_of_whom_the_lake_knows_nothing_sees_what_the_mail_showed(page, mailed, house):
    house.contact("ana", given_name=None)
    answer = page(mailed(0, (1, 2)))
    assert "Welcome back<" in answer.text
    assert names(answer.text) == ["The Hidden Border", "The Broken Garden", "Kavoris"]


@pytest.mark.usefixtures("service")
def test_what_a_name_or_a_query_holds_is_text_and_nothing_else(page, mailed):
    evil = '<script>alert("x")</script>'
    message = mailed(rows=[], hero=of(0, name=evil))
    for text in (page(message).text, page(message, evil).text):
        assert "<script" not in text


@pytest.mark.usefixtures("service")
def test_a_link_that_is_none_of_ours_or_of_another_kind_or_of_an_erased_member_is_not_found(
    page, client, token, mailed, house
):
    message = mailed()
    good = token(Kind.WELCOME, message)
    for bad in ("nonsense", good[:-1], good + "A", token(Kind.UNSUBSCRIBE, message), token(Kind.WELCOME, uuid4())):
        assert client.get(f"/w/{bad}").status_code == 404
    house.do("UPDATE contacts SET erased_at = now() WHERE member_id = 'ana'")
    assert page(message).status_code == 404


@pytest.mark.usefixtures("service")
def test_a_search_forgives_a_slip_and_is_kept_with_what_it_found(page, mailed, house):
    message = mailed()
    text = page(message, "  the  hiden\x00 ").text
    shown = names(text)
    assert shown[0] == "The Hidden Border"
    assert set(shown) == {"The Hidden Border", "The Hidden Engine"}  # not the one in Brazil, nor the one that has left
    assert "Found for “the hiden”" in text
    kept = house.rows("SELECT member_id, message_id, run_date, query, titles FROM searches")
    assert kept == [("ana", message, DAY, "the hiden", ["t0", "t7"])]
    assert house.rows("SELECT count(*) FROM views") == [(0,)]


@pytest.mark.usefixtures("service")
def test_a_name_is_found_in_the_language_of_the_mail(page, mailed):
    text = page(mailed(language="pt-PT"), "jardim").text
    assert "O Jardim Quebrado" in text
    assert "Nothing by the name of" in page(mailed(language="en"), "jardim").text


def test_a_picture_found_is_read_out_in_the_members_language(page, mailed, now_has):
    now_has(artworks=[art("t1", "a") | {"style": "faces", "language": "en"}])
    assert 'alt="O Jardim Quebrado: rostos"' in page(mailed(language="pt-PT"), "jardim").text


@pytest.mark.usefixtures("service")
def test_where_a_search_finds_nothing_the_picks_are_still_there(page, mailed, house):
    text = page(mailed(), "qwertyuiop").text
    assert "Nothing by the name of “qwertyuiop” can be watched where you are." in text
    assert names(text) == ["The Hidden Border", "The Broken Garden", "Kavoris"]
    assert house.rows("SELECT titles FROM searches") == [([],)]


@pytest.mark.usefixtures("service")
def test_a_title_found_leads_on_and_is_kept_as_opened(page, client, mailed, house):
    message = mailed()
    link = next(link for link in LINK.findall(page(message, "harbour").text) if "/t/" in link)
    answer = client.get(link)
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://lumen.example/t3"
    kept = house.rows("SELECT member_id, message_id, title_id FROM openings")
    assert kept == [("ana", message, "t3")]
    assert isinstance(kept[0][1], UUID)


@pytest.mark.usefixtures("service")
def test_a_title_found_has_one_of_its_own_pictures_or_a_card_with_its_name(page, mailed):
    pictures = dict(image[::-1] for image in IMAGE.findall(page(mailed(), "the hidden").text))
    assert pictures["The Hidden Engine"] == "/artwork/t7.png"
    assert {"t0 a": "https://art.example/t0-a.png", "t0 b": "https://art.example/t0-b.png"}.items() & pictures.items()


@pytest.mark.usefixtures("service")
def test_a_title_found_without_an_address_is_told_by_name(page, client, mailed):
    link = next(link for link in LINK.findall(page(mailed(), "ritova").text) if "/t/" in link)
    assert "Open Lumen and look for Ritova." in client.get(link).text


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("strange", ["brazil", "gone", "nothing", "a/b", "https://evil.example"])
def test_no_link_leads_to_what_the_member_may_not_see_or_out_of_the_catalogue(client, token, mailed, house, strange):
    assert client.get(f"/w/{token(Kind.WELCOME, mailed())}/t/{strange}").status_code == 404
    assert house.rows("SELECT count(*) FROM openings") == [(0,)]


def test_an_id_with_slashes_and_spaces_is_a_title_like_any_other(now_has, page, client, mailed):
    now_has(titles=[title("a/b c?", name="Slashed", url="https://lumen.example/odd")])
    link = next(link for link in LINK.findall(page(mailed(), "slashed").text) if "/t/" in link)
    assert client.get(link).headers["location"] == "https://lumen.example/odd"


def test_behind_a_path_of_its_own_all_links_of_the_page_begin_with_it(service, mailed, token):
    there = service.stores.settings
    settings = Settings(home=there.home, _env_file=None, public_url="https://lumen.example/back")
    app = make_app(stores_at(settings, service.stores.database.url))
    with TestClient(app) as client:
        text = client.get(f"/w/{token(Kind.WELCOME, mailed())}").text
    assert 'action="/back/w/' in text
    assert all(link.startswith(("/back/c/", "/back/w/")) for link in LINK.findall(text))


def test_a_title_that_is_not_there_yet_is_not_found(now_has, page, mailed):
    now_has(titles=[title("later", name="Much Later", added_at=datetime.now(UTC) + timedelta(days=1))])
    assert "Nothing by the name of" in page(mailed(), "much later").text
