"""Catalogue: which services customers come for, and the queues of each outlet that serve them."""
