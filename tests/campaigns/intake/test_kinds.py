import polars as pl
import pytest

from campaigns.intake.kinds import ENCORE
from scoring.contracts import Kind

TAKEN = [
    (Kind.TEXT, "two\nlines", "two\nlines"),
    (Kind.NUMBER, "1e3", 1000.0),
    (Kind.SHARE, "0.5", 0.5),
    (Kind.FLAG, "YES", True),
    (Kind.FLAG, "0", False),
    (Kind.LIST, " a |b||a", ["a", "b"]),
    (Kind.LIST, "|", []),
    (Kind.COUNTRY, "br", "BR"),
    (Kind.COUNTRIES, "br|PT", ["BR", "PT"]),
    (Kind.LANGUAGE, "PT-br", "pt-BR"),
    (Kind.LANGUAGE, "zh-hant-tw", "zh-Hant-TW"),
    (Kind.ZONE, "America/Sao_Paulo", "America/Sao_Paulo"),
    (Kind.EMAIL, "first.last+tag@mail.example.co.uk", "first.last+tag@mail.example.co.uk"),
    (Kind.EMAIL, "ana@bücher.example", "ana@xn--bcher-kva.example"),
    (Kind.URL, "https://art.lumen.test/a.png?w=1", "https://art.lumen.test/a.png?w=1"),
    (Kind.ARM, "holdout", "holdout"),
]
REFUSED = {
    Kind.TEXT: ["bell\x07", "nul\x00", "next\x85line", "x" * 20_001],
    Kind.NUMBER: ["inf", "nan", "1e999", "1,5", "0x10", "1_000", "five"],
    Kind.SHARE: ["0", "1", "-0.1", "1.1", "nan"],
    Kind.FLAG: ["maybe", "2", "ja"],
    Kind.LIST: ["a\nb|c"],
    Kind.COUNTRY: ["UK", "BRA", "Brazil", "xx"],
    Kind.COUNTRIES: ["BR,PT", "BR|XX"],
    Kind.LANGUAGE: ["english", "pt_BR", "e", "en-", "x-private"],
    Kind.ZONE: ["Mars/Olympus", "GMT+2", "europe/berlin", "localtime"],
    Kind.EMAIL: [
        "a@b", "a..b@c.test", ".a@c.test", "a@-c.test", "a@1.2.3.4", "Ana <a@c.test>", "a@c.test,b@c.test",
        "ña@c.test", "a@straße.test", "a@c.test\nBcc: b@c.test", "x" * 65 + "@c.test", "a b@c.test",
    ],
    Kind.URL: ["ftp://a", "javascript:1", "https://", "//a.test/x", 'https://a.test/"x', "https://a.test/ x"],
    Kind.ARM: ["control", "Mailed"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "cell", "value"), TAKEN)
def test_what_a_kind_may_hold_becomes_its_type(kind, cell, value):
    assert ENCORE[kind].read(pl.Series([cell])).to_list() == [value]


@pytest.mark.parametrize(("kind", "cell"), [(kind, cell) for kind, cells in REFUSED.items() for cell in cells])
def test_what_a_kind_may_not_hold_is_refused(kind, cell):
    assert ENCORE[kind].read(pl.Series([cell])).to_list() == [None]


@pytest.mark.parametrize("kind", Kind)
def test_empty_cells_stay_empty(kind):
    assert ENCORE[kind].read(pl.Series([None], dtype=pl.String)).to_list() == [None]
