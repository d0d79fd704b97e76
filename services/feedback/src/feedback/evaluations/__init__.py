"""Evaluations: offered by the completion of a ticket, answered once by its visitor."""
