"""Where releases of the rulebook are kept: each once, by its digest, for good (D1)."""

from sqlalchemy import Column, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import APPEND_ONLY, Instant
from compliance.database import mapper

rule_releases = Table(
    "rule_releases",
    mapper.metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("stored_at", Instant, nullable=False),
    info=APPEND_ONLY,
)
