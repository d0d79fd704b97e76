"""Where opinions, disclosures and acknowledgements are kept; they can only be added to (D1)."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.suitability.domain import Acknowledgement, Fit, MatchingOpinion, RiskDisclosure

matching_opinions = Table(
    "matching_opinions",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("assessment_id", Uuid, ForeignKey("assessments.id"), nullable=False),
    Column("product_level", Integer, nullable=False),
    Column("customer_level", Integer, nullable=False),
    Column("fit", EnumText(Fit), nullable=False),
    Column("given_by", String, nullable=False),
    Column("given_at", Instant, nullable=False),
    enum_check("fit", Fit),
    CheckConstraint("(fit = 'SUITABLE') = (product_level <= customer_level)", name="levels"),
    Index("ix_matching_opinions_case_id", "case_id", "id"),
    info=APPEND_ONLY,
)

risk_disclosures = Table(
    "risk_disclosures",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("document", String(120), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("shown_by", String, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Index("ix_risk_disclosures_case_id", "case_id", "id"),
    info=APPEND_ONLY,
)

acknowledgements = Table(
    "acknowledgements",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("opinion_id", Uuid, ForeignKey("matching_opinions.id"), nullable=True, unique=True),
    Column("disclosure_id", Uuid, ForeignKey("risk_disclosures.id"), nullable=True, unique=True),
    Column("acknowledged_by", String, nullable=False),
    Column("acknowledged_at", Instant, nullable=False),
    CheckConstraint("num_nonnulls(opinion_id, disclosure_id) = 1", name="one_of_both"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Acknowledgement, acknowledgements)
mapper.map_imperatively(
    MatchingOpinion,
    matching_opinions,
    properties={"acknowledgement": relationship(Acknowledgement, uselist=False, lazy="joined")},
)
mapper.map_imperatively(
    RiskDisclosure,
    risk_disclosures,
    properties={"acknowledgement": relationship(Acknowledgement, uselist=False, lazy="joined")},
)
