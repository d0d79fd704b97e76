"""Tickets: numbers, calls, and what becomes of each customer who took one."""
