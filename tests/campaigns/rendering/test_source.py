import pytest

from campaigns.errors import BadTemplate
from campaigns.rendering.source import LONGEST_SOURCE, Origin, assemble


def assembled(**files):
    named = {name.replace("__", "/") + ".mjml": text for name, text in files.items()}
    return assemble("mail.mjml", named.get)


def test_every_line_knows_its_file():
    source = assembled(
        mail='one\n<mj-include path="./parts/a.mjml" />\nthree\n',
        parts__a='a1\n<mj-include path="b.mjml"/>\na3',
        b="b1",
    )
    lines = {line.strip(): origin for line, origin in zip(source.text.split("\n"), source.origins, strict=True)}
    assert lines["one"] == Origin("mail.mjml", 1)
    assert lines["a1"] == Origin("parts/a.mjml", 1)
    assert lines["b1"] == Origin("b.mjml", 1)
    assert lines["a3"] == Origin("parts/a.mjml", 3)
    assert lines["three"] == Origin("mail.mjml", 3)


def test_what_is_refused_is_refused_where_it_stands():
    source = assembled(mail='one\n<mj-include path="a.mjml"></mj-include>\n', a="x\ny")
    with pytest.raises(BadTemplate, match=r"a.mjml, line 2: odd"):
        source.refuse(source.text.split("\n").index("y") + 1, "odd")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../a.mjml", "parts/../../a.mjml", "a.css", "http://x/a.txt", "C:\\a.mjml/.."]
)
def test_an_include_stays_in_the_store(path):
    with pytest.raises(BadTemplate, match=r"mail.mjml, line 2: .* below the templates' folder"):
        assembled(mail=f'\n<mj-include path="{path}" />')


def test_a_missing_include_is_refused_where_it_is_asked_for():
    with pytest.raises(BadTemplate, match=r"mail.mjml, line 3: there is no gone.mjml"):
        assembled(mail='\n\n<mj-include path="gone.mjml" />')


def test_an_include_needs_a_path():
    with pytest.raises(BadTemplate, match="needs a path"):
        assembled(mail="<mj-include />")


def test_a_circle_is_refused():
    with pytest.raises(BadTemplate, match=r"b.mjml, line 1: a.mjml includes itself"):
        assembled(mail='<mj-include path="a.mjml"/>', a='<mj-include path="b.mjml"/>', b='<mj-include path="a.mjml"/>')


def test_includes_are_five_deep_at_most():
    deep = {f"f{n}": f'<mj-include path="f{n + 1}.mjml"/>' for n in range(9)}
    with pytest.raises(BadTemplate, match="more than 5 deep"):
        assembled(mail='<mj-include path="f0.mjml"/>', **deep)


def test_includes_in_comments_are_left_alone():
    assert "included" in assembled(mail='<!-- <mj-include path="gone.mjml"/> -->').text


def test_a_source_that_is_too_long_is_refused():
    with pytest.raises(BadTemplate, match="make it shorter"):
        assembled(mail="x" * (LONGEST_SOURCE + 1))
    with pytest.raises(BadTemplate, match="with its includes"):
        assembled(mail='<mj-include path="a.mjml"/>' * 3, a="x" * (LONGEST_SOURCE // 2))


def test_line_ends_of_any_kind_count_as_one():
    assert len(assembled(mail="a\r\nb\rc\nd").origins) == 4
