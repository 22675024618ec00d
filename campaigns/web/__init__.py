"""What members and the team reach by HTTP: links in mails, unsubscribing, reports."""

from campaigns.web.app import make_app

__all__ = ["make_app"]
