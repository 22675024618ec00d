"""The commands that need no flow; `flows.cli` adds those that do, and starts it all."""

from campaigns.cli.shared import app, carried, opened, say, say_json

__all__ = ["app", "carried", "opened", "say", "say_json"]
