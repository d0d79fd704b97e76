"""Sale cases: what is meant to be sold to whom, by whom and where, until the gate logs it."""
