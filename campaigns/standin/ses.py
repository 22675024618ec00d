"""The calls of SES's API v2 that Encore makes, answered.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from campaigns.standin import checks, events
from campaigns.standin.checks import SesError
from campaigns.standin.connection import Answer, Reply, Request
from campaigns.standin.faults import Call, Fail, FaultPlan, HangUp, Late
from campaigns.standin.gallery import Upkeep
from campaigns.standin.mailbox import Letter, Mail
from campaigns.standin.quota import Meter
from campaigns.standin.store import Store, counted

_SET = r"/v2/email/configuration-sets/(?P<ConfigurationSetName>[^/]+)"
_ROUTES = {
    "SendEmail": re.compile(r"POST /v2/email/outbound-emails"),
    "GetAccount": re.compile(r"GET /v2/email/account"),
    "GetConfigurationSet": re.compile(f"GET {_SET}"),
    "GetConfigurationSetEventDestinations": re.compile(f"GET {_SET}/event-destinations"),
}


class Ses:
    """Answers requests as SES does, and keeps what it accepts. Lives on the thread of its event loop."""

    def __init__(self, store: Store, meter: Meter, faults: FaultPlan, clock: Callable[[], datetime]) -> None:
        self._store, self._meter, self._faults, self._clock = store, meter, faults, clock
        self._calls = 0
        self._waiting: list[tuple[Mail, Reply]] = []
        self._upkeep = Upkeep(store.gallery)

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer a request, now or when what it brought is on the disk."""
        self._calls += 1
        try:
            call = _call(request, self._calls)
        except SesError as error:
            reply(_error(error))
            return
        self._with_fault(call, reply)

    def flush(self) -> None:
        """Keep the mails that wait, and only then tell their senders. One write for all that came together."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._store.keep([mail for mail, _ in waiting])
        except OSError as error:
            answers = [_error(SesError(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", str(error)))] * len(waiting)
        else:
            answers = [Answer({"MessageId": mail.message_id}) for mail, _ in waiting]
            self._upkeep.touched()
        for (_, reply), answer in zip(waiting, answers, strict=True):
            reply(answer)

    def close(self) -> None:
        """Answer what still waits, and write the index."""
        self.flush()
        self._upkeep.close()

    def _with_fault(self, call: Call, reply: Reply) -> None:
        match self._faults(call):
            case None:
                self._perform(call, reply)
            case Late(seconds):
                self._perform(call, lambda answer: _later(seconds, reply, answer))
            case HangUp(accept=True):
                self._perform(call, lambda _: reply(None))
            case HangUp():
                reply(None)
            case Fail(accept=True) as fault:
                self._perform(call, lambda _: reply(_failure(fault)))
            case Fail() as fault:
                reply(_failure(fault))

    def _perform(self, call: Call, reply: Reply) -> None:
        try:
            if call.operation == "SendEmail":
                self._send(checks.letter(call.content), reply)
            else:
                reply(Answer(self._facts(call)))
        except SesError as error:
            reply(_error(error))

    def _send(self, letter: Letter, reply: Reply) -> None:
        now = self._clock()
        self._meter.take(len(letter.recipients), counted(letter), now.timestamp())
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append((self._accepted(letter, now), reply))

    def _accepted(self, letter: Letter, now: datetime) -> Mail:
        before = self._waiting[-1][0] if self._waiting else self._store.last
        received_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if before is not None:
            received_at = max(received_at, before.received_at)
        return Mail(
            message_id=f"0100{int(received_at.timestamp() * 1000):012x}-{uuid.uuid4()}-000000",
            received_at=received_at,
            sent_so_far=counted(letter) + (before.sent_so_far if before else 0),
            **vars(letter),
        )

    def _facts(self, call: Call) -> Mapping[str, Any]:
        if call.operation == "GetAccount":
            return self._account()
        name = call.content["ConfigurationSetName"]
        if call.operation == "GetConfigurationSet":
            return {
                "ConfigurationSetName": name,
                "SendingOptions": {"SendingEnabled": True},
                "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
            }
        return {"EventDestinations": [_destination()]}

    def _account(self) -> Mapping[str, Any]:
        quota = self._meter.quota
        return {
            "SendQuota": {
                "Max24HourSend": quota.max_24_hour_send,
                "MaxSendRate": quota.max_send_rate,
                "SentLast24Hours": float(self._meter.sent_last_24_hours(self._clock().timestamp())),
            },
            "ProductionAccessEnabled": True,
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }


def sent_lately(store: Store, now: datetime) -> list[tuple[float, int]]:
    """What the last 24 hours saw, hour by hour, for a meter that starts: each hour's as if sent at its end."""
    ends = [now - timedelta(hours=ago) for ago in range(24, 0, -1)] + [now + timedelta(seconds=1)]
    totals = [(end.timestamp(), store.sent_before(end)) for end in ends]
    return [(end, total - before) for (_, before), (end, total) in pairwise(totals)]


def _call(request: Request, number: int) -> Call:
    # A web page can't make a browser send this header to us unasked, so no page can put mail into the mailbox.
    if "authorization" not in request.headers:
        raise SesError(HTTPStatus.FORBIDDEN, "MissingAuthenticationTokenException", "Missing Authentication Token")
    wanted = f"{request.method} {request.path}"
    for operation, route in _ROUTES.items():
        if match := route.fullmatch(wanted):
            named = {name: unquote(value) for name, value in match.groupdict().items()}
            return Call(number, operation, _content(request.body) | named)
    raise SesError(
        HTTPStatus.NOT_FOUND, "UnknownOperationException", f"The bundled SES stand-in does not know {wanted}"
    )


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError as error:
        raise SesError(HTTPStatus.BAD_REQUEST, "SerializationException", str(error)) from None
    if not isinstance(content, dict):
        raise SesError(HTTPStatus.BAD_REQUEST, "SerializationException", "the body is not a JSON object")
    return content


def _destination() -> Mapping[str, Any]:
    return {
        "Name": "events",
        "Enabled": True,
        "MatchingEventTypes": events.TYPES,
        "SnsDestination": {"TopicArn": f"arn:aws:sns:us-east-1:{events.ACCOUNT}:encore-events"},
    }


def _later(seconds: float, reply: Reply, answer: Answer | None) -> None:
    asyncio.get_running_loop().call_later(seconds, reply, answer)


def _failure(fault: Fail) -> Answer:
    return _error(SesError(fault.status, fault.code, fault.message))


def _error(error: SesError) -> Answer:
    return Answer({"message": error.message}, error.status, {"x-amzn-ErrorType": error.code})
