import subprocess
import sys

from campaigns.intake.places import COUNTRIES, is_country, is_language, is_zone, tidy_language


def test_there_are_249_countries_each_two_letters():
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
    assert is_country("BR")
    assert not is_country("UK")


def test_tags_are_written_as_recommended():
    assert [tidy_language(tag) for tag in ("PT-br", "zh-HANT-tw", "de-ch-1996")] == [
        "pt-BR",
        "zh-Hant-TW",
        "de-CH-1996",
    ]
    assert is_language("es-419")
    assert not is_language("pt_BR")


def test_zones_are_names_not_what_a_machine_is_set_to():
    assert is_zone("Europe/Kyiv")
    assert not is_zone("localtime")


def test_asking_for_a_place_loads_neither_polars_nor_duckdb():
    code = "import sys, campaigns.intake.places; print({'polars', 'duckdb', 'pyarrow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
