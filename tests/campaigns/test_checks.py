"""A campaign against its template: what would show in a mail is refused before anyone approves it."""

import pytest

from campaigns.checks import checked_template, findings_of
from campaigns.definition import from_values
from campaigns.errors import BadCampaign, BadTemplate, NotFound
from campaigns.settings import Settings

OWN = """<mjml lang="{{ language }}"><mj-body><mj-section><mj-column>
<mj-text>{{ hero.name }}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""


@pytest.fixture
def settings(home):
    return Settings(home=home, _env_file=None)


def campaign(**parts):
    return from_values({"name": "autumn"} | parts, "autumn.toml")


def test_the_packaged_template_is_good(settings):
    assert checked_template(campaign(), settings).name == "comeback"


def test_an_unknown_template_is_told_by_name(settings):
    with pytest.raises(NotFound, match="no template is called 'comback'"):
        checked_template(campaign(template="comback"), settings)


def test_arms_that_the_template_or_the_campaign_words_are_good(settings):
    arms = {"arms": {"title": 0.5, "fresh": 0.5}}
    words = {"en": {"subject": {"fresh": "{{ hero.name }} is new"}}}
    checked_template(campaign(experiments={"subject": arms}, message=words), settings)


def test_an_arm_that_nobody_wrote_is_refused_with_those_there_are(settings):
    arms = {"arms": {"title": 0.5, "fresh": 0.5}}
    with pytest.raises(BadCampaign, match="there is no subject 'fresh'; there are title") as caught:
        checked_template(campaign(experiments={"subject": arms}), settings)
    assert caught.value.where == "experiments.subject"


@pytest.mark.parametrize(
    "subject", ["{{ nobody }}", "{{ hero.name", "{{ hero.__class__ }}", "", "a\nb", "{% for x in rows %}{% endfor %}{{"]
)
def test_words_that_would_fail_in_a_mail_are_refused(settings, subject):
    with pytest.raises(BadTemplate):
        checked_template(campaign(message={"en": {"subject": {"title": subject}}}), settings)


def test_a_template_without_a_way_to_unsubscribe_is_refused(settings, home):
    folder = home / "templates" / "email"
    folder.mkdir(parents=True)
    (folder / "own.mjml").write_text(OWN)
    with pytest.raises(BadTemplate):
        checked_template(campaign(template="own"), settings)
    assert any("unsubscribe" in finding.what for finding in findings_of("own", settings))
    assert any("unsubscribe" in finding.what for finding in findings_of(str(folder / "own.mjml"), settings))


def test_the_packaged_template_has_nothing_to_be_said_of_it(settings):
    assert [finding for finding in findings_of("comeback", settings) if finding.level == "error"] == []
