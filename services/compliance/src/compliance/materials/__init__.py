"""Promotional materials: judged when submitted, approved before use, released by channel (PRD-05, M051)."""
