"""Outlets: class, grade, capabilities and opening calendar."""
