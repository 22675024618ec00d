"""What marketers own, and what a mail needs to get there."""
