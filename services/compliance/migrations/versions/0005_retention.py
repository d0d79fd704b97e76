"""Retention cases, holds, disposals and unmatched reports."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The tables of this step."""
