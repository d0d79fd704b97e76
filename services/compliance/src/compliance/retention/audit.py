"""What the service's own role could have written itself, named by its missing counterpart.

That role can add rows (D1), so a pay-out, a release or a certificate could be invented in SQL. Each true row
has a counterpart that was written with it: a report its inbox row (N1) and its fact, everything else its fact
at the same version of the recording (R1). Who invents those too is found by the books: they read the topics.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from chassis.inbox import INBOX_RETENTION_DAYS
from compliance.evidence.domain import Plain, from_plain, sha256_of
from compliance.recordings.domain import Recording, RecordingState
from compliance.recordings.queries import listed
from compliance.retention import queries
from compliance.retention.disposal import replay_disposal
from compliance.retention.domain import RetentionState
from compliance.retention.release import FUNCTIONS
from compliance.rulebook.decisions import Decision
from compliance.rulebook.queries import kept_release

CONSUMER = "compliance"


class Forgery(StrEnum):
    """What stands in the books of retention without its counterpart."""

    REPORT_NEVER_RECEIVED = "report_never_received"
    REPORT_WITHOUT_FACT = "report_without_fact"
    HOLD_WITHOUT_FACT = "hold_without_fact"
    RELEASE_WITHOUT_FACT = "release_without_fact"
    RELEASE_WITHOUT_SETTLEMENT = "release_without_settlement"
    COMPLAINT_WITHOUT_HOLD = "complaint_without_hold"
    DATE_WITHOUT_FACT = "date_without_fact"
    CERTIFICATE_WITHOUT_FACT = "certificate_without_fact"
    ENDING_WITHOUT_FACT = "ending_without_fact"
    DECISION_ALTERED = "decision_altered"
    ABANDONMENT_WITHOUT_FACT = "abandonment_without_fact"
    STATE_WITHOUT_DISPOSAL = "state_without_disposal"


@dataclass(frozen=True)
class Suspicion:
    """One row that cannot be explained: its id, or that of its recording."""

    forgery: Forgery
    id: UUID


#: Rows that were written with a fact about their recording, at the version that this fact made.
WITHOUT_FACT = text("""
WITH claim (forgery, id, recording_id, version, type) AS (
    SELECT 'hold_without_fact', id, recording_id, recording_version, 'compliance.recording.hold_placed.v1'
    FROM holds
    UNION ALL
    SELECT 'release_without_fact', h.id, h.recording_id, r.recording_version,
           'compliance.recording.hold_released.v1'
    FROM hold_releases r JOIN holds h ON h.id = r.hold_id
    UNION ALL
    SELECT 'date_without_fact', recording_id, recording_id, recording_version,
           'compliance.recording.retention_dated.v1'
    FROM retention_dates
    UNION ALL
    SELECT 'ending_without_fact', certificate_id, recording_id, recording_version,
           CASE ending WHEN 'DISPOSED' THEN 'compliance.recording.disposed.v1'
                       ELSE 'compliance.recording.disposal_withdrawn.v1' END
    FROM disposal_endings
)
SELECT forgery, id FROM claim WHERE NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.recordings.v1' AND f.key = CAST(claim.recording_id AS text)
        AND f.sequence = claim.version AND f.type = claim.type)
""")

#: Inbox rows are kept for a time (N3); older reports have their fact alone.
UNEXPLAINED = text("""
SELECT 'report_never_received' AS forgery, r.id FROM retention_reports r
WHERE r.reported_at > :since AND NOT EXISTS (
    SELECT FROM inbox i WHERE i.consumer = :consumer AND i.source = r.source AND i.id = r.fact_id)
UNION ALL
SELECT 'report_without_fact', r.id FROM retention_reports r WHERE NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.recordings.v1' AND f.key = CAST(r.id AS text)
        AND f.type = 'compliance.report.taken.v1'
        AND CAST(f.data AS jsonb) ->> 'sale_id' = CAST(r.sale_id AS text)
        AND CAST(f.data AS jsonb) ->> 'kind' = r.kind
        AND CAST(f.data AS jsonb) ->> 'claimed_on' IS NOT DISTINCT FROM CAST(r.claimed_on AS text))
UNION ALL
SELECT 'release_without_settlement', h.id FROM holds h JOIN hold_releases r ON r.hold_id = h.id
WHERE h.source = 'COMPLAINT' AND NOT EXISTS (
    SELECT FROM retention_reports t JOIN retention_sales s ON s.sale_id = t.sale_id
    WHERE s.recording_id = h.recording_id AND t.matter_id = h.matter_id AND t.kind = 'COMPLAINT_ENDED'
        AND t.claimed_on = r.resolved_on)
UNION ALL
SELECT 'complaint_without_hold', t.id
FROM retention_reports t JOIN retention_sales s ON s.sale_id = t.sale_id
WHERE t.kind = 'COMPLAINT_OPENED' AND NOT EXISTS (
    SELECT FROM holds h WHERE h.recording_id = s.recording_id AND h.source = 'COMPLAINT'
        AND h.matter_id = t.matter_id)
UNION ALL
SELECT 'abandonment_without_fact', c.id FROM cases c WHERE c.state = 'ABANDONED' AND NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.cases.v1' AND f.key = CAST(c.id AS text)
        AND f.type = 'compliance.case.abandoned.v1' AND f.sequence = c.version AND f.occurred_at = c.ended_at
        AND CAST(f.data AS jsonb) ->> 'reason' = c.abandoned_for)
UNION ALL
SELECT 'certificate_without_fact', c.id FROM disposal_certificates c WHERE NOT EXISTS (
    SELECT FROM fact f WHERE f.topic = 'compliance.recordings.v1' AND f.key = CAST(c.recording_id AS text)
        AND f.type = 'compliance.recording.disposal_authorised.v1'
        AND CAST(f.data AS jsonb) ->> 'certificate' = c.digest)
""")

ATTEMPTS = text("SELECT id, digest, decision FROM disposal_attempts ORDER BY id")


async def suspicions(session: AsyncSession, now: datetime) -> list[Suspicion]:
    """Everything in the books of retention that has no counterpart; empty when all is explained."""
    since = now - timedelta(days=INBOX_RETENTION_DAYS)
    rows = [
        *await session.execute(WITHOUT_FACT),
        *await session.execute(UNEXPLAINED, {"since": since, "consumer": CONSUMER}),
    ]
    found = [Suspicion(Forgery(row.forgery), row.id) for row in rows]
    found += [
        Suspicion(Forgery.DECISION_ALTERED, row.id)
        for row in await session.execute(ATTEMPTS)
        if not await _is_sound(session, row.digest, row.decision)
    ]
    return found + [
        Suspicion(Forgery.STATE_WITHOUT_DISPOSAL, recording.id)
        for state in (RecordingState.DISPOSING, RecordingState.DISPOSED)
        for recording in await session.scalars(listed(None, state=state))
        if not await _is_explained(session, recording)
    ]


async def _is_sound(session: AsyncSession, digest: str, plain: Plain) -> bool:
    """Whether the decision is what its digest says, and comes out the same again under its release."""
    try:
        decision = from_plain(Decision, plain)
        release = await kept_release(session, decision.release, FUNCTIONS)
        return sha256_of(plain) == digest and replay_disposal(decision, release) == decision
    except (ValueError, ObjectNotFound):
        return False


async def _is_explained(session: AsyncSession, recording: Recording) -> bool:
    """Whether a head that says gone, or going, follows a certificate."""
    case = await queries.case(session, recording.id)
    return case.state is RetentionState(recording.state.value)
