"""What a ledger makes of counted messages."""

from campaigns.reports.ledger import ledgers


def row(state="delivered", said=None, *, arm="mailed", follow_up=False, n=1):
    return {"follow_up": follow_up, "arm": arm, "state": state, "said": said, "n": n, "twice": 0}


def test_what_ses_told_later_is_not_known_yet_and_what_it_told_before_is():
    first, _ = ledgers([], [row("complained", []), row("complained", ["Send", "Delivery"], n=2), row("bounced", n=3)])
    assert (first["sent"], first["delivered"], first["bounced"], first["complained"]) == (1, 2, 3, 0)


def test_each_ledger_adds_up_by_itself():
    runs = [{"counts": {"eligible": 10, "excluded": {"no_consent": 4}, "not_chosen": 3}}]
    first, later = ledgers(runs, [row(n=2), row("held_out", arm="holdout"), row("claimed", follow_up=True, n=5)])
    assert first["eligible"] == 4 + first["not_chosen"] + first["held_out"] + first["planned"]
    assert (later["planned"], later["waiting"]) == (5, 5)
