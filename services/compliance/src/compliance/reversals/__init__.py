"""Reversals of logged sales: one officer asks, another approves, the sale stays as it was."""
