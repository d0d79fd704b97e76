"""Our register of logged sales, taken from compliance: what a complaint may be about."""
