from itertools import permutations

import pytest

from campaigns.delivery import Said, State, after
from campaigns.delivery.states import RANK


@pytest.mark.parametrize("told", list(permutations([Said.SEND, Said.DELIVERY, Said.BOUNCE, Said.COMPLAINT])))
def test_the_order_of_events_makes_no_difference(told):
    state = State.IN_DOUBT
    for said in told:
        state = after(state, said)
    assert state is State.COMPLAINED


@pytest.mark.parametrize("said", Said)
def test_an_event_says_that_a_message_went_whatever_we_thought(said):
    ours = set(State) - set(RANK)
    assert {after(state, said) for state in ours} == {after(State.SENDING, said)}
    assert RANK[after(State.SENDING, said)] >= RANK[State.SENT]


def test_what_is_not_ours_to_say_has_no_rank():
    assert {State.PLANNED, State.IN_DOUBT, State.EXPIRED, State.HELD_OUT}.isdisjoint(RANK)
