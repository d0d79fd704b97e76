"""What entitles to a transaction that nobody sells: the consent to a rollover, an identified heir."""
