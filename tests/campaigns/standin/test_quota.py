import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import RefusedFile
from campaigns.standin import Quota
from campaigns.standin.checks import SesError
from campaigns.standin.quota import DAY, Meter, from_file

NOW = 1_790_000_000.0


def passes(meter, now, recipients=1):
    try:
        meter.take(recipients, recipients, now)
    except SesError as error:
        return error.message
    return True


def test_a_second_s_worth_goes_at_once_and_then_at_the_rate():
    meter = Meter(Quota(max_send_rate=2), NOW)
    assert [passes(meter, NOW) for _ in range(3)] == [True, True, "Maximum sending rate exceeded."]
    assert passes(meter, NOW + 0.4) == "Maximum sending rate exceeded."
    assert passes(meter, NOW + 0.5) is True


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 5))
def test_no_second_sees_more_than_twice_the_rate(pauses, rate):
    meter, now, passed = Meter(Quota(max_send_rate=rate), NOW), NOW, []
    for pause in pauses:
        now += pause / rate
        if passes(meter, now) is True:
            passed.append(now)
    assert all(sum(start <= at < start + 1 for at in passed) <= 2 * rate for start in passed)


def test_many_recipients_go_through_and_are_paid_for_later():
    meter = Meter(Quota(max_send_rate=1), NOW)
    assert passes(meter, NOW, recipients=5) is True
    assert passes(meter, NOW + 4) == "Maximum sending rate exceeded."
    assert passes(meter, NOW + 5) is True


def test_a_day_s_worth_is_a_rolling_24_hours():
    meter = Meter(Quota(max_24_hour_send=2), NOW)
    assert [passes(meter, NOW + at) for at in (0, 3600, 7200)] == [True, True, "Daily message quota exceeded."]
    assert passes(meter, NOW + DAY - 60) == "Daily message quota exceeded."
    assert passes(meter, NOW + DAY + 60) is True
    assert meter.sent_last_24_hours(NOW + DAY + 60) == 2


def test_what_was_sent_before_the_start_counts():
    meter = Meter(Quota(max_24_hour_send=10), NOW, [(NOW - DAY, 7), (NOW - 3600, 6), (NOW, 3)])
    assert meter.sent_last_24_hours(NOW) == 9
    assert [passes(meter, NOW) for _ in range(2)] == [True, "Daily message quota exceeded."]


def test_the_file_sets_what_it_names(tmp_path):
    path = tmp_path / "quota.json"
    assert from_file(path) == Quota(10_000, 1_000_000)
    path.write_text('{"max_send_rate": 14}')
    assert from_file(path) == Quota(14, 1_000_000)


@pytest.mark.parametrize("text", ["", "[]", '{"rate": 1}', '{"max_send_rate": "fast"}', '{"max_send_rate": -1}'])
def test_a_file_that_is_no_quota_is_refused_with_an_example(tmp_path, text):
    path = tmp_path / "quota.json"
    path.write_text(text)
    with pytest.raises(RefusedFile, match=r"not like .*max_send_rate"):
        from_file(path)
