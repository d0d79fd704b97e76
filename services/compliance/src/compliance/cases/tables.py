"""Where sale cases are kept."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import EnumText, Instant, enum_check
from compliance.cases.domain import Abandonment, CaseState, Channel, SaleCase, Transaction
from compliance.database import mapper
from compliance.rulebook.facts import EntryMode

cases = Table(
    "cases",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("zone_id", Uuid, nullable=True),
    Column("channel", EnumText(Channel), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", EnumText(CaseState), nullable=False),
    Column("opened_by", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("sale_id", Uuid, nullable=True, unique=True),
    Column("staff_assisted", Boolean, nullable=True),
    Column("risk_page_shown", Boolean, nullable=True),
    Column("entry_mode", EnumText(EntryMode), nullable=False),
    Column("transaction", EnumText(Transaction), nullable=False),
    Column("source_product_id", Uuid, nullable=True),
    Column("holding_sale_id", Uuid, nullable=True),
    Column("expires_at", Instant, nullable=True),
    Column("ended_at", Instant, nullable=True),
    Column("abandoned_for", EnumText(Abandonment), nullable=True),
    enum_check("channel", Channel),
    enum_check("state", CaseState),
    enum_check("entry_mode", EntryMode),
    enum_check("transaction", Transaction),
    CheckConstraint("amount_minor > 0", name="amount_minor"),
    CheckConstraint("(state = 'LOGGED') = (sale_id IS NOT NULL)", name="sale_id"),
    enum_check("abandoned_for", Abandonment),
    CheckConstraint("(state = 'ABANDONED') = (abandoned_for IS NOT NULL)", name="abandoned"),
    # An open case has a last instant and no end; one that was abandoned ended when it says, not before.
    CheckConstraint(
        "CASE state WHEN 'OPEN' THEN expires_at IS NOT NULL AND ended_at IS NULL"
        " WHEN 'ABANDONED' THEN ended_at IS NOT NULL ELSE true END"
        " AND ended_at >= opened_at AND (abandoned_for <> 'EXPIRED' OR ended_at >= expires_at)",
        name="ended_at",
    ),
    # A sale names its case together with whom and what it is about.
    UniqueConstraint("id", "customer_id", "seller_id", "product_id", name="uq_cases_about"),
    Index("ix_cases_outlet_id", "outlet_id", "id"),
    Index("ix_cases_customer_id", "customer_id", "id"),
    Index("ix_cases_session_id", "session_id"),
    Index("ix_cases_expires_at", "expires_at", postgresql_where=text("state = 'OPEN'")),
    info={"grants": "SELECT, INSERT, UPDATE (version, state, sale_id, ended_at, abandoned_for)"},
)

mapper.map_imperatively(SaleCase, cases, version_id_col=cases.c.version, version_id_generator=False)
