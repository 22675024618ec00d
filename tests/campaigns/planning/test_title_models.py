"""Which title model a run shows titles by."""

from datetime import timedelta

from campaigns.planning.title_models import REFIT, refitted, title_model
from tests.campaigns.planning.service import DAY, at, member, play, title


def test_a_title_model_serves_four_weeks_of_runs_and_none_before_it(service):
    service.has(members=[member("m")], titles=[title("t")], plays=[play("m", "t", at(DAY, -60 * 24 * 60))])
    service.campaign()
    run = service.open(DAY)
    assert refitted(service.stores, run) == run.cutoff
    title_model(service.stores, run.cutoff)
    for days, served in ((-1, -1), (0, 0), (1, 0), (REFIT.days - 1, 0), (REFIT.days, REFIT.days)):
        day = DAY + timedelta(days=days)
        assert refitted(service.stores, service.open(day, wall=at(day))) == at(DAY + timedelta(days=served))
