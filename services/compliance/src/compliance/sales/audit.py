"""What the service's own role could have written itself, named by what it lacks.

That role can add rows (D1): a decision with made-up inputs, a sale on it, even a release that lets all
through. The database forbids what contradicts itself; this names what stands alone: a decision that does not
come out the same again, rests on rules that we never shipped or on what no history tells of (an assessment
that nobody made, a quote that nobody was told), and rows whose fact, keeping or case does not say the same.
Who invents the histories and facts too is found by the books, which read the topics and the clients' ledger.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Result, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import BEFORE_ALL
from compliance.recordings.domain import RECORDING_LIFETIME
from compliance.retention.release import shipped_release
from compliance.sales.histories import UNFOUNDED
from compliance.sales.replaying import BATCH, Flaw, Kept, Releases, replayed_of
from compliance.sales.tables import decisions


class Forgery(StrEnum):
    """What is wrong with a row of the gate."""

    DECISION_ALTERED = "decision_altered"
    DECISION_UNDER_FOREIGN_RELEASE = "decision_under_foreign_release"
    DECISION_WITHOUT_OUTCOME = "decision_without_outcome"
    DECISION_ON_ALTERED_CASE = "decision_on_altered_case"
    DECISION_ON_INVENTED_ASSESSMENT = "decision_on_invented_assessment"
    DECISION_ON_INVENTED_CONSENT = "decision_on_invented_consent"
    DECISION_ON_FOREIGN_HANDS = "decision_on_foreign_hands"
    DECISION_ON_INVENTED_OPINION = "decision_on_invented_opinion"
    DECISION_ON_INVENTED_DISCLOSURE = "decision_on_invented_disclosure"
    DECISION_ON_INVENTED_SAFEGUARD = "decision_on_invented_safeguard"
    DECISION_ON_INVENTED_CIRCUMSTANCE = "decision_on_invented_circumstance"
    DECISION_ON_INVENTED_QUOTE = "decision_on_invented_quote"
    DECISION_ON_INVENTED_ADMISSION = "decision_on_invented_admission"
    DECISION_ON_INVENTED_INSPECTION = "decision_on_invented_inspection"
    DECISION_ON_INVENTED_RIGHT = "decision_on_invented_right"
    DECISION_ON_INVENTED_GRADE = "decision_on_invented_grade"
    DECISION_WITHOUT_ALERT = "decision_without_alert"
    TRANSACTION_WITHOUT_FACT = "transaction_without_fact"
    TRANSACTION_WITHOUT_CASE = "transaction_without_case"
    SALE_WITHOUT_FACT = "sale_without_fact"
    SALE_WITHOUT_CASE = "sale_without_case"
    SALE_WITHOUT_KEEPING = "sale_without_keeping"
    SALE_WITHOUT_SEAL = "sale_without_seal"
    SALE_IN_FOREIGN_OUTLET = "sale_in_foreign_outlet"
    CASE_WITHOUT_SALE = "case_without_sale"
    ATTEMPT_ON_PASSING_DECISION = "attempt_on_passing_decision"
    ATTEMPT_WITHOUT_FACT = "attempt_without_fact"
    FACT_WITHOUT_ROW = "fact_without_row"


@dataclass(frozen=True)
class Suspicion:
    """One row that cannot be explained, by its id (of a fact: its key)."""

    forgery: Forgery
    id: UUID


#: What does not fit to the decisions with the ids ``ids``.
UNFITTING = text("""
WITH judged AS (
    SELECT id, case_id, result, digest, decision FROM decisions WHERE id = ANY(CAST(:ids AS uuid[]))
), sold AS (
    SELECT s.*, d.digest, d.decision FROM sales s JOIN judged d ON d.id = s.decision_id
)
SELECT 'decision_without_outcome' AS forgery, d.id FROM judged d
WHERE NOT EXISTS (SELECT FROM sales s WHERE s.decision_id = d.id)
    AND NOT EXISTS (SELECT FROM transactions t WHERE t.decision_id = d.id)
    AND NOT EXISTS (SELECT FROM plan_debits p WHERE p.decision_id = d.id)
    AND NOT EXISTS (SELECT FROM refused_attempts a WHERE a.decision_id = d.id)
UNION ALL
SELECT 'attempt_on_passing_decision', a.id FROM refused_attempts a
JOIN judged d ON d.id = a.decision_id WHERE d.result = 'passed' OR d.case_id <> a.case_id
UNION ALL
SELECT 'sale_without_fact', s.id FROM sold s WHERE NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.sales.v1' AND f.key = CAST(s.id AS text)
        AND f.type = 'compliance.sale.logged.v1'
        AND CAST(f.data AS jsonb) ->> 'decision_id' = CAST(s.decision_id AS text)
        AND CAST(f.data AS jsonb) ->> 'decision' = s.digest
        AND CAST(f.data AS jsonb) ->> 'recording_id' = CAST(s.recording_id AS text)
        AND CAST(f.data AS jsonb) ->> 'case_id' = CAST(s.case_id AS text))
UNION ALL
SELECT 'transaction_without_fact', s.id FROM transactions s JOIN judged d ON d.id = s.decision_id
WHERE NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.transactions.v1' AND f.key = CAST(s.id AS text)
        AND f.type = 'compliance.transaction.logged.v1'
        AND CAST(f.data AS jsonb) ->> 'decision_id' = CAST(s.decision_id AS text)
        AND CAST(f.data AS jsonb) ->> 'decision' = d.digest
        AND CAST(f.data AS jsonb) ->> 'kind' = s.kind
        AND CAST(f.data AS jsonb) ->> 'case_id' = CAST(s.case_id AS text))
UNION ALL
SELECT 'transaction_without_case', s.id FROM transactions s JOIN judged d ON d.id = s.decision_id
WHERE NOT EXISTS (
    SELECT FROM cases c WHERE c.id = s.case_id AND c.sale_id = s.id AND c.transaction = s.kind)
UNION ALL
SELECT 'sale_without_case', s.id FROM sold s WHERE NOT EXISTS (
    SELECT FROM cases c WHERE c.id = s.case_id AND c.sale_id = s.id)
UNION ALL
SELECT 'sale_without_keeping', s.id FROM sold s WHERE NOT EXISTS (
    SELECT FROM retention_sales r JOIN products p ON p.id = s.product_id
    WHERE r.sale_id = s.id AND r.recording_id = s.recording_id AND r.kind = p.kind AND r.form = p.form
        AND r.sold_on = CAST(s.logged_at AT TIME ZONE 'Asia/Shanghai' AS date))
UNION ALL
SELECT 'sale_without_seal', s.id FROM sold s WHERE NOT EXISTS (
    SELECT FROM recording_seals r JOIN recordings h ON h.id = r.recording_id
    WHERE r.recording_id = s.recording_id AND r.sealed_at < s.logged_at
        AND r.sealed_at < h.started_at + :recording_lifetime
        AND s.decision #>> '{inputs,recordings,0,manifest}' = r.digest)
UNION ALL
SELECT 'sale_without_seal', s.id FROM sold s
CROSS JOIN LATERAL jsonb_array_elements(coalesce(s.decision #> '{inputs,footage,takes}', '[]')) AS t (take)
WHERE NOT EXISTS (
    SELECT FROM recording_seals r JOIN recordings h ON h.id = r.recording_id
    WHERE CAST(r.recording_id AS text) = t.take ->> 'recording_id' AND r.digest = t.take ->> 'manifest'
        AND r.sealed_at < s.logged_at AND r.sealed_at < h.started_at + :recording_lifetime)
UNION ALL
SELECT 'sale_in_foreign_outlet', s.id FROM sold s
WHERE s.decision #>> '{inputs,seller,outlet_id}' IS DISTINCT FROM CAST(s.outlet_id AS text)
UNION ALL
SELECT 'attempt_without_fact', a.id FROM refused_attempts a JOIN judged d ON d.id = a.decision_id
WHERE NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.sales.v1' AND f.key = CAST(a.id AS text)
        AND f.type = 'compliance.sale.refused.v1'
        AND CAST(f.data AS jsonb) ->> 'decision_id' = CAST(a.decision_id AS text)
        AND CAST(f.data AS jsonb) ->> 'decision' = d.digest)
""")

#: What no decision belongs to.
ALONE = text("""
SELECT 'case_without_sale' AS forgery, c.id FROM cases c WHERE c.sale_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM sales s WHERE s.id = c.sale_id AND s.case_id = c.id)
    AND NOT EXISTS (SELECT FROM transactions t WHERE t.id = c.sale_id AND t.case_id = c.id)
UNION ALL
SELECT 'fact_without_row', CAST(f.key AS uuid) FROM fact f
WHERE f.topic IN ('compliance.sales.v1', 'compliance.transactions.v1')
    AND f.type <> 'compliance.sale.reversed.v1' AND NOT EXISTS (
    SELECT FROM sales s WHERE f.type = 'compliance.sale.logged.v1' AND s.id = CAST(f.key AS uuid))
    AND NOT EXISTS (
        SELECT FROM transactions t
        WHERE f.type = 'compliance.transaction.logged.v1' AND t.id = CAST(f.key AS uuid))
    AND NOT EXISTS (
        SELECT FROM refused_attempts a
        WHERE f.type = 'compliance.sale.refused.v1' AND a.id = CAST(f.key AS uuid))
""")


async def suspicions(session: AsyncSession) -> list[Suspicion]:
    """Everything about sales that stands alone or does not come out the same; empty when all is explained."""
    looked = await look_at(session, BEFORE_ALL, frozenset(), Releases())
    return _told(await session.execute(ALONE)) + looked.found


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What is wrong with decisions and around them, and which of them came out the same again."""

    found: list[Suspicion]
    sound: frozenset[UUID]


async def look_at(session: AsyncSession, since: UUID, sound: frozenset[UUID], releases: Releases) -> Looked:
    """What is wrong with the decisions from the id ``since`` on, some at a time.

    Those that are ``sound`` already are not decided again, and ``releases`` not read again.
    """
    found: list[Suspicion] = []
    came_out: set[UUID] = set()
    statement = select(decisions.c.id).order_by(decisions.c.id).limit(BATCH)
    page = (await session.scalars(statement.where(decisions.c.id >= since))).all()
    while page:
        readable = [one for one in page if one in sound]
        came_out.update(readable)
        async for row, flaw in replayed_of(session, [one for one in page if one not in sound], releases):
            wrong = _within(row, flaw)
            found += wrong
            if flaw not in UNREADABLE:
                readable.append(row.id)
            if not wrong:
                came_out.add(row.id)
        around = {"ids": page, "recording_lifetime": RECORDING_LIFETIME}
        found += _told(await session.execute(UNFITTING, around))
        found += _told(await session.execute(UNFOUNDED, {"ids": readable}))
        page = (await session.scalars(statement.where(decisions.c.id > page[-1]))).all()
    return Looked(found=found, sound=frozenset(came_out))


#: What is stored cannot be held against any history.
UNREADABLE = frozenset({Flaw.UNREADABLE, Flaw.CONTENT})


def _within(row: Kept, flaw: Flaw | None) -> list[Suspicion]:
    if flaw is not None:
        return [Suspicion(Forgery.DECISION_ALTERED, row.id)]
    if row.release != shipped_release().digest:
        # A release that this program does not ship is an older one, or nobody's: somebody has to look.
        return [Suspicion(Forgery.DECISION_UNDER_FOREIGN_RELEASE, row.id)]
    return []


def _told(rows: Result[Any]) -> list[Suspicion]:
    return [Suspicion(Forgery(row.forgery), row.id) for row in rows]
