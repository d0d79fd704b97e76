"""The dated rulebook: rules as data and pure functions, decisions that can be replayed."""
