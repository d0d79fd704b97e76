"""Where decisions on the scope are kept: they can only be added to (D1)."""

from sqlalchemy import Column, Date, Index, String, Table, Uuid

from chassis.db import APPEND_ONLY, Instant, JsonOf
from compliance.database import mapper
from compliance.rulebook.facts import ProductKind
from compliance.scopes.domain import SalesScope

sales_scopes = Table(
    "sales_scopes",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("excluded_kinds", JsonOf(tuple[ProductKind, ...]), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Index("ix_sales_scopes_effective_from", "effective_from", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(SalesScope, sales_scopes)
