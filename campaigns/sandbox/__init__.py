"""A simulated streaming service with known true effects, to try a policy or a template before it meets members.

It sees the product only as a service would: it hands over files in the import contract, receives the mails that were
really accepted, and answers each day by files. And it knows what the mails caused, to hold reports against.
"""

from __future__ import annotations

from campaigns.sandbox.constants import CONSTANTS, Constants
from campaigns.sandbox.reader import SHOWN
from campaigns.sandbox.service import ARTWORKS, Service
from campaigns.sandbox.truth import Truth

__all__ = ["ARTWORKS", "CONSTANTS", "SHOWN", "Constants", "Service", "Truth"]
