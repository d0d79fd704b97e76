"""Where the product registry is kept."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.evidence.domain import SegmentKind
from compliance.products.admissions import AdmissionStep, AdmissionStepKind
from compliance.products.domain import Product
from compliance.products.scripts import ProductScript
from compliance.products.windows import OfferingWindow
from compliance.rulebook.facts import (
    ApprovalLevel,
    AssetClass,
    ProductForm,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    ProductStatus,
)

products = Table(
    "products",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
    Column("origin", EnumText(ProductOrigin), nullable=False),
    Column("kind", EnumText(ProductKind), nullable=False),
    Column("form", EnumText(ProductForm), nullable=False),
    Column("name", String(120), nullable=False),
    Column("issuer", String(120), nullable=False),
    Column("offering", EnumText(ProductOffering), nullable=False),
    Column("term_months", Integer, nullable=True),
    Column("issuer_risk_level", Integer, nullable=True),
    Column("bank_risk_level", Integer, nullable=True),
    Column("status", EnumText(ProductStatus), nullable=False),
    Column("listed_at", Instant, nullable=False),
    Column("partner_id", Uuid, ForeignKey("partners.id"), nullable=True),
    Column("asset_class", EnumText(AssetClass), nullable=True),
    Column("instalment", Boolean, nullable=True),
    Column("payment_years", Integer, nullable=True),
    Column("benefit_certain", Boolean, nullable=True),
    # Code and name in small letters, a line each; a trigger writes it, and nobody else.
    Column("search_text", String, nullable=True),
    enum_check("origin", ProductOrigin),
    enum_check("kind", ProductKind),
    enum_check("form", ProductForm),
    enum_check("offering", ProductOffering),
    enum_check("status", ProductStatus),
    enum_check("asset_class", AssetClass),
    CheckConstraint(
        "payment_years IS NULL OR (instalment IS TRUE AND payment_years BETWEEN 1 AND 100)",
        name="payment_years",
    ),
    CheckConstraint("issuer_risk_level BETWEEN 1 AND 5", name="issuer_risk_level"),
    CheckConstraint("bank_risk_level BETWEEN 1 AND 5", name="bank_risk_level"),
    CheckConstraint("term_months BETWEEN 1 AND 1200", name="term_months"),
    CheckConstraint("partner_id IS NULL OR origin = 'AGENCY'", name="partner_id"),
    Index("ix_products_status", "status", "code"),
    info={
        "grants": "SELECT, INSERT, UPDATE (version, name, issuer, offering,"
        " term_months, issuer_risk_level, bank_risk_level, status, partner_id, asset_class, instalment,"
        " payment_years, benefit_certain)"
    },
)

EXAMINATION = ForeignKey("product_admission_steps.id", name="fk_product_admission_steps_examination")

product_admission_steps = Table(
    "product_admission_steps",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("examination_id", Uuid, EXAMINATION, nullable=False),
    Column("partner_id", Uuid, ForeignKey("partners.id"), nullable=False),
    Column("kind", EnumText(AdmissionStepKind), nullable=False),
    Column("level", EnumText(ApprovalLevel), nullable=True),
    Column("resolution", String(120), nullable=True),
    Column("opinion", String(500), nullable=False),
    Column("taken_by", String, nullable=False),
    Column("taken_at", Instant, nullable=False),
    UniqueConstraint("product_id", "product_version", name="uq_product_admission_steps_product_version"),
    # AGY-05: nobody takes two steps of a round, no approval is given twice.
    UniqueConstraint("examination_id", "taken_by", name="uq_product_admission_steps_person"),
    UniqueConstraint("examination_id", "level", name="uq_product_admission_steps_level"),
    enum_check("kind", AdmissionStepKind),
    enum_check("level", ApprovalLevel),
    CheckConstraint("(kind = 'DILIGENCE') = (level IS NULL)", name="diligence"),
    CheckConstraint("(kind = 'DILIGENCE') = (id = examination_id)", name="examination_id"),
    CheckConstraint("level <> 'SENIOR_MANAGEMENT' OR resolution IS NOT NULL", name="resolution"),
    info=APPEND_ONLY,
)

product_scripts = Table(
    "product_scripts",
    mapper.metadata,
    Column("product_id", Uuid, ForeignKey("products.id"), primary_key=True),
    Column("product_version", Integer, primary_key=True, autoincrement=False),
    Column("segment", EnumText(SegmentKind), nullable=False),
    Column("document", String(120), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("set_by", String, nullable=False),
    Column("set_at", Instant, nullable=False),
    enum_check("segment", SegmentKind),
    info=APPEND_ONLY,
)

product_windows = Table(
    "product_windows",
    mapper.metadata,
    Column("product_id", Uuid, ForeignKey("products.id"), primary_key=True),
    Column("product_version", Integer, primary_key=True, autoincrement=False),
    Column("offered_from", Instant, nullable=True),
    Column("offered_until", Instant, nullable=True),
    Column("set_by", String, nullable=False),
    Column("set_at", Instant, nullable=False),
    CheckConstraint("offered_from < offered_until", name="offered_until"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    Product,
    products,
    version_id_col=products.c.version,
    version_id_generator=False,
    exclude_properties=["search_text"],
)
mapper.map_imperatively(AdmissionStep, product_admission_steps)
mapper.map_imperatively(ProductScript, product_scripts)
mapper.map_imperatively(OfferingWindow, product_windows)
