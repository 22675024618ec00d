"""What tests of the web share: a small service, its application, and links into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from campaigns.settings import secret_key
from campaigns.tracking import Kind, Link, Links
from campaigns.web import make_app
from campaigns.web.keys import api_key
from tests.campaigns.making import DAY, House, pick
from tests.campaigns.planning.service import Service, member, play, title
from tests.kept import kept  # noqa: F401 - a fixture

NOW = datetime.now(UTC)
NAMES = {
    "t0": "The Hidden Border",
    "t1": "The Broken Garden",
    "t2": "Kavoris",
    "t3": "Star Harbour",
    "t4": "Ritova",
    "t5": "The Wild Island",
    "t6": "Last Zorfen",
    "t7": "The Hidden Engine",
    "brazil": "The Hidden Samba",
    "gone": "The Hidden Past",
}
LIMITS = {"brazil": {"countries": ["BR"]}, "gone": {"leaves_at": NOW - timedelta(days=1)}}


@pytest.fixture
def house(stores):
    """Rows of the database, to be made and looked at."""
    return House(stores.database)


@pytest.fixture
def service(stores):
    """Ten titles, two with limits; Ana, who has played one and begun another, and thirty others with tastes."""
    made = Service(stores)
    titles = [
        title(key, name=name, genres=["Drama"], minutes=100, url=f"https://lumen.example/{key}", **LIMITS.get(key, {}))
        for key, name in NAMES.items()
    ]
    titles[4]["url"] = None
    others = [member(f"m{n}") for n in range(30)]
    plays = [play(f"m{n}", f"t{t}", NOW - timedelta(days=60 + n + t)) for n in range(30) for t in range(1 + n % 8)]
    mine = [("t6", 90), ("t7", 10)]
    made.has(
        titles=titles,
        title_names=[{"title_id": "t1", "language": "pt", "name": "O Jardim Quebrado"}],
        artworks=[art("t0", "a"), art("t0", "b"), art("t2", "a")],
        members=[member("ana"), *others],
        plays=[*plays, *(play("ana", t, NOW - timedelta(days=50), minutes=m) for t, m in mine)],
    )
    return made


def art(title_id, name):
    """A picture of a title."""
    url = f"https://art.example/{title_id}-{name}.png"
    return {"artwork_id": f"{title_id}-{name}", "title_id": title_id, "url": url, "alt": f"{title_id} {name}"}


@pytest.fixture
def client(stores):
    """The application, as a browser sees it; redirects are looked at, not followed."""
    with TestClient(make_app(stores), follow_redirects=False) as one:
        yield one


@pytest.fixture
def now_has(service, client):
    """Imports rows while the application runs, and lets it look."""

    def put(**tables):
        service.has(**tables)
        client.app.state.memory.renew()

    return put


@pytest.fixture
def token(stores):
    """Makes tokens of messages of `DAY`."""
    links = Links(stores.settings.public_url, secret_key(stores.settings))
    return lambda kind, message, place=0: links.token(Link(kind, message, DAY, place))


@pytest.fixture
def mailed(house):
    """Makes a message to Ana: its hero (a pick, or its number), the numbers of a row's titles, what else it holds."""
    campaign = house.campaign()

    def make(hero=0, row=(1, 2), day=DAY, **changes):
        content = {"language": "en", "country": "GB", "hero": hero if isinstance(hero, dict) else of(hero)} | changes
        content.setdefault("rows", [{"kind": "for_you", "about": None, "picks": [of(n) for n in row]}])
        house.do("DELETE FROM messages")
        return house.message("ana", campaign, content=json.dumps(content), run_date=day)

    return make


def of(number, **changes):
    """A pick of the service's title of that number."""
    return pick(number, **{"name": NAMES[f"t{number}"], "url": f"https://lumen.example/t{number}"} | changes)


@pytest.fixture
def page(client, token):
    """Fetches the welcome page of a message."""
    return lambda message, q="": client.get(f"/w/{token(Kind.WELCOME, message)}", params={"q": q} if q else {})


@pytest.fixture
def ask(client, stores):
    """Asks the API, with its key."""
    headers = {"Authorization": f"Bearer {api_key(stores.home)}"}

    def post(path, status=200, **body):
        answer = client.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return post
