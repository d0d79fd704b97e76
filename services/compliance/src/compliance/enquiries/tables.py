"""Where questions about products are logged; the log can only be added to (D1)."""

from sqlalchemy import Column, Date, Index, String, Table, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.enquiries.domain import Answer, Enquiry, EnquiryChannel

product_enquiries = Table(
    "product_enquiries",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("asked_on", Date, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("product_code", String(32), nullable=False),
    Column("channel", EnumText(EnquiryChannel), nullable=False),
    Column("answer", EnumText(Answer), nullable=False),
    enum_check("channel", EnquiryChannel),
    enum_check("answer", Answer),
    Index("ix_product_enquiries_asked_on", "asked_on", "product_code", "channel", "answer"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Enquiry, product_enquiries)
