"""Where the product registry is kept."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Uuid

from chassis.db import EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.products.domain import Product, ProductOffering
from compliance.rulebook.facts import ProductForm, ProductKind, ProductOrigin, ProductStatus

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
    enum_check("origin", ProductOrigin),
    enum_check("kind", ProductKind),
    enum_check("form", ProductForm),
    enum_check("offering", ProductOffering),
    enum_check("status", ProductStatus),
    CheckConstraint("issuer_risk_level BETWEEN 1 AND 5", name="issuer_risk_level"),
    CheckConstraint("bank_risk_level BETWEEN 1 AND 5", name="bank_risk_level"),
    CheckConstraint("term_months BETWEEN 1 AND 1200", name="term_months"),
    Index("ix_products_status", "status", "code"),
)

mapper.map_imperatively(Product, products, version_id_col=products.c.version, version_id_generator=False)
