"""Workload: tickets served by each employee on each business day."""
