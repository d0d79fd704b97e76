"""Where served tickets are kept: one row each, added and never changed, so that every count can be shown."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Uuid

from chassis.db import APPEND_ONLY
from staffing.database import mapper

served_tickets = Table(
    "served_tickets",
    mapper.metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("service_seconds", Integer, nullable=False),
    CheckConstraint("service_seconds >= 0", name="service_seconds"),
    Index(None, "business_date", "outlet_id", "employee_id"),
    Index(None, "employee_id", "business_date"),
    info=APPEND_ONLY,
)
