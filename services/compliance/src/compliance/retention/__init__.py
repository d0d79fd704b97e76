"""Retention: how long a recording must be kept, what holds it, when and how it is disposed of."""
