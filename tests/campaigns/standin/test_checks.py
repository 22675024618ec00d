import pytest

from campaigns.standin import checks
from campaigns.standin.checks import SesError


def simple(a_call, **changes):
    return {"Content": {"Simple": a_call()["Content"]["Simple"] | changes}}


def refused(call):
    with pytest.raises(SesError) as caught:
        checks.letter(call)
    assert caught.value.status == 400
    return f"{caught.value.code}: {caught.value.message}"


def test_a_letter_is_what_the_call_says(a_call):
    letter = checks.letter(a_call(ReplyToAddresses=["help@lumen.example"]))
    assert letter.sender == "Lumen <hello@lumen.example>"
    assert letter.recipients == ("ana@example.com",)
    assert letter.reply_to == ("help@lumen.example",)
    assert (letter.subject, letter.html, letter.text) == ("Ana, come back", "<p>Olá</p>", "Olá")
    assert letter.headers == {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert letter.tags == {"message": "m-1"}
    assert letter.configuration_set == "win-back"


@pytest.mark.parametrize(
    "address",
    [
        "ana",
        "ana@",
        "@example.com",
        "ana@example.com.",
        "ana@exam ple.com",
        "an a@example.com",
        "aña@example.com",
        "ana@exämple.com",
        "ana..b@example.com",
        ".ana@example.com",
        "ana@b@example.com",
        "ana@example.com\r\nBcc: all@example.com",
        "ana@example.com, bob@example.com",
        "Ána <ana@example.com>",
        "",
    ],
)
def test_a_bad_address_refuses_the_whole_message(a_call, address):
    both = {"ToAddresses": ["bob@example.com", address]}
    assert refused(a_call(Destination=both)).startswith("BadRequestException")
    assert refused(a_call(FromEmailAddress=address)).startswith("BadRequestException")


@pytest.mark.parametrize("address", ["ana+x@mail.example.com", "Ana B <ana@example.com>", '"B, Ana" <ana@example.com>'])
def test_an_address_may_have_a_label_and_a_name(a_call, address):
    assert checks.letter(a_call(to=address)).to == (address,)


def test_fifty_recipients_are_enough(a_call):
    many = [f"m{number}@example.com" for number in range(51)]
    assert (
        len(checks.letter(a_call(Destination={"ToAddresses": many[:25], "BccAddresses": many[25:50]})).recipients) == 50
    )
    assert "exceeds 50" in refused(a_call(Destination={"ToAddresses": many}))
    assert "at least one" in refused(a_call(Destination={}))


@pytest.mark.parametrize("word", ["", "a b", "a.b", "ana@example.com", "é", "x" * 257, "x\n"])
def test_a_tag_has_letters_digits_dashes_and_underscores(a_call, word):
    assert "Invalid tag" in refused(a_call(EmailTags=[{"Name": "message", "Value": word}]))
    assert "Invalid tag" in refused(a_call(EmailTags=[{"Name": word, "Value": "m-1"}]))


def test_a_tag_may_be_256_long(a_call):
    long = "aZ0_-" + "x" * 251
    assert checks.letter(a_call(EmailTags=[{"Name": "m", "Value": long}])).tags == {"m": long}


def test_fifteen_headers_are_enough(a_call):
    many = [{"Name": f"X-{number}", "Value": "1"} for number in range(16)]
    assert len(checks.letter(a_call(**simple(a_call, Headers=many[:15]))).headers) == 15
    assert "exceeds 15" in refused(a_call(**simple(a_call, Headers=many)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "x" * 996),
        ("X-A", "é"),
        ("X-A", "a\r\nBcc: b@example.com"),
        ("X-A", ""),
        ("X A", "1"),
        ("X:A", "1"),
        ("X" * 127, "1"),
        ("X" * 100, "x" * 900),
    ],
)
def test_a_header_that_could_break_a_mail_is_refused(a_call, name, value):
    assert "eader" in refused(a_call(**simple(a_call, Headers=[{"Name": name, "Value": value}])))


def test_a_header_twice_is_refused(a_call):
    twice = [{"Name": "X-A", "Value": "1"}] * 2
    assert "Duplicate header" in refused(a_call(**simple(a_call, Headers=twice)))


@pytest.mark.parametrize("control", ["\r", "\n", "\0", "\x1b"])
def test_control_characters_in_a_subject_are_refused(a_call, control):
    assert "control characters" in refused(a_call(subject=f"Ana{control}Bcc: b@example.com"))


def test_a_mail_needs_a_subject_and_a_body(a_call):
    assert "Subject" in refused(a_call(Content={"Simple": {"Body": {"Text": {"Data": "x"}}}}))
    assert "Body" in refused(a_call(**simple(a_call, Body={})))


@pytest.mark.parametrize("content", [{"Raw": {"Data": "eA=="}}, {"Template": {"TemplateName": "comeback"}}, {}])
def test_other_content_is_refused(a_call, content):
    assert "Content.Simple" in refused(a_call(Content=content))


@pytest.mark.parametrize(
    "changes",
    [
        {"Content": None},
        {"Content": {"Simple": []}},
        {"Destination": "ana@example.com"},
        {"Destination": {"ToAddresses": "ana@example.com"}},
        {"FromEmailAddress": None},
        {"EmailTags": [{"Name": "message"}]},
        {"EmailTags": ["message"]},
        {"ConfigurationSetName": 3},
    ],
)
def test_json_of_another_shape_is_said_to_be_one(a_call, changes):
    assert refused(a_call(**changes)).startswith("SerializationException")
