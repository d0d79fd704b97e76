"""Where campaigns are kept."""

from sqlalchemy import Column, Index, Table, Uuid

from chassis.db import JsonOf
from compliance.campaigns.domain import Campaign, CampaignPlan
from compliance.database import mapper
from compliance.reviews.columns import reviewed

campaigns = Table(
    "campaigns",
    mapper.metadata,
    *reviewed(),
    Column("outlet_id", Uuid, nullable=True),
    Column("plan", JsonOf(CampaignPlan), nullable=False),
    Index("ix_campaigns_outlet_id", "outlet_id", "id"),
)

mapper.map_imperatively(Campaign, campaigns, version_id_col=campaigns.c.version, version_id_generator=False)
