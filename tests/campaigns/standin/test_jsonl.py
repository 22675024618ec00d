import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.standin import jsonl

LINES = st.lists(st.text("abc", max_size=5).map(lambda text: text.encode() + b"x\n"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lines"


@given(lines=LINES, torn=st.sampled_from([b"", b"x", b"half a line"]), block=st.integers(1, 9))
def test_a_torn_last_line_is_dropped_when_the_file_is_opened(tmp_path_factory, lines, torn, block):
    path = tmp_path_factory.mktemp("torn") / "lines"
    path.write_bytes(b"".join(lines) + torn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "BLOCK", block)
        jsonl.Appender(path).close()
    assert path.read_bytes() == b"".join(lines)


@given(lines=LINES, block=st.integers(1, 9))
def test_backwards_is_forwards_reversed(tmp_path_factory, lines, block):
    path = tmp_path_factory.mktemp("backwards") / "lines"
    path.write_bytes(b"".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "BLOCK", block)
        found = [line + b"\n" for line in jsonl.backwards(path)]
    assert found == list(jsonl.lines(path))[::-1] == lines[::-1]


@given(numbers=st.lists(st.integers(0, 50)).map(sorted), wanted=st.integers(-1, 51), torn=st.sampled_from([b"", b"9"]))
def test_bisect_finds_the_first_line_that_is_far_enough(tmp_path_factory, numbers, wanted, torn):
    path = tmp_path_factory.mktemp("bisect") / "lines"
    path.write_bytes(b"".join(b"%d\n" % number for number in numbers) + torn)
    start = jsonl.bisect(path, lambda line: int(line) >= wanted)
    assert [int(line) for line in jsonl.lines(path, start=start)] == [n for n in numbers if n >= wanted]


def test_a_line_still_being_written_is_left_for_the_next_reading(path):
    path.write_bytes(b"one\ntw")
    assert list(jsonl.lines(path)) == [b"one\n"]


def test_a_full_disk_leaves_the_file_as_it_was(path, room):
    appender = jsonl.Appender(path)
    appender.append(b"kept\n")
    with room(10), pytest.raises(OSError, match="File too large"):
        appender.append(b"too much for it\n")
    assert path.read_bytes() == b"kept\n"
    appender.append(b"fits again\n")
    assert path.read_bytes() == b"kept\nfits again\n"
