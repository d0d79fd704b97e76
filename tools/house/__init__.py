"""Rules of the house that no linter knows: calls that have one place, and text that has none."""
