"""Where quotes are kept; confirmations and service records can only be added to (D1)."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.fees.domain import Confirmation, Quote, QuoteState, ServiceRecord
from compliance.tariff.domain import Charge
from compliance.tariff.terms import CustomerGroup

fee_quotes = Table(
    "fee_quotes",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("service_id", Uuid, ForeignKey("fee_services.id"), nullable=False),
    Column("price_id", Uuid, ForeignKey("fee_prices.id"), nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("customer_group", EnumText(CustomerGroup), nullable=True),
    Column("charges", JsonOf(tuple[Charge, ...]), nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("state", EnumText(QuoteState), nullable=False),
    Column("quoted_by", String, nullable=False),
    Column("quoted_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    enum_check("state", QuoteState),
    enum_check("customer_group", CustomerGroup),
    CheckConstraint("fee_minor >= 0 AND amount_minor >= 0", name="minor"),
    Index("ix_fee_quotes_outlet_id", "outlet_id", "id"),
    Index("ix_fee_quotes_customer_id", "customer_id", "id"),
    info={"grants": "SELECT, INSERT, UPDATE (version, state)"},
)

fee_confirmations = Table(
    "fee_confirmations",
    mapper.metadata,
    Column("quote_id", Uuid, ForeignKey("fee_quotes.id"), primary_key=True),
    Column("customer_version", Integer, nullable=False),
    Column("confirmed_by", String, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

service_records = Table(
    "service_records",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("quote_id", Uuid, ForeignKey("fee_confirmations.quote_id"), nullable=False, unique=True),
    Column("service_id", Uuid, ForeignKey("fee_services.id"), nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("rendered_by", String, nullable=False),
    Column("rendered_at", Instant, nullable=False),
    Index("ix_service_records_outlet_id", "outlet_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Confirmation, fee_confirmations)
mapper.map_imperatively(
    Quote,
    fee_quotes,
    version_id_col=fee_quotes.c.version,
    version_id_generator=False,
    properties={"confirmation": relationship(Confirmation, uselist=False, lazy="selectin")},
)
mapper.map_imperatively(ServiceRecord, service_records)
