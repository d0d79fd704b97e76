"""Facts about conduct. An alert's id is opaque: nothing tells outside what is being looked into."""

from dataclasses import dataclass
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.conduct.v1"


@dataclass(frozen=True, kw_only=True)
class AlertRaised(Fact, type="compliance.conduct.alert_raised.v1", topic=TOPIC, key="alert_id"):
    """SAL-02: the employee's right to sell rests from ``occurred_at`` on, until this alert is cleared."""

    alert_id: UUID
    employee_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlertCleared(Fact, type="compliance.conduct.alert_cleared.v1", topic=TOPIC, key="alert_id"):
    """The alert stands no longer; who has no other open alert may sell again, as far as he is qualified."""

    alert_id: UUID
    employee_id: UUID
