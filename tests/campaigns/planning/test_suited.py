"""What the title model would recommend a member, told with its reasons."""

from datetime import timedelta

from campaigns.planning.suited import suited
from campaigns.planning.title_models import kept_models, title_model
from tests.campaigns.planning.service import DAY, at, member, play, title


def test_titles_are_told_with_scores_and_what_the_member_watched_and_asking_fits_no_model(service):
    ids = [f"m{n:02}" for n in range(20)]
    plays = [play(m, f"t{(2 * n + k) % 6}", at(DAY, -24 * (60 + k))) for n, m in enumerate(ids) for k in range(3)]
    service.has(members=[member(m) for m in ids], titles=[title(f"t{n}") for n in range(6)], plays=plays)
    assert suited(service.stores, "m00", at(DAY), 2) == []
    assert not kept_models(service.stores)
    model = title_model(service.stores, at(DAY) - timedelta(days=1))
    found = suited(service.stores, "m00", at(DAY), 2)
    told = model.recommend(["m00"], k=2, at=at(DAY))
    assert [(one["title_id"], one["score"]) for one in found] == list(told.select("title_id", "score").iter_rows())
    played = {row["title_id"].upper() for row in plays if row["member_id"] == "m00"}
    assert {one["because"] for one in found} <= played | {None}
    assert [one["name"] for one in found] == [one["title_id"].upper() for one in found]
