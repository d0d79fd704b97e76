"""Rulebook releases, decisions, sales and attempts."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The tables of this step."""
