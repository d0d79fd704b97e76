"""Waivers (放宽): rules of the bank's own that are relaxed for a profile, under control and for a time."""
