import polars as pl

from scoring.languages import spoken


def test_a_variant_speaks_its_language():
    told = pl.DataFrame({"tag": ["pt-BR", "PT", "zh-Hant-TW", "", None]}).select(spoken("tag"))
    assert told["tag"].to_list() == ["pt", "pt", "zh", "", None]
