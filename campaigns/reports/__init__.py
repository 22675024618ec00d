"""What campaigns did and won: statistics, the win-back report, its page, its files."""
