"""Where proposals of something new are kept."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Uuid

from chassis.db import EnumText, JsonOf, enum_check
from compliance.database import mapper
from compliance.innovations.domain import Innovation, InnovationPlan, ResidualRisk
from compliance.reviews.columns import reviewed

innovations = Table(
    "innovations",
    mapper.metadata,
    *reviewed(),
    Column("outlet_id", Uuid, nullable=True),
    Column("plan", JsonOf(InnovationPlan), nullable=False),
    Column("residual", EnumText(ResidualRisk), nullable=True),
    enum_check("residual", ResidualRisk),
    CheckConstraint(
        "(state = 'APPROVED') = (residual IS NOT NULL AND residual <> 'HIGH')", name="controllable"
    ),
    Index("ix_innovations_outlet_id", "outlet_id", "id"),
)

mapper.map_imperatively(
    Innovation, innovations, version_id_col=innovations.c.version, version_id_generator=False
)
