"""Which versions went into use, and who decided."""

from hypothesis import given
from hypothesis import strategies as st

from scoring.inuse import Use, read

ACTS = st.lists(st.tuples(st.sampled_from("abcd") | st.none(), st.booleans()))


def after(acts):
    """What is in use once versions were promoted (None: rolled back), each by hand or not."""
    now = Use()
    for version, by_hand in acts:
        now = now.rolled_back(lambda _: True) if version is None else now.promoted(version, by_hand=by_hand)
        assert version is None or (now.live, now.by_hand) == (version, by_hand)
    return now


@given(ACTS)
def test_a_version_stands_once_among_those_that_went_into_use_or_were_withdrawn(acts):
    now = after(acts)
    assert len({*now.history, *now.withdrawn}) == len(now.history) + len(now.withdrawn)


@given(ACTS)
def test_a_file_brings_it_back(tmp_path_factory, acts):
    file = tmp_path_factory.getbasetemp() / "live.json"
    file.write_text(after(acts).to_text())
    assert read(file) == after(acts)


@given(ACTS, st.sets(st.sampled_from("abcd")))
def test_a_rollback_goes_to_the_latest_before_that_can_be_used(acts, usable):
    now = after(acts)
    back = now.rolled_back(usable.__contains__)
    earlier = [version for version in now.history[:-1] if version in usable]
    assert back.live == (earlier[-1] if earlier else None)
    assert back.by_hand == (bool(now.history) or now.by_hand)
    assert back.withdrawn == (*now.withdrawn, *now.history[-1:])
