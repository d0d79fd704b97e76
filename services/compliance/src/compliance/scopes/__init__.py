"""What zone and recording hold for: the bank's own decisions, where the law leaves it one (ZON-07)."""
