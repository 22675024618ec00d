import pytest

from campaigns.errors import NotFound
from campaigns.rendering import ROW_TITLES, row_title, why_sentence
from campaigns.rendering.sentences import facts_line, in_country

NAMES = {"title": "Kavoris", "country": "BR"}


@pytest.mark.parametrize("kind", ROW_TITLES)
def test_every_row_has_a_title_in_every_language(kind):
    titles = {language: row_title(kind, language, **NAMES) for language in ("en", "pt-BR", "es")}
    assert len(set(titles.values())) == 3
    assert not any("{" in title for title in titles.values())


@pytest.mark.parametrize(
    ("language", "country", "title"),
    [
        ("en", "US", "Popular in the United States"),
        ("pt", "US", "Em alta nos Estados Unidos"),
        ("pt-PT", "pt", "Em alta em Portugal"),
        ("es-MX", "MX", "Popular en México"),
        ("es", "GB", "Popular en el Reino Unido"),
        ("de", "AT", "Popular in Austria"),
        ("es", "", "Popular cerca de ti"),
        ("pt", "ZZ", "Em alta perto de você"),
    ],
)
def test_countries_are_named_as_the_language_names_them(language, country, title):
    assert row_title("popular", language, country=country) == title


def test_a_language_of_ones_own_needs_no_names_of_countries():
    german = {"de": {"Popular near you": "Beliebt in deiner Nähe", "Picked for you": "Für dich ausgesucht"}}
    assert row_title("popular", "de-AT", german, country="AT") == "Beliebt in deiner Nähe"
    assert row_title("for_you", "de", german) == "Für dich ausgesucht"


def test_an_unknown_row_is_refused_with_those_that_there_are():
    with pytest.raises(NotFound, match="no row is called 'other'; there are because_you_watched"):
        row_title("other", "en")


def test_braces_in_a_title_stay_as_they_are():
    assert row_title("because_you_watched", "en", title="{title} & {x}") == "Because you watched {title} & {x}"


def test_the_reason_for_the_mail_names_the_service():
    assert all("Lumen" in why_sentence(language, "Lumen") for language in ("en", "pt", "es", "fr"))


def test_unknown_minutes_and_genres_leave_no_traces():
    assert [facts_line([], 0), facts_line(["Drama"], 0), facts_line([], 0.4), facts_line(["Drama"], 59.6)] == [
        "",
        "Drama",
        "",
        "Drama · 1 h",
    ]


def test_no_country_is_without_a_name():
    assert all(in_country(code, language) for code in ("AD", "CI", "ZW") for language in ("en", "pt", "es"))
