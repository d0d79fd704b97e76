"""Which rules and mechanisms of the catalogue are proven by a passing test (`make rules`, docs/rules.md)."""
