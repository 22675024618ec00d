from campaigns import pages


def test_a_rooms_filters_are_its_own():
    one, other = pages.environment(number=str), pages.environment(number="{:,}".format)
    assert one.from_string("{{ 1000|number }}").render() == "1000"
    assert other.from_string("{{ 1000|number }}").render() == "1,000"
