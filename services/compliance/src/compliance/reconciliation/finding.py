"""What does not fit on a legal day, and what has come to fit since: one bounded statement a kind.

Each statement leaves out what is noted already, so that a run goes on where the one before has ended. It
reads what became due on the day alone: its reports and sales, permits that expired on it, uses whose last day
for a confirmation it is.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.periods.domain import end_of, start_of
from compliance.reconciliation.domain import DifferenceKind
from compliance.rulebook.registers import permit_periods

NOT_NOTED = """NOT EXISTS (
    SELECT FROM reconciliation_differences d WHERE d.kind = :kind AND d.subject_id = {subject})
ORDER BY {subject} LIMIT :most"""

#: A sale of before there were permits has none, and lacks none.
SALE_WITHOUT_PERMIT = """
SELECT s.id AS subject_id, s.outlet_id, s.id AS sale_id, CAST(NULL AS uuid) AS permit_id,
    CAST(NULL AS text) AS order_id, s.amount_minor AS expected_minor, CAST(NULL AS bigint) AS found_minor
FROM decisions c JOIN sales s ON s.decision_id = c.id
WHERE c.decided_at >= :start AND c.decided_at < :end
    AND s.logged_at >= (SELECT min(first.issued_at) FROM permits first)
    AND NOT EXISTS (SELECT FROM permits p WHERE p.sale_id = s.id) AND """
PERMIT_UNUSED = """
SELECT p.id AS subject_id, p.outlet_id, p.sale_id, p.id AS permit_id, CAST(NULL AS text) AS order_id,
    p.amount_minor AS expected_minor, CAST(NULL AS bigint) AS found_minor
FROM permits p
WHERE p.expires_at >= :start AND p.expires_at < :end
    AND NOT EXISTS (SELECT FROM permit_endings e WHERE e.permit_id = p.id) AND """
ORDER_UNCONFIRMED = """
SELECT p.id AS subject_id, p.outlet_id, p.sale_id, p.id AS permit_id, e.order_id,
    p.amount_minor AS expected_minor, CAST(NULL AS bigint) AS found_minor
FROM permit_endings e JOIN permits p ON p.id = e.permit_id
WHERE e.kind = 'USED' AND e.ended_at >= :used_from AND e.ended_at < :used_before
    AND NOT EXISTS (SELECT FROM order_reports r WHERE r.order_id = e.order_id AND r.step <> 'PLACED'
        AND r.reported_at < :end) AND """
CONFIRMED_OTHERWISE = """
SELECT r.id AS subject_id, p.outlet_id, p.sale_id, p.id AS permit_id, r.order_id,
    p.amount_minor AS expected_minor, r.amount_minor AS found_minor
FROM order_reports r JOIN permit_endings e ON e.order_id = r.order_id JOIN permits p ON p.id = e.permit_id
WHERE r.step = 'CONFIRMED'
    AND r.id IN (
        SELECT told.id FROM order_reports told WHERE told.reported_at >= :start AND told.reported_at < :end
        UNION
        SELECT told.id FROM permit_endings used JOIN order_reports told ON told.order_id = used.order_id
        WHERE used.ended_at >= :start AND used.ended_at < :end)
    AND (r.amount_minor, r.currency) <> (p.amount_minor, p.currency) AND """
ORDER_WITHOUT_PERMIT = """
SELECT r.id AS subject_id, CAST(NULL AS uuid) AS outlet_id, CAST(NULL AS uuid) AS sale_id,
    CAST(NULL AS uuid) AS permit_id, r.order_id, CAST(NULL AS bigint) AS expected_minor,
    r.amount_minor AS found_minor
FROM order_reports r
WHERE r.step <> 'CANCELLED' AND r.reported_at >= :start AND r.reported_at < :end
    AND NOT EXISTS (SELECT FROM permit_endings e WHERE e.order_id = r.order_id AND e.ended_at < :end) AND """

FINDERS: Mapping[DifferenceKind, TextClause] = {
    kind: text(statement + NOT_NOTED.format(subject=subject))
    for kind, statement, subject in (
        (DifferenceKind.SALE_WITHOUT_PERMIT, SALE_WITHOUT_PERMIT, "s.id"),
        (DifferenceKind.PERMIT_UNUSED, PERMIT_UNUSED, "p.id"),
        (DifferenceKind.ORDER_UNCONFIRMED, ORDER_UNCONFIRMED, "p.id"),
        (DifferenceKind.CONFIRMED_OTHERWISE, CONFIRMED_OTHERWISE, "r.id"),
        (DifferenceKind.ORDER_WITHOUT_PERMIT, ORDER_WITHOUT_PERMIT, "r.id"),
    )
}

#: A difference is settled by what was missing, by a right confirmation behind a wrong one, by the order's
#: cancellation, or by the reversal of the sale where nothing was ordered.
SETTLED = text("""
SELECT d.id FROM reconciliation_differences d
WHERE NOT EXISTS (SELECT FROM reconciliation_settlements s WHERE s.difference_id = d.id)
    AND CASE d.kind
        WHEN 'SALE_WITHOUT_PERMIT' THEN
            EXISTS (SELECT FROM sale_reversals v WHERE v.sale_id = d.sale_id)
        WHEN 'PERMIT_UNUSED' THEN
            EXISTS (SELECT FROM permit_endings e WHERE e.permit_id = d.permit_id)
        WHEN 'ORDER_UNCONFIRMED' THEN
            EXISTS (SELECT FROM order_reports r WHERE r.order_id = d.order_id AND r.step <> 'PLACED')
        WHEN 'CONFIRMED_OTHERWISE' THEN EXISTS (
            SELECT FROM order_reports wrong JOIN order_reports r ON r.order_id = wrong.order_id
            JOIN permits p ON p.id = d.permit_id
            WHERE wrong.id = d.subject_id AND (r.reported_at, r.id) > (wrong.reported_at, wrong.id)
                AND (r.step = 'CANCELLED' OR r.step = 'CONFIRMED'
                    AND (r.amount_minor, r.currency) = (p.amount_minor, p.currency)))
        ELSE EXISTS (SELECT FROM permit_endings e WHERE e.order_id = d.order_id)
            OR EXISTS (SELECT FROM order_reports r WHERE r.order_id = d.order_id AND r.step = 'CANCELLED')
        END
ORDER BY d.id LIMIT :most
""")

FIRST = text("""
SELECT least((SELECT min(issued_at) FROM permits), (SELECT min(reported_at) FROM order_reports)) AS first
""")


async def differences(
    session: AsyncSession, day: date, kind: DifferenceKind, most: int
) -> Sequence[Row[Any]]:
    """The next differences of a kind that came to light on ``day`` and are not noted, at most ``most``."""
    statement = FINDERS[kind]
    given: dict[str, Any] = {"kind": kind.value, "most": most} | _bounds(day)
    named = statement.compile().params
    return (await session.execute(statement, {name: given[name] for name in named})).all()


def _bounds(day: date) -> dict[str, datetime]:
    """The instants of a day. PMT-01: the uses of which it is the last day for a confirmation."""
    before = day - timedelta(days=1)
    due, due_before = (on - timedelta(days=permit_periods(on).confirmation_days) for on in (day, before))
    return {
        "start": start_of(day),
        "end": end_of(day),
        "used_from": end_of(due_before),
        "used_before": end_of(due),
    }
