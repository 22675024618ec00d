import pytest
from markupsafe import Markup

from campaigns.rendering.context import CONTEXT, LONGEST_LIST, WORDS, missing, names, refuse_objects
from campaigns.rendering.samples import SAMPLES, sample_context


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_sample_has_all_that_the_caller_gives(kind):
    assert missing(sample_context(kind)) == []


def test_a_sample_has_nothing_beyond_what_the_caller_gives():
    context = sample_context()
    assert context.keys() == WORDS.keys()
    assert context["hero"].keys() == WORDS["hero"].keys()


def test_names_are_written_as_in_a_template():
    assert {"given_name", "hero.artwork_alt", "rows[].picks[].facts", "rows[].picks[].genres[]"} <= set(names(CONTEXT))


def test_plain_data_passes():
    refuse_objects(sample_context())


@pytest.mark.parametrize(
    "odd", [object(), Markup("<b>"), {1, 2}, ("a",), b"bytes", type("Text", (str,), {})("x"), lambda: 1]
)
@pytest.mark.parametrize("place", [lambda odd: odd, lambda odd: [odd], lambda odd: {"a": [{"b": odd}]}])
def test_anything_else_is_refused_wherever_it_is(odd, place):
    with pytest.raises(TypeError, match="in the context"):
        refuse_objects({"hero": place(odd)})


def test_a_list_that_is_too_long_to_mail_is_refused():
    refuse_objects({"rows": ["x"] * LONGEST_LIST})
    with pytest.raises(TypeError, match="a list of 25"):
        refuse_objects({"rows": ["x"] * (LONGEST_LIST + 1)})
