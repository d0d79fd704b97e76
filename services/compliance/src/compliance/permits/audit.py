"""What the service's own role could have written itself about permits and reversals, named by what it lacks.

That role can add rows (D1). It has no key: a permit that it invents is not signed. A use or a reversal that
it invents was never told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import BEFORE_ALL
from chassis.inbox import INBOX_RETENTION_DAYS
from compliance.permits.domain import Permit
from compliance.permits.signing import PermitKeys
from compliance.permits.tables import permits

#: Permits read at a time.
BATCH = 500


class Forgery(StrEnum):
    """What is wrong with a row."""

    PERMIT_NOT_SIGNED = "permit_not_signed"
    PERMIT_WITHOUT_FACT = "permit_without_fact"
    USE_WITHOUT_FACT = "use_without_fact"
    REVOCATION_WITHOUT_FACT = "revocation_without_fact"
    REVERSAL_WITHOUT_FACT = "reversal_without_fact"
    REVERSAL_FACT_WITHOUT_ROW = "reversal_fact_without_row"
    REPORT_WITHOUT_INBOX = "report_without_inbox"


@dataclass(frozen=True)
class Suspicion:
    """One row that cannot be explained, by its id."""

    forgery: Forgery
    id: UUID


#: An inbox row is kept for a time (N3); a report of before is past this question.
ALONE = text("""
WITH told AS (
    SELECT type, CAST(data AS jsonb) AS data FROM fact
    WHERE topic = 'compliance.permits.v1' OR type = 'compliance.sale.reversed.v1'
)
SELECT 'permit_without_fact' AS forgery, p.id FROM permits p WHERE NOT EXISTS (
    SELECT FROM told t WHERE t.type = 'compliance.permit.issued.v1'
        AND t.data ->> 'permit_id' = CAST(p.id AS text) AND t.data ->> 'token' = p.token)
UNION ALL
SELECT 'use_without_fact', e.permit_id FROM permit_endings e WHERE e.kind = 'USED' AND NOT EXISTS (
    SELECT FROM told t WHERE t.type = 'compliance.permit.used.v1'
        AND t.data ->> 'permit_id' = CAST(e.permit_id AS text) AND t.data ->> 'order_id' = e.order_id)
UNION ALL
SELECT 'revocation_without_fact', e.permit_id FROM permit_endings e WHERE e.kind = 'REVOKED' AND NOT EXISTS (
    SELECT FROM told t WHERE t.type = 'compliance.permit.revoked.v1'
        AND t.data ->> 'permit_id' = CAST(e.permit_id AS text)
        AND t.data ->> 'reversal_id' = CAST(e.reversal_id AS text))
UNION ALL
SELECT 'reversal_without_fact', r.id FROM sale_reversals r WHERE NOT EXISTS (
    SELECT FROM told t WHERE t.type = 'compliance.sale.reversed.v1'
        AND t.data ->> 'reversal_id' = CAST(r.id AS text) AND t.data ->> 'sale_id' = CAST(r.sale_id AS text))
UNION ALL
SELECT 'reversal_fact_without_row', CAST(t.data ->> 'reversal_id' AS uuid) FROM told t
WHERE t.type = 'compliance.sale.reversed.v1' AND NOT EXISTS (
    SELECT FROM sale_reversals r WHERE CAST(r.id AS text) = t.data ->> 'reversal_id')
UNION ALL
SELECT 'report_without_inbox', r.id FROM order_reports r
WHERE r.reported_at > :since AND NOT EXISTS (
    SELECT FROM inbox i WHERE i.source = r.source AND i.id = r.fact_id)
""")


async def suspicions(session: AsyncSession, keys: PermitKeys, at: datetime) -> list[Suspicion]:
    """Every permit that no key of ours has signed, every row that stands alone; empty: all explained."""
    since = at - timedelta(days=INBOX_RETENTION_DAYS)
    rows = await session.execute(ALONE, {"since": since})
    found = [Suspicion(Forgery(row.forgery), row.id) for row in rows]
    after = BEFORE_ALL
    while page := await _page(session, after):
        found += [
            Suspicion(Forgery.PERMIT_NOT_SIGNED, permit.id)
            for permit in page
            if not keys.signed(permit.token, permit.key_id, permit.content())
        ]
        after = page[-1].id
        session.expunge_all()
    return found


async def _page(session: AsyncSession, after: UUID) -> list[Permit]:
    statement = select(Permit).where(permits.c.id > after).order_by(permits.c.id).limit(BATCH)
    return list(await session.scalars(statement))
