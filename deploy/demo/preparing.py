"""What who sells in the demo bank has learnt, and since when he sells; what stands already is left alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.demo.client import Actor
from deploy.demo.ledger import Op

#: Minutes of training that every seller has, by course: as many as the law asks for in a year.
COURSES = {"wealth": 1200, "investment_insurance": 2400}
#: Training is taken again before it counts no more.
FRESH = timedelta(days=300)
SOLD_FOR = timedelta(days=1000)


async def prepare(planner: Actor, employee: Mapping[str, Any], now: datetime) -> None:
    """Records the courses and the experience that the employee needs; ``now`` in the bank's zone."""
    path, today = f"/v1/employees/{employee['id']}", now.date()
    trainings = await planner.everything("staffing", f"{path}/trainings")
    since = str(today - FRESH)
    counting = [one for one in trainings if one["annulled_at"] is None and one["completed_on"] > since]
    for kind, minutes in COURSES.items():
        if sum(one["minutes"] for one in counting if one["kind"] == kind) < minutes:
            course = {"kind": kind, "minutes": minutes, "completed_on": str(today - timedelta(days=1))}
            await _record(planner, employee, Op.TRAIN, "trainings", course, {"training_id": "id"})
    if not await planner.everything("staffing", f"{path}/experience"):
        first = {"selling_since": str(today - SOLD_FOR)}
        await _record(planner, employee, Op.EXPERIENCE, "experience", first, {"experience_id": "id"})


async def _record(
    planner: Actor,
    employee: Mapping[str, Any],
    op: Op,
    what: str,
    body: Mapping[str, Any],
    learn: Mapping[str, str],
) -> None:
    path = f"/v1/employees/{employee['id']}"
    seen = (await planner.get("staffing", path)).expect("employee")
    recorded = await planner.act(
        op,
        "staffing",
        f"{path}/{what}",
        {**body, "evidence_id": str(uuid4())},
        if_match=seen.etag,
        ids={"employee_id": employee["id"], "outlet_id": seen.body["outlet_id"]},
        learn=learn,
    )
    recorded.expect(f"record {what} of {employee['staff_number']}")
