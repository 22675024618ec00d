"""What comes back: SES events, suppression, and messages in doubt."""

from campaigns.feedback.doubt import Doubts, doubts, probe, settle
from campaigns.feedback.event import SesEvent, parse
from campaigns.feedback.events import follow, import_file, take_in

__all__ = ["Doubts", "SesEvent", "doubts", "follow", "import_file", "parse", "probe", "settle", "take_in"]
