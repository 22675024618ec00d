"""What comes back: SES events, suppression, and messages in doubt."""

from campaigns.feedback.doubt import Doubts, doubts, probe, settle
from campaigns.feedback.events import SesEvent, follow, import_file, parse, take_in

__all__ = ["Doubts", "SesEvent", "doubts", "follow", "import_file", "parse", "probe", "settle", "take_in"]
