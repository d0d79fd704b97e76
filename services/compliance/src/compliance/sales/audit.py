"""What the service's own role could have written itself, named by what it lacks.

That role can add rows (D1): a decision with made-up inputs, a sale on it, even a release that lets all
through. The database forbids what contradicts itself; this names what stands alone: a decision that does not
come out the same again, rests on rules that we never shipped or on an assessment that nobody made, and rows
whose fact, keeping or case does not say the same. Who invents the facts too is found by the books, which
read the topics and the clients' ledger.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.retention.release import shipped_release
from compliance.sales.replaying import Span, replayed


class Forgery(StrEnum):
    """What is wrong with a row of the gate."""

    DECISION_ALTERED = "decision_altered"
    DECISION_UNDER_FOREIGN_RELEASE = "decision_under_foreign_release"
    DECISION_WITHOUT_OUTCOME = "decision_without_outcome"
    DECISION_ON_INVENTED_ASSESSMENT = "decision_on_invented_assessment"
    DECISION_ON_INVENTED_CONSENT = "decision_on_invented_consent"
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


ALONE = text("""
WITH told AS (
    SELECT type, CAST(key AS uuid) AS id, CAST(data AS jsonb) AS data FROM fact
    WHERE topic = 'compliance.sales.v1'
)
SELECT 'decision_without_outcome' AS forgery, d.id FROM decisions d
WHERE NOT EXISTS (SELECT FROM sales s WHERE s.decision_id = d.id)
    AND NOT EXISTS (SELECT FROM refused_attempts a WHERE a.decision_id = d.id)
UNION ALL
SELECT 'decision_on_invented_assessment', d.id FROM decisions d
WHERE d.decision #>> '{inputs,assessment,assessment_id}' IS NOT NULL AND NOT EXISTS (
    SELECT FROM assessments a JOIN cases c ON c.id = d.case_id
    WHERE CAST(a.id AS text) = d.decision #>> '{inputs,assessment,assessment_id}'
        AND a.customer_id = c.customer_id AND a.recorded_at <= d.decided_at
        AND CAST(a.level AS text) = d.decision #>> '{inputs,assessment,level}'
        AND a.completed_at = CAST(d.decision #>> '{inputs,assessment,completed_at}' AS timestamptz))
UNION ALL
SELECT 'decision_on_invented_consent', d.id FROM decisions d
WHERE d.decision #>> '{inputs,consent,consent_id}' IS NOT NULL AND NOT EXISTS (
    SELECT FROM consents a JOIN cases c ON c.id = d.case_id
    WHERE CAST(a.id AS text) = d.decision #>> '{inputs,consent,consent_id}'
        AND a.customer_id = c.customer_id AND a.session_id = c.session_id
        AND CAST(a.given AS text) = d.decision #>> '{inputs,consent,given}'
        AND a.answered_at = CAST(d.decision #>> '{inputs,consent,at}' AS timestamptz))
UNION ALL
SELECT 'attempt_on_passing_decision', a.id FROM refused_attempts a
JOIN decisions d ON d.id = a.decision_id WHERE d.result = 'passed' OR d.case_id <> a.case_id
UNION ALL
SELECT 'sale_without_fact', s.id FROM sales s JOIN decisions d ON d.id = s.decision_id WHERE NOT EXISTS (
    SELECT FROM told t WHERE t.type = 'compliance.sale.logged.v1' AND t.id = s.id
        AND t.data ->> 'decision_id' = CAST(s.decision_id AS text) AND t.data ->> 'decision' = d.digest
        AND t.data ->> 'recording_id' = CAST(s.recording_id AS text)
        AND t.data ->> 'case_id' = CAST(s.case_id AS text))
UNION ALL
SELECT 'sale_without_case', s.id FROM sales s WHERE NOT EXISTS (
    SELECT FROM cases c WHERE c.id = s.case_id AND c.sale_id = s.id)
UNION ALL
SELECT 'sale_without_keeping', s.id FROM sales s WHERE NOT EXISTS (
    SELECT FROM retention_sales r JOIN products p ON p.id = s.product_id
    WHERE r.sale_id = s.id AND r.recording_id = s.recording_id AND r.kind = p.kind AND r.form = p.form
        AND r.sold_on = CAST(s.logged_at AT TIME ZONE 'Asia/Shanghai' AS date))
UNION ALL
SELECT 'sale_without_seal', s.id FROM sales s WHERE NOT EXISTS (
    SELECT FROM recording_seals r JOIN decisions d ON d.id = s.decision_id
    WHERE r.recording_id = s.recording_id AND r.sealed_at < s.logged_at
        AND d.decision #>> '{inputs,recordings,0,manifest}' = r.digest)
UNION ALL
SELECT 'sale_in_foreign_outlet', s.id FROM sales s JOIN decisions d ON d.id = s.decision_id
WHERE d.decision #>> '{inputs,seller,outlet_id}' IS DISTINCT FROM CAST(s.outlet_id AS text)
UNION ALL
SELECT 'case_without_sale', c.id FROM cases c WHERE c.sale_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM sales s WHERE s.id = c.sale_id AND s.case_id = c.id)
UNION ALL
SELECT 'attempt_without_fact', a.id FROM refused_attempts a JOIN decisions d ON d.id = a.decision_id
WHERE NOT EXISTS (
    SELECT FROM told t WHERE t.type = 'compliance.sale.refused.v1' AND t.id = a.id
        AND t.data ->> 'decision_id' = CAST(a.decision_id AS text) AND t.data ->> 'decision' = d.digest)
UNION ALL
SELECT 'fact_without_row', t.id FROM told t
WHERE NOT EXISTS (SELECT FROM sales s WHERE t.type = 'compliance.sale.logged.v1' AND s.id = t.id)
    AND NOT EXISTS (
        SELECT FROM refused_attempts a WHERE t.type = 'compliance.sale.refused.v1' AND a.id = t.id)
""")


async def suspicions(session: AsyncSession) -> list[Suspicion]:
    """Everything about sales that stands alone or does not come out the same; empty when all is explained."""
    found = [Suspicion(Forgery(row.forgery), row.id) for row in await session.execute(ALONE)]
    async for row, flaw in replayed(session, Span()):
        if flaw is not None:
            found.append(Suspicion(Forgery.DECISION_ALTERED, row.id))
        elif row.release != shipped_release().digest:
            # A release that this program does not ship is an older one, or nobody's: somebody has to look.
            found.append(Suspicion(Forgery.DECISION_UNDER_FOREIGN_RELEASE, row.id))
    return found
