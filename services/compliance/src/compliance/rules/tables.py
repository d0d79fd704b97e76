"""Where approvals of releases are kept: each officer's once, for good (D1)."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table

from chassis.db import APPEND_ONLY, Instant
from compliance.database import mapper

release_approvals = Table(
    "release_approvals",
    mapper.metadata,
    Column("digest", String(64), ForeignKey("rule_releases.digest"), primary_key=True),
    Column("subject", String, primary_key=True),
    Column("approved_at", Instant, nullable=False),
    CheckConstraint("subject <> ''", name="subject"),
    info=APPEND_ONLY,
)
