"""Recorders of the sales zones: what proves that a zone can record, and since when it cannot (ZON-06)."""
