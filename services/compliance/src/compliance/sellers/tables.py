"""Where the register of sellers is kept: one row a seller, which is the head that decisions lock (G1)."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.rulebook.seller_facts import AlertKind
from compliance.sellers.domain import Alert, AlertClearance, Heard, Qualification, Seller
from compliance.sellers.preparation import BadRecord, Learnt, Lesson

sellers = Table(
    "sellers",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("outlet_id", Uuid, nullable=True),
    Column("staff_number", String, nullable=True),
    Column("subject", String, nullable=True),
    Column("employer", String, nullable=True),
    Column("active", Boolean, nullable=False),
    Column("left_at", Instant, nullable=True),
    Column("qualifications", JsonOf(tuple[Qualification, ...]), nullable=False),
    Column("waiting", JsonOf(tuple[Heard, ...]), nullable=False),
    Index("ix_sellers_outlet_id", "outlet_id", "id"),
    Index("ix_sellers_subject", "subject"),
    # Every column but the id is what staffing told last.
    info={
        "grants": "SELECT, INSERT, UPDATE (version, sequence, outlet_id, staff_number, subject, employer,"
        " active, left_at, qualifications, waiting)"
    },
)

seller_alerts = Table(
    "seller_alerts",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", Uuid, ForeignKey("sellers.id"), nullable=False),
    Column("seller_version", Integer, nullable=False),
    Column("kind", EnumText(AlertKind), nullable=False),
    Column("raised_at", Instant, nullable=False),
    enum_check("kind", AlertKind),
    Index("ix_seller_alerts_seller_id", "seller_id"),
    info=APPEND_ONLY,
)

seller_alert_clearances = Table(
    "seller_alert_clearances",
    mapper.metadata,
    Column("alert_id", Uuid, ForeignKey("seller_alerts.id"), primary_key=True),
    Column("seller_version", Integer, nullable=False),
    Column("cleared_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

seller_lessons = Table(
    "seller_lessons",
    mapper.metadata,
    Column("seller_id", Uuid, ForeignKey("sellers.id"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("told_at", Instant, nullable=False),
    Column("change", JsonOf(Lesson), nullable=False),
    info=APPEND_ONLY,
)

seller_bad_records = Table(
    "seller_bad_records",
    mapper.metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("seller_id", Uuid, ForeignKey("sellers.id"), nullable=False),
    Column("seller_version", Integer, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Index("ix_seller_bad_records_seller_id", "seller_id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    Seller,
    sellers,
    version_id_col=sellers.c.version,
    version_id_generator=False,
    properties={
        "learnt": relationship(Learnt, lazy="selectin", order_by=seller_lessons.c.sequence),
        "bad_records": relationship(BadRecord, lazy="selectin", order_by=seller_bad_records.c.incident_id),
    },
)
mapper.map_imperatively(Learnt, seller_lessons)
mapper.map_imperatively(BadRecord, seller_bad_records)
mapper.map_imperatively(Alert, seller_alerts)
mapper.map_imperatively(AlertClearance, seller_alert_clearances)
