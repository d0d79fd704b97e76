"""Standing mandates of customers: joint accounts, and companies' resolutions."""
