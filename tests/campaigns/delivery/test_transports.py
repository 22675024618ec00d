import pytest

from campaigns.delivery import Mailbox, Quota, discreet
from campaigns.errors import Throttled
from campaigns.rendering import Email


def test_a_mailbox_keeps_what_it_is_given_and_refuses_as_told():
    mail = Email("m1", "ana@example.com", "Lumen <hello@lumen.example>", "Come back", "<p>x</p>", "x")
    box = Mailbox()
    assert (box.send(mail), box.mails) == ("kept-1", [mail])
    box.refuse = lambda mail: Throttled(mail.id, "slowly")
    with pytest.raises(Throttled):
        box.send(mail)
    assert len(box.mails) == 1


@pytest.mark.parametrize(("quota", "left"), [((10, 3, 1), 7), ((10, 11, 1), 0), ((-1, 5, 1), 2**31)])
def test_what_is_left_of_a_quota(quota, left):
    assert Quota(*quota).left == left


@pytest.mark.parametrize(
    "said",
    [
        "Email address is not verified: ana.b+c@example.com, bo@x.org",
        "to is 'ana@example', which is not one address",
        "<ana@ünï.example>",
    ],
)
def test_what_is_said_names_no_address(said):
    assert "@" not in discreet(said).replace("…@…", "")
    assert "ana" not in discreet(said)
