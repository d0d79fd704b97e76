"""The whole system with one command, without Docker: PostgreSQL, Kafka, issuer, four services."""

from pathlib import Path

#: Folder of the repository.
REPOSITORY = Path(__file__).resolve().parents[2]


class StackError(Exception):
    """The stack cannot start or go on; the message says why and what to do about it."""
