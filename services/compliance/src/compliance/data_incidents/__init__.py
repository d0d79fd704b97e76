"""Data incidents (PRI-07): what was done about each, and whether the authority was told in time."""
