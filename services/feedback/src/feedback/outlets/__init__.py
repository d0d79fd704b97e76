"""Our register of the bank's outlets, taken from staffing."""
