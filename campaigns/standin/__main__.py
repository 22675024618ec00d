"""`python -m campaigns.standin HOME`: run the stand-in of a home until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from campaigns.errors import EncoreError
from campaigns.standin import mailbox, quota
from campaigns.standin.quota import Quota
from campaigns.standin.server import Standin


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Says nothing, unless it can't."""
    options = _parse(arguments)
    try:
        asyncio.run(_serve(options.home.absolute(), _quota(options), options.port))
    except EncoreError as error:
        sys.exit(str(error))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m campaigns.standin", description=__doc__)
    parser.add_argument("home", type=Path, help="Encore's home; mails are kept under its mailbox/")
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1; 0: any that is free")
    parser.add_argument("--rate", type=float, help="recipients a second")
    parser.add_argument("--quota", type=float, help="recipients in any 24 hours")
    return parser.parse_args(arguments)


def _quota(options: argparse.Namespace) -> Quota:
    """What the options say, and the file or the default where they say nothing."""
    kept = quota.from_file(mailbox.folder(options.home) / "quota.json")
    return Quota(
        max_send_rate=kept.max_send_rate if options.rate is None else options.rate,
        max_24_hour_send=kept.max_24_hour_send if options.quota is None else options.quota,
    )


async def _serve(home: Path, limits: Quota, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    standin = Standin(home, quota=limits)
    told = mailbox.folder(home) / "standin.json"
    _tell(told, await standin.start(port))
    await stop.wait()
    told.unlink(missing_ok=True)
    await standin.close()


def _tell(path: Path, port: int) -> None:
    """Say where we listen, in one step: nobody reads half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"port": port, "pid": os.getpid()}))
    fresh.replace(path)


if __name__ == "__main__":
    main()
