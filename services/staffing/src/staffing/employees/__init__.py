"""Employees: their outlet, posts and token, and the qualifications that they hold."""
