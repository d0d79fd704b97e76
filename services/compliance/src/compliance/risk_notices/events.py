"""Facts about duties to tell holders."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.risk_notices.v1"


@dataclass(frozen=True, kw_only=True)
class RiskNoticeOverdue(Fact, type="compliance.risk_notice.overdue.v1", topic=TOPIC, key="risk_notice_id"):
    """Holders of a product should have been told of its changed risk by now (PRD-03)."""

    risk_notice_id: UUID
    product_id: UUID
    product_version: int
    changed_at: datetime
    due_at: datetime
