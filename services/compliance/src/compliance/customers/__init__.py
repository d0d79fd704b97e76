"""Customers and their risk assessments: opaque ids and token subjects, no personal data."""
