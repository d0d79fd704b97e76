"""Where employees and their qualifications are kept."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from staffing.database import mapper
from staffing.employees.alerts import AlertChange, AlertNotice
from staffing.employees.domain import Employee, Employer, Post
from staffing.qualifications.domain import Qualification, QualificationKind, Suspension

employees = Table(
    "employees",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("staff_number", String(32), nullable=False, unique=True),
    Column("outlet_id", Uuid, ForeignKey("outlets.id"), nullable=False),
    Column("subject", String(255), unique=True),
    Column("employer", EnumText(Employer), nullable=False),
    Column("posts", JsonOf(tuple[Post, ...]), nullable=False),
    Column("left_at", Instant),
    enum_check("employer", Employer),
    Index(None, "outlet_id", "staff_number"),
)

qualifications = Table(
    "qualifications",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("employee_id", Uuid, ForeignKey("employees.id"), nullable=False, index=True),
    Column("kind", EnumText(QualificationKind), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("suspensions", JsonOf(tuple[Suspension, ...]), nullable=False),
    Column("revoked_at", Instant),
    Column("revocation_reason", String(500)),
    enum_check("kind", QualificationKind),
    CheckConstraint("valid_to >= valid_from", name="validity"),
    CheckConstraint("(revoked_at IS NULL) = (revocation_reason IS NULL)", name="revocation"),
)

alert_notices = Table(
    "alert_notices",
    mapper.metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("change", EnumText(AlertChange), primary_key=True),
    Column("employee_id", Uuid, nullable=False),
    Column("told_at", Instant, nullable=False),
    enum_check("change", AlertChange),
    Index(None, "employee_id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(AlertNotice, alert_notices)
mapper.map_imperatively(Qualification, qualifications)
mapper.map_imperatively(
    Employee,
    employees,
    version_id_col=employees.c.version,
    version_id_generator=False,
    properties={
        "qualifications": relationship(
            Qualification, lazy="selectin", order_by=(qualifications.c.valid_from, qualifications.c.id)
        )
    },
)
