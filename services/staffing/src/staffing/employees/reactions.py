"""What is done about facts on ``compliance.conduct.v1``: an alert rests the right to sell (SAL-02)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from staffing.employees.alerting import take_notice
from staffing.employees.alerts import AlertChange


class AboutAlert(Consumed):
    """Every fact of the topic is about one alert, and one employee."""

    alert_id: UUID
    employee_id: UUID


def noting(change: AlertChange) -> Reaction[AboutAlert]:
    """The reaction to one type of fact."""

    async def on_fact(session: AsyncSession, clock: Clock, fact: Received[AboutAlert]) -> None:
        await take_notice(session, clock.now(), fact.data.alert_id, fact.data.employee_id, change)

    return Reaction(AboutAlert, on_fact)


CONDUCT = Subscription(
    topic="compliance.conduct.v1",
    reactions={
        "compliance.conduct.alert_raised.v1": noting(AlertChange.RAISED),
        "compliance.conduct.alert_cleared.v1": noting(AlertChange.CLEARED),
    },
)
