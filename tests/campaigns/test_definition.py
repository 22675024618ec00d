"""A campaign file: what it defaults to, and what is refused, by its place and with the reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.definition import Campaign, from_file, from_values
from campaigns.errors import BadCampaign, RefusedFile

WHOLE = """
name = "autumn-comeback"
template = "comeback"
[lapsed]
inactive_days = [30, 365]
[audience]
where = ["country in BR, US", "plan != free", "plays_lifetime >= 3"]
[run]
start = 2026-12-01
end = 2026-12-31
daily_budget = 20000
explore = 0.10
send = "member-best-hour"
priority = 5
again_after_days = 180
[holdout]
share = 0.10
[series]
after_days = [7]
[win_back]
within_days = 14
[experiments.subject]
arms = { title = 0.5, new_since = 0.5 }
[message.en]
subject.title = "{{ given_name }}, {{ hero.name }} is waiting"
"""


@pytest.fixture
def file(tmp_path):
    """Makes a campaign file of a text, or of bytes."""

    def write(text):
        path = tmp_path / "campaign.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refusal(values):
    """Where values are refused, and why."""
    with pytest.raises(BadCampaign) as caught:
        from_values({"name": "autumn"} | values, "f.toml")
    assert str(caught.value).startswith("f.toml")
    return caught.value.where, caught.value.why


def test_a_name_is_enough_and_the_rest_is_what_the_design_shows():
    made = from_values({"name": "autumn"}, "f.toml")
    assert made.template == "comeback"
    assert made.lapsed.inactive_days == (30, 365)
    assert not made.lapsed.cancelled
    assert made.audience.where == ()
    assert (made.run.start, made.run.end, made.run.again_after_days) == (None, None, None)
    assert (made.run.daily_budget, made.run.explore) == (20_000, 0.10)
    assert (made.run.send, made.run.priority) == ("member-best-hour", 5)
    assert made.holdout.share == 0.10
    assert made.series.after_days == ()
    assert made.win_back.within_days == 14
    assert made.experiments == {}
    assert made.message == {}


def test_the_whole_file_of_the_design_is_read(file):
    made = from_file(file(WHOLE))
    assert made.run.start == date(2026, 12, 1)
    assert made.run.end == date(2026, 12, 31)
    assert made.series.after_days == (7,)
    assert [rule.field for rule in made.rules()] == ["country", "plan", "plays_lifetime"]
    assert made.experiments["subject"].arms == {"title": 0.5, "new_since": 0.5}
    assert made.message["en"].subject["title"].startswith("{{ given_name }}")


def test_a_stored_version_reads_as_the_file_did(file):
    made = from_file(file(WHOLE))
    assert from_values(made.model_dump(mode="json"), "stored") == made


@given(
    st.builds(
        dict,
        name=st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,20}\Z"),
        lapsed=st.sampled_from([{}, {"cancelled": True}, {"inactive_days": [1, 5]}]),
        run=st.fixed_dictionaries({"daily_budget": st.integers(1, 10**9), "explore": st.floats(0, 1)}),
        holdout=st.fixed_dictionaries({"share": st.floats(0.001, 0.999)}),
        series=st.fixed_dictionaries({"after_days": st.sets(st.integers(1, 300)).map(sorted)}),
        win_back=st.just({"within_days": 365}),
    )
)
def test_any_campaign_survives_being_stored(values):
    made = from_values(values, "f.toml")
    assert from_values(made.model_dump(mode="json"), "stored") == made


def test_a_byte_order_mark_is_no_mistake(file):
    assert from_file(file(b"\xef\xbb\xbf" + WHOLE.encode())).name == "autumn-comeback"


def test_cancelled_members_are_asked_for_instead_of_inactive_ones():
    assert from_values({"name": "a", "lapsed": {"cancelled": True}}, "f").lapsed.inactive_days is None
    both = from_values({"name": "a", "lapsed": {"cancelled": True, "inactive_days": [5, 9]}}, "f").lapsed
    assert (both.cancelled, both.inactive_days) == (True, (5, 9))


def test_every_layer_of_every_campaign_has_a_salt_of_its_own():
    salts = {Campaign(name=name).salt(layer) for name in ("a", "b") for layer in ("holdout", "explore", "subject")}
    assert len(salts) == 6


@pytest.mark.parametrize(
    "text",
    [
        "name = autumn",
        'name = "a"\nname = "b"',
        "[run\nstart = 1",
        'name = "a',
        "name = 'a'\n[run]\n[run]",
        "x = " + "[" * 20_000,
        "name = 'a'\n[run]\ndaily_budget = " + "9" * 5_000,
        "start = 2026-13-01",
        b"name = '\xff\xfe'",
        b"\x00",
    ],
)
def test_what_is_no_toml_is_refused_as_a_file(file, text):
    with pytest.raises(RefusedFile, match=r"campaign\.toml: is not"):
        from_file(file(text))


def test_a_file_that_is_not_there_or_a_folder_is_refused_by_its_path(tmp_path):
    with pytest.raises(RefusedFile, match=r"none\.toml: No such file"):
        from_file(tmp_path / "none.toml")
    with pytest.raises(RefusedFile, match="directory"):
        from_file(tmp_path)


def test_an_empty_file_lacks_a_name(file):
    with pytest.raises(BadCampaign, match=r"campaign\.toml, name: is missing"):
        from_file(file(""))


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("budget", {"budget": 5}),
        ("run.daily_bugdet", {"run": {"daily_bugdet": 5}}),
        ("lapsed.days", {"lapsed": {"days": 3}}),
        ("audience.were", {"audience": {"were": []}}),
        ("holdout.salt", {"holdout": {"salt": "x"}}),
        ("series.days", {"series": {"days": [3]}}),
        ("win_back.days", {"win_back": {"days": 3}}),
        ("message.en.body", {"message": {"en": {"body": "x"}}}),
        ("experiments.subject.salt", {"experiments": {"subject": {"arms": {"a": 0.5, "b": 0.5}, "salt": "x"}}}),
    ],
)
def test_an_unknown_key_is_refused_by_its_place(where, values):
    assert refusal(values) == (where, "there is no such key")


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("name", {"name": 5}),
        ("template", {"template": ["comeback"]}),
        ("run", {"run": 5}),
        ("run", {"run": []}),
        ("run.daily_budget", {"run": {"daily_budget": "20000"}}),
        ("run.daily_budget", {"run": {"daily_budget": True}}),
        ("run.daily_budget", {"run": {"daily_budget": 2.5}}),
        ("run.daily_budget", {"run": {"daily_budget": 20_000.0}}),
        ("run.start", {"run": {"start": 20261201}}),
        ("run.start", {"run": {"start": "1 December 2026"}}),
        ("run.start", {"run": {"start": "20261201"}}),
        ("run.start", {"run": {"start": "2026-02-30"}}),
        ("run.end", {"run": {"end": True}}),
        ("run.send", {"run": {"send": 9}}),
        ("run.explore", {"run": {"explore": "0.1"}}),
        ("run.priority", {"run": {"priority": "high"}}),
        ("lapsed.cancelled", {"lapsed": {"cancelled": "yes"}}),
        ("lapsed.cancelled", {"lapsed": {"cancelled": 1}}),
        ("lapsed.inactive_days", {"lapsed": {"inactive_days": 30}}),
        ("lapsed.inactive_days.0", {"lapsed": {"inactive_days": ["30", 365]}}),
        ("audience.where", {"audience": {"where": "country in BR"}}),
        ("audience.where.1", {"audience": {"where": ["plan == free", 3]}}),
        ("holdout.share", {"holdout": {"share": "10%"}}),
        ("series.after_days", {"series": {"after_days": 7}}),
        ("experiments.subject.arms", {"experiments": {"subject": {"arms": ["a", "b"]}}}),
        ("experiments", {"experiments": "subject"}),
        ("message.en", {"message": {"en": "Hello"}}),
        ("message.en.subject", {"message": {"en": {"subject": "Hello"}}}),
        ("message.en.subject.title", {"message": {"en": {"subject": {"title": 3}}}}),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_place(where, values):
    assert refusal(values)[0] == where


@pytest.mark.parametrize(
    ("where", "values"),
    [
        *(
            ("holdout.share", {"holdout": {"share": share}})
            for share in (0, 1, 0.0, 1.0, -0.1, 1.1, float("nan"), float("inf"))
        ),
        *(("run.explore", {"run": {"explore": share}}) for share in (-0.1, 1.01, float("nan"))),
        *(("run.daily_budget", {"run": {"daily_budget": budget}}) for budget in (0, -1, 10**10)),
        ("run.priority", {"run": {"priority": -1}}),
        ("run.again_after_days", {"run": {"again_after_days": 0}}),
        ("win_back.within_days", {"win_back": {"within_days": 0}}),
        ("win_back.within_days", {"win_back": {"within_days": 366}}),
        ("lapsed.inactive_days.0", {"lapsed": {"inactive_days": [0, 10]}}),
        ("lapsed.inactive_days.1", {"lapsed": {"inactive_days": [1, 10**9]}}),
        ("lapsed.inactive_days", {"lapsed": {"inactive_days": [1]}}),
        ("series.after_days.0", {"series": {"after_days": [0]}}),
        *(
            ("run", {"run": {"send": send}})
            for send in ("9:00", "24:00", "09:60", "noon", "", "09:00 ", "\u0660\u0669:00")
        ),
        *(("name", {"name": name}) for name in ("", "a/b", "../a", "A", "-a", "a b", "a\n", "é", "a" * 64, ".")),
        *(("template", {"template": name}) for name in ("", "a/b", "../comeback", "comeback.mjml")),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_place(where, values):
    found, why = refusal(values)
    assert found.startswith(where)
    assert why


@pytest.mark.parametrize(
    ("where", "why", "values"),
    [
        ("lapsed", "from is not later than to", {"lapsed": {"inactive_days": [60, 30]}}),
        ("run", "is before start", {"run": {"start": date(2026, 12, 2), "end": date(2026, 12, 1)}}),
        ("series", "each step is later", {"series": {"after_days": [7, 7]}, "win_back": {"within_days": 90}}),
        ("series", "each step is later", {"series": {"after_days": [14, 7]}, "win_back": {"within_days": 90}}),
        ("win_back", "at least 14 are needed", {"series": {"after_days": [7]}, "win_back": {"within_days": 13}}),
        ("win_back", "at least 28 are needed", {"series": {"after_days": [7, 21]}, "win_back": {"within_days": 27}}),
        ("win_back", "at least 15 are needed", {"series": {"after_days": [8]}}),
        ("series", "at least 8 are needed", {"series": {"after_days": [7]}, "run": {"again_after_days": 7}}),
        ("experiments.subject", "add up to 1", {"experiments": {"subject": {"arms": {"a": 0.5, "b": 0.4}}}}),
        ("experiments.subject.arms.a", "less than 1", {"experiments": {"subject": {"arms": {"a": 1.0}}}}),
        ("experiments.subject", "two or more", {"experiments": {"subject": {"arms": {"a": 0.9}}}}),
        ("experiments.subject.arms.a", "finite", {"experiments": {"subject": {"arms": {"a": float("nan"), "b": 0.5}}}}),
        ("experiments", "arms of rows are", {"experiments": {"rows": {"arms": {"a": 0.5, "b": 0.5}}}}),
        ("experiments.hour", "no such layer", {"experiments": {"hour": {"arms": {"a": 0.5, "b": 0.5}}}}),
        ("message", "not a language tag", {"message": {"english please": {"headline": "x"}}}),
    ],
)
def test_a_contradiction_is_refused_with_the_reason(where, why, values):
    found, said = refusal(values)
    assert found == where
    assert why in said


def test_the_window_may_end_seven_days_after_the_last_step():
    made = from_values({"name": "a", "series": {"after_days": [7, 20]}, "win_back": {"within_days": 27}}, "f")
    assert made.series.last_day == 20


def test_a_wrong_rule_is_refused_by_its_text():
    where, why = refusal({"audience": {"where": ["plan == free", "color == red"]}})
    assert where == "audience.where 'color == red'"
    assert "the fields are country, language" in why


def test_a_refusal_of_something_long_is_still_one_short_line():
    _, why = refusal({"run": {"daily_budget": "9" * 5_000}})
    assert len(why) < 120


def test_days_may_be_written_as_text_in_iso_8601():
    assert from_values({"name": "a", "run": {"start": "2026-12-01"}}, "f").run.start == date(2026, 12, 1)
