"""Setting up, and looking after it: init, doctor, users, the mailbox."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Annotated

import typer

from campaigns.cli.shared import As, Json, actor, app, carried, load, opened, say, say_json
from campaigns.errors import Unavailable

users = typer.Typer(help="Who may do what.", no_args_is_help=True)
app.add_typer(users, name="user")


@app.command()
def init() -> None:
    """Make Encore's home: the database, the lake, the key that signs links."""
    from campaigns.settings import secret_key  # noqa: PLC0415 - `--help` must be quick

    with opened() as stores:
        if stores.settings.transport == "local":
            secret_key(stores.settings)
        say(f"Encore's home is ready: {stores.home}")
        say("next: encore import FOLDER, then encore campaign apply FILE.toml")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look for what is missing or wrong, and say what mends it."""
    from campaigns.doctor import examine  # noqa: PLC0415 - as above

    with opened() as stores, carried(stores.settings) as carrier:
        findings = examine(stores, carrier, datetime.now(UTC))
    if as_json:
        say_json([finding._asdict() for finding in findings])
    for finding in [] if as_json else findings:
        say(f"{finding.mark}  {finding.what}: {finding.said}" + (f"; {finding.mend}" if finding.mend else ""))
    if any(finding.mark == "bad" for finding in findings):
        raise typer.Exit(1)


@users.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="Who.")],
    role: Annotated[str, typer.Option(help="viewer, analyst, marketer, approver or admin.")],
    who: As = None,
) -> None:
    """Let someone act by name; an existing user's role is changed."""
    from campaigns import people  # noqa: PLC0415 - as above

    if role not in people.Role.__members__:
        raise typer.BadParameter(f"{role} is none of {', '.join(people.Role.__members__)}")
    with opened() as stores, stores.database.session() as session:
        acting = actor(stores.settings, who)
        people.require(session, acting, people.Role.admin, f"add {email}")
        people.add_user(session, email, role)
        people.record(session, acting, "add user", email, datetime.now(UTC), role=role)
    say(f"{email} is {role}")


@app.command()
def mailbox(as_json: Json = False) -> None:
    """Where the mails are that the bundled SES stand-in kept, to read in a browser."""
    from campaigns.standin import mails  # noqa: PLC0415 - as above

    settings = load()
    kept = sum(1 for _ in mails(settings.home))
    index = settings.home / "mailbox" / "index.html"
    if as_json:
        say_json({"mails": kept, "index": str(index)})
    elif kept:
        say(f"{kept:,} mails: {index.as_uri()}")
    else:
        say("no mails yet; `encore run daily` sends the first")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="On which port.")] = 8000,
) -> None:
    """Serve the links in mails, unsubscribing, and reports, until stopped."""
    import uvicorn  # noqa: PLC0415 - as above

    from campaigns.web import make_app  # noqa: PLC0415 - as above

    _refuse_taken(host, port)
    with opened() as stores:
        say(f"http://{host}:{port}  (stop with Ctrl-C)")
        uvicorn.run(make_app(stores), host=host, port=port, log_level="warning", server_header=False)


def _refuse_taken(host: str, port: int) -> None:
    """Say so before anything is started, if someone else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror or str(error)
            raise Unavailable(f"{host}:{port}", why, "choose another with --port") from error
