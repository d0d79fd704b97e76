"""Where plans are kept; their cases and debits can only be added to (D1)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.plans.domain import Debit, Plan, PlanCase, PlanState, Rhythm

plans = Table(
    "plans",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False, unique=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("rhythm", EnumText(Rhythm), nullable=False),
    Column("first_debit_on", Date, nullable=False),
    Column("ends_on", Date, nullable=True),
    Column("state", EnumText(PlanState), nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("changed_at", Instant, nullable=False),
    enum_check("rhythm", Rhythm),
    enum_check("state", PlanState),
    CheckConstraint("amount_minor > 0", name="amount_minor"),
    CheckConstraint("ends_on >= first_debit_on", name="ends_on"),
    Index("ix_plans_outlet_id", "outlet_id", "id"),
    Index("ix_plans_suspended", "outlet_id", "id", postgresql_where=text("state = 'SUSPENDED'")),
)

plan_cases = Table(
    "plan_cases",
    mapper.metadata,
    # One case is one plan's.
    Column("case_id", Uuid, ForeignKey("sales.case_id"), primary_key=True),
    Column("plan_id", Uuid, ForeignKey("plans.id"), nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("taken_by", String, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Index("ix_plan_cases_plan_id", "plan_id"),
    info=APPEND_ONLY,
)

plan_debits = Table(
    "plan_debits",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("plan_id", Uuid, ForeignKey("plans.id"), nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("decision_id", Uuid, nullable=False, unique=True),
    Column("decision_result", String, nullable=False),
    Column("period", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("announced_by", String, nullable=False),
    Column("announced_at", Instant, nullable=False),
    # What was not decided to pass is not allowed.
    CheckConstraint("allowed = (decision_result = 'passed')", name="allowed"),
    CheckConstraint("amount_minor > 0", name="amount_minor"),
    ForeignKeyConstraint(
        ["decision_id", "case_id", "decision_result"],
        ["decisions.id", "decisions.case_id", "decisions.result"],
        name="fk_plan_debits_decision_id_decisions",
    ),
    ForeignKeyConstraint(["case_id"], ["plan_cases.case_id"], name="fk_plan_debits_case_id_plan_cases"),
    Index("ix_plan_debits_plan_id", "plan_id", "id"),
    Index("uq_plan_debits_period", "plan_id", "period", unique=True, postgresql_where=text("allowed")),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Plan, plans, version_id_col=plans.c.version, version_id_generator=False)
mapper.map_imperatively(PlanCase, plan_cases)
mapper.map_imperatively(Debit, plan_debits)
