"""Signed permits: what core banking asks for before an order, used once or revoked."""
