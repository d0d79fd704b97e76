"""What is shown of duties to tell holders: those that nobody has done in time (PRD-03)."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_risk_notices_overdue",
        help="Changed risks of which holders should have been told by now (RISK_CHANGE_NOTICE_LATE).",
        statement="SELECT count(*) FROM risk_notices WHERE told_at IS NULL AND due_at < now()",
    ),
)
