"""Complaints: a reference at once, an owner who stays, a deadline of the law, a decision, an end."""
