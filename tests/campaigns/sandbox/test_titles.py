import numpy as np
import pytest

from campaigns.intake.checks import check
from campaigns.intake.rows import ROW
from campaigns.sandbox.draws import Draws
from campaigns.sandbox.titles import artworks_table, catalogue, names_table, titles_table
from scoring.contracts import ARTWORKS, TITLE_NAMES, TITLES

START = 20_788  # 1 December 2026


@pytest.fixture(scope="module")
def titles():
    return catalogue(Draws(0), START, "https://artwork.lumen.example")


def test_every_row_is_as_the_import_contract_wants_it(titles):
    tables = [(TITLES, titles_table(titles)), (TITLE_NAMES, names_table(titles)), (ARTWORKS, artworks_table(titles))]
    for table, frame in tables:
        checked = check(table, frame.with_row_index(ROW))
        assert checked.faults.is_empty()
        assert checked.good.height == frame.height


def test_no_two_titles_share_a_name_in_any_language(titles):
    for spoken in range(3):
        assert len({name[spoken] for name in titles.names}) == len(titles)


def test_adjectives_agree_with_their_nouns(titles):
    names = names_table(titles)
    spanish = names.filter(language="es")["name"].to_list()
    assert any(name.startswith("La ") and name.endswith("a") for name in spanish)
    assert not any(name.startswith("El ") and name.endswith(("Dorada", "Roja", "Rota", "Perdida")) for name in spanish)


def test_a_catalogue_larger_than_its_words_still_has_names_of_its_own():
    many = catalogue(Draws(0), START, "https://a.example", count=3_000)
    assert len({name.en for name in many.names}) == 3_000


def test_titles_come_before_the_start_and_after_it_and_some_leave(titles):
    table = titles_table(titles)
    added = (table["added_at"].dt.epoch("d") - START).to_numpy()
    assert 0.02 < (added >= 0).mean() < 0.1
    assert 0.02 < ((added >= -60) & (added < 0)).mean() < 0.12
    left = (table["leaves_at"].dt.epoch("d") - START).drop_nulls().to_numpy()
    assert left.min() >= 3
    assert (left <= 60).sum() >= 10


def test_an_artwork_tells_its_title_and_style(titles):
    first = artworks_table(titles).row(0, named=True)
    assert first["url"] == "https://artwork.lumen.example/t0000/faces.png"
    assert first["alt"] == f"{titles.names[0].en}: faces"
    assert first["language"] == "en"


def test_the_evergreen_may_be_shown_everywhere_always(titles):
    countries = np.arange(titles.rights.shape[1])
    for day in (START - 700, START, START + 400):
        moments = np.full(len(countries), day * 86_400_000_000)
        assert titles.shown(np.full(len(countries), titles.evergreen), countries, moments).all()
