"""Where requests, rejections and reversals are kept: they may only grow (D1).

The database itself forbids a decision by whoever asked, a second reversal of a sale, one of another amount,
one of a rejected request, and one that leaves a permit to be used or an order that was not cancelled
(triggers of the migration).
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.reversals.domain import ReversalReason, ReversalRejection, ReversalRequest, SaleReversal

reversal_requests = Table(
    "reversal_requests",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("sale_id", Uuid, ForeignKey("sales.id"), nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("reason", EnumText(ReversalReason), nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_at", Instant, nullable=False),
    enum_check("reason", ReversalReason),
    UniqueConstraint("id", "sale_id", "reason", "requested_by", name="uq_reversal_requests_about"),
    UniqueConstraint("id", "requested_by", name="uq_reversal_requests_author"),
    Index("ix_reversal_requests_sale_id", "sale_id"),
    Index("ix_reversal_requests_outlet_id", "outlet_id", "id"),
    info=APPEND_ONLY,
)

reversal_rejections = Table(
    "reversal_rejections",
    mapper.metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("requested_by", String, nullable=False),
    Column("rejected_by", String, nullable=False),
    Column("rejected_at", Instant, nullable=False),
    CheckConstraint("rejected_by <> requested_by AND rejected_by <> ''", name="four_eyes"),
    ForeignKeyConstraint(
        ["request_id", "requested_by"],
        ["reversal_requests.id", "reversal_requests.requested_by"],
        name="fk_reversal_rejections_request_id_reversal_requests",
    ),
    info=APPEND_ONLY,
)

sale_reversals = Table(
    "sale_reversals",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("sale_id", Uuid, ForeignKey("sales.id"), nullable=False, unique=True),
    Column("request_id", Uuid, nullable=False, unique=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("reason", EnumText(ReversalReason), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("order_id", String(64), nullable=True),
    Column("requested_by", String, nullable=False),
    Column("approved_by", String, nullable=False),
    Column("reversed_at", Instant, nullable=False),
    enum_check("reason", ReversalReason),
    CheckConstraint("approved_by <> requested_by AND approved_by <> ''", name="four_eyes"),
    UniqueConstraint("id", "sale_id", name="uq_sale_reversals_id_sale_id"),
    ForeignKeyConstraint(
        ["request_id", "sale_id", "reason", "requested_by"],
        [
            "reversal_requests.id",
            "reversal_requests.sale_id",
            "reversal_requests.reason",
            "reversal_requests.requested_by",
        ],
        name="fk_sale_reversals_request_id_reversal_requests",
    ),
    Index("ix_sale_reversals_outlet_id", "outlet_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(ReversalRequest, reversal_requests)
mapper.map_imperatively(ReversalRejection, reversal_rejections)
mapper.map_imperatively(SaleReversal, sale_reversals)
