"""The rules of the house as programs: each can be run alone, and each fails with a place and a reason."""
