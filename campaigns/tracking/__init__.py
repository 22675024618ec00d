"""Links in mails: signed, so that nobody can make one, and without any address or target in them."""

from campaigns.tracking.links import Kind, Link, Links

__all__ = ["Kind", "Link", "Links"]
