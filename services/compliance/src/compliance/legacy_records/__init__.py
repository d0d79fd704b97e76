"""Sales and recordings of before the gate, as an old system knew them: kept apart, and marked for good."""
