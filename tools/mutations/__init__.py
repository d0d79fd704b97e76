"""Breaks the code on purpose, one invariant after the other, and sees that a test notices."""
