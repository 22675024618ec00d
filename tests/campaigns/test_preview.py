"""The mail that a member would get now; with nothing written."""

from datetime import timedelta

import pytest

from campaigns import lifecycle
from campaigns.checks import checked_template
from campaigns.definition import from_values
from campaigns.errors import NotAllowed, NotFound
from campaigns.preview import preview
from tests.campaigns.planning.service import DAY, Service, at, member, play, title
from tests.kept import kept  # noqa: F401 - a fixture

NOW = at(DAY, 10)


@pytest.fixture
def service(stores):
    made = Service(stores)
    made.has(titles=[title(f"t{n}", name=f"Title {n}") for n in range(8)])
    return made


@pytest.fixture
def draft(service):
    """Applies a campaign with the packaged template; nobody has approved it."""

    def apply(**parts):
        asked = from_values({"name": "autumn"} | parts, "autumn.toml")
        template = checked_template(asked, service.stores.settings).to_dict()
        with service.stores.database.session() as session:
            lifecycle.apply(session, asked, template, "operator", NOW)

    return apply


def test_a_draft_can_be_looked_at_for_a_member_without_plays(service, draft):
    service.has(members=[member("a:b", given_name="Ana & Co")])
    draft()
    mail = preview(service.stores, "autumn", "a:b", NOW)
    assert "Title 0" in mail.html
    assert "Ana &amp; Co" in mail.html + mail.subject.replace("&", "&amp;")
    assert mail.to == "preview@lumen.example"


def test_a_title_without_a_picture_has_one_of_ours(service, draft):
    service.has(members=[member("a")])
    draft()
    base = service.stores.settings.public_url
    assert f"{base}/artwork/t0.png" in preview(service.stores, "autumn", "a", NOW).html


def test_it_is_the_newest_version_that_is_shown(service, draft):
    service.has(members=[member("a")])
    draft()
    draft(message={"en": {"subject": {"title": "Only {{ hero.name }}"}}})
    assert preview(service.stores, "autumn", "a", NOW).subject == "Only Title 0"


def test_members_who_would_not_be_chosen_can_be_looked_at_too(service, draft):
    service.has(members=[member("a", email_consent=False)], plays=[play("a", "t0", NOW - timedelta(days=1))])
    draft()
    assert "Title 0" not in preview(service.stores, "autumn", "a", NOW).html


def test_who_is_not_known_and_what_is_not_there_are_told_by_name(service, draft):
    draft()
    with pytest.raises(NotFound, match="no member is called 'nobody'"):
        preview(service.stores, "autumn", "nobody", NOW)
    with pytest.raises(NotFound, match="no campaign is called 'spring'"):
        preview(service.stores, "spring", "nobody", NOW)


def test_to_whom_nothing_can_be_shown_nothing_is(service, draft):
    service.has(members=[member("a", country="JP")])
    service.has(titles=[title(f"t{n}", countries=["GB"]) for n in range(8)], as_of=at(DAY))
    draft()
    with pytest.raises(NotAllowed, match="there is no title that member a could be shown"):
        preview(service.stores, "autumn", "a", NOW)


def test_nothing_is_written(service, draft):
    service.has(members=[member("a")])
    draft()
    preview(service.stores, "autumn", "a", NOW)
    assert service.rows("SELECT * FROM runs") == []
    assert not (service.stores.home / "runs").exists()
    assert service.stores.lake.is_empty("decisions")
