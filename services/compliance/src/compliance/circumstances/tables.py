"""Where circumstances are kept; they can only be added to (D1)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.circumstances.domain import GuardianConsent, Statement
from compliance.database import mapper
from compliance.rulebook.customer_facts import CivilCapacity, InvestorFacts, LegalForm, MeansFacts, Need

stated_circumstances = Table(
    "stated_circumstances",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("birth_date", Date, nullable=True),
    Column("capacity", EnumText(CivilCapacity), nullable=True),
    Column("investor", JsonOf(InvestorFacts), nullable=True),
    Column("means", JsonOf(MeansFacts), nullable=True),
    Column("bought_wealth_before", Boolean, nullable=True),
    Column("stated_by", String, nullable=False),
    Column("stated_at", Instant, nullable=False),
    Column("legal_form", EnumText(LegalForm), nullable=True),
    Column("needs", JsonOf(tuple[Need, ...]), nullable=True),
    UniqueConstraint(
        "customer_id", "customer_version", name="uq_stated_circumstances_customer_id_customer_version"
    ),
    enum_check("capacity", CivilCapacity),
    enum_check("legal_form", LegalForm),
    CheckConstraint(
        "num_nonnulls(birth_date, capacity, investor, means, bought_wealth_before, legal_form, needs) > 0",
        name="something",
    ),
    info=APPEND_ONLY,
)

guardian_consents = Table(
    "guardian_consents",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("product_id", Uuid, nullable=True),
    Column("case_id", Uuid, nullable=True),
    Column("given", Boolean, nullable=False),
    Column("evidence_id", Uuid, nullable=False),
    Column("stated_by", String, nullable=False),
    Column("stated_at", Instant, nullable=False),
    UniqueConstraint(
        "customer_id", "customer_version", name="uq_guardian_consents_customer_id_customer_version"
    ),
    CheckConstraint("num_nonnulls(product_id, case_id) = 1", name="scope"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Statement, stated_circumstances)
mapper.map_imperatively(GuardianConsent, guardian_consents)
