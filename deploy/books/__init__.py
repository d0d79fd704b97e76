"""The books of a branch day: what clients saw, what the topics carry, what the four databases hold.

Nothing here trusts a service or imports one: what a service should have written is worked out again from the
other sides.
"""

from deploy.books.auditing import audit, balance
from deploy.books.model import Imbalance, Result
from deploy.books.showing import show

__all__ = ["Imbalance", "Result", "audit", "balance", "show"]
