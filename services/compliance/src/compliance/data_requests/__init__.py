"""Requests of customers about their own data (PRI-06): see, copy, correct, delete."""
