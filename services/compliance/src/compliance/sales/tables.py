"""Where decisions, sales and refused attempts are kept: all of them may only grow (D1).

G1: the database itself forbids a sale without its own passing decision on the same case, without a sealed
recording of the same customer, without its keeping, and a second sale of one case or one decision. A trigger
(migration 0004) holds the sale against the content of its decision, and against its case and recording.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.cases.domain import Transaction
from compliance.database import mapper
from compliance.rulebook.decisions import Result
from compliance.sales.domain import InspectionExport, RefusedAttempt, Sale
from compliance.sales.transactions import Transacted

decisions = Table(
    "decisions",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("result", EnumText(Result), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("release", String(64), ForeignKey("rule_releases.digest"), nullable=False),
    Column("decision", JSONB, nullable=False),
    Column("decided_at", Instant, nullable=False),
    UniqueConstraint("id", "case_id", "result", name="uq_decisions_id_case_id_result"),
    UniqueConstraint("digest", name="uq_decisions_digest"),
    enum_check("result", Result),
    # The columns are what the content says.
    CheckConstraint(
        "result IS NOT DISTINCT FROM decision ->> 'result'"
        " AND release IS NOT DISTINCT FROM decision ->> 'release'",
        name="decision",
    ),
    Index("ix_decisions_case_id", "case_id", "id"),
    Index("ix_decisions_decided_at", "decided_at", "id"),
    info=APPEND_ONLY,
)

sales = Table(
    "sales",
    mapper.metadata,
    # REC-07: what is logged is kept.
    Column("id", Uuid, ForeignKey("retention_sales.sale_id"), primary_key=True),
    Column("case_id", Uuid, nullable=False, unique=True),
    Column("decision_id", Uuid, nullable=False, unique=True),
    Column("decision_result", String, nullable=False, server_default="passed"),
    Column("outlet_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("zone_id", Uuid, ForeignKey("zones.id"), nullable=False),
    Column("recording_id", Uuid, ForeignKey("recording_seals.recording_id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("business_date", Date, nullable=True),
    Column("logged_at", Instant, nullable=False),
    CheckConstraint("decision_result = 'passed'", name="decision_result"),
    CheckConstraint("amount_minor > 0", name="amount_minor"),
    ForeignKeyConstraint(
        ["decision_id", "case_id", "decision_result"],
        ["decisions.id", "decisions.case_id", "decisions.result"],
        name="fk_sales_decision_id_decisions",
    ),
    ForeignKeyConstraint(
        ["case_id", "customer_id", "seller_id", "product_id"],
        ["cases.id", "cases.customer_id", "cases.seller_id", "cases.product_id"],
        name="fk_sales_case_id_cases",
    ),
    ForeignKeyConstraint(
        ["recording_id", "customer_id"],
        ["recordings.id", "recordings.customer_id"],
        name="fk_sales_recording_id_recordings",
    ),
    Index("ix_sales_outlet_id", "outlet_id", "id"),
    Index("ix_sales_customer_id", "customer_id"),
    Index("ix_sales_recording_id", "recording_id"),
    info=APPEND_ONLY,
)

refused_attempts = Table(
    "refused_attempts",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("decision_id", Uuid, ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("refused_at", Instant, nullable=False),
    Index("ix_refused_attempts_outlet_id", "outlet_id", "id"),
    Index("ix_refused_attempts_case_id", "case_id", "id"),
    info=APPEND_ONLY,
)

inspection_exports = Table(
    "inspection_exports",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("outlet_id", Uuid, nullable=True),
    Column("product", String(32), nullable=True),
    Column("sales", BigInteger, nullable=False),
    Column("manifest", String(64), nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("exported_by", String, nullable=False),
    Column("exported_at", Instant, nullable=False),
    CheckConstraint("first_day <= last_day", name="last_day"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(InspectionExport, inspection_exports)

transactions = Table(
    "transactions",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False, unique=True),
    Column("decision_id", Uuid, nullable=False, unique=True),
    Column("decision_result", String, nullable=False, server_default="passed"),
    Column("kind", EnumText(Transaction), nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("source_product_id", Uuid, nullable=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("logged_at", Instant, nullable=False),
    CheckConstraint("decision_result = 'passed'", name="decision_result"),
    # What is a sale is logged as one, with its recording.
    CheckConstraint("kind IN ('ROLLOVER', 'REDEMPTION', 'SUCCESSION')", name="kind"),
    ForeignKeyConstraint(
        ["decision_id", "case_id", "decision_result"],
        ["decisions.id", "decisions.case_id", "decisions.result"],
        name="fk_transactions_decision_id_decisions",
    ),
    ForeignKeyConstraint(
        ["case_id", "customer_id", "seller_id", "product_id"],
        ["cases.id", "cases.customer_id", "cases.seller_id", "cases.product_id"],
        name="fk_transactions_case_id_cases",
    ),
    Index("ix_transactions_outlet_id", "outlet_id", "id"),
    Index("ix_transactions_customer_id", "customer_id", "product_id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Transacted, transactions, exclude_properties=["decision_result"])
mapper.map_imperatively(Sale, sales, exclude_properties=["decision_result"])
mapper.map_imperatively(RefusedAttempt, refused_attempts)
