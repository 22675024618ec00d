"""Whom, what and how sure: models over frames; knows no email, no web."""
