"""Where consents are kept; they can only be added to (D1)."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.consents.domain import Consent, Purpose, Withdrawal
from compliance.database import mapper

consents = Table(
    "consents",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("purpose", EnumText(Purpose), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("notice_version", String(64), nullable=False),
    Column("answered_by", String, nullable=False),
    Column("answered_at", Instant, nullable=False),
    UniqueConstraint("customer_id", "customer_version", name="uq_consents_customer_id_customer_version"),
    enum_check("purpose", Purpose),
    Index("ix_consents_customer_id_session_id", "customer_id", "session_id"),
    Index("ix_consents_case_id", "case_id", "id"),
    info=APPEND_ONLY,
)

consent_withdrawals = Table(
    "consent_withdrawals",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("consent_id", Uuid, ForeignKey("consents.id"), nullable=False, unique=True),
    Column("customer_version", Integer, nullable=False),
    Column("withdrawn_by", String, nullable=False),
    Column("withdrawn_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Withdrawal, consent_withdrawals)
mapper.map_imperatively(
    Consent, consents, properties={"withdrawal": relationship(Withdrawal, uselist=False, lazy="joined")}
)
