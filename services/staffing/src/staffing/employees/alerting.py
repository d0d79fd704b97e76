"""Use cases of conduct alerts: while one is open, every right to sell rests (SAL-02).

The notice is written first, the employee locked behind it, the open alerts read last: of two facts about one
employee whoever is later sees both. Nobody else knows the id of an employee who is just joining, so who is
unknown stays so; his alert is kept and counted (N4).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import record
from staffing.employees.alerts import AlertChange, ConductAlertOpen
from staffing.employees.domain import Employee
from staffing.employees.tables import alert_notices, employees

#: What the facts about the qualifications say; what is suspected is not for them to tell.
REASON = "conduct alert"


async def take_notice(
    session: AsyncSession, now: datetime, alert_id: UUID, employee_id: UUID, change: AlertChange
) -> None:
    """An alert was raised or cleared: lets the employee's qualifications rest, or count again."""
    notice = {"alert_id": alert_id, "change": change, "employee_id": employee_id, "told_at": now}
    await session.execute(insert(alert_notices).values(notice).on_conflict_do_nothing())
    statement = select(Employee).where(employees.c.id == employee_id).with_for_update()
    employee = await session.scalar(statement, execution_options={"populate_existing": True})
    if employee is None:
        return
    if await _under_alert(session, employee_id):
        await record(session, *employee.rest(reason=REASON, at=now))
    else:
        await record(session, *employee.resume(at=now))


async def check_no_alert(session: AsyncSession, employee_id: UUID) -> None:
    """SAL-02: raises :class:`ConductAlertOpen`. Lock the employee first."""
    if await _under_alert(session, employee_id):
        raise ConductAlertOpen


async def _under_alert(session: AsyncSession, employee_id: UUID) -> bool:
    cleared = alert_notices.alias()
    open_ones = select(alert_notices.c.alert_id).where(
        alert_notices.c.employee_id == employee_id,
        alert_notices.c.change == AlertChange.RAISED,
        ~exists().where(
            cleared.c.alert_id == alert_notices.c.alert_id, cleared.c.change == AlertChange.CLEARED
        ),
    )
    return await session.scalar(select(open_ones.exists())) is True
