"""`python -m scoring.winback.features > docs/features.md`."""

import sys

from scoring.winback.features.page import page

sys.stdout.write(page())
