"""Counters: the windows of each outlet, and who sits at them."""
