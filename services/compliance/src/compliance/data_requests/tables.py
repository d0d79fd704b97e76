"""Where customers' requests and their answers are kept; both can only be added to (D1)."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from chassis.errors import Violation
from compliance.data_requests.domain import (
    DataAnswer,
    DataRequest,
    RejectionReason,
    RequestKind,
    RequestState,
)
from compliance.database import mapper
from compliance.personal_data.domain import PersonalField

data_requests = Table(
    "data_requests",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("kind", EnumText(RequestKind), nullable=False),
    Column("fields", JsonOf(tuple[PersonalField, ...]), nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_at", Instant, nullable=False),
    enum_check("kind", RequestKind),
    Index("ix_data_requests_customer_id", "customer_id", "id"),
    info=APPEND_ONLY,
)

data_answers = Table(
    "data_answers",
    mapper.metadata,
    Column("request_id", Uuid, ForeignKey("data_requests.id"), primary_key=True),
    Column("outcome", EnumText(RequestState), nullable=False),
    Column("reason", EnumText(RejectionReason), nullable=True),
    Column("violations", JsonOf(tuple[Violation, ...]), nullable=False),
    Column("kept_until", Date, nullable=True),
    Column("answered_by", String, nullable=False),
    Column("answered_at", Instant, nullable=False),
    CheckConstraint("outcome IN ('DONE', 'REFUSED')", name="outcome"),
    enum_check("reason", RejectionReason),
    CheckConstraint(
        "(outcome = 'REFUSED') = (reason IS NOT NULL OR violations <> '[]'::jsonb)", name="refused"
    ),
    info=APPEND_ONLY,
)

mapper.map_imperatively(DataAnswer, data_answers)
mapper.map_imperatively(
    DataRequest,
    data_requests,
    properties={"answer": relationship(DataAnswer, uselist=False, lazy="joined")},
)
