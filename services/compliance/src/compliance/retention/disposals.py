"""Use cases of disposal: decide, authorise, and only after that is committed remove the bytes.

::

    request_disposal     commits the decision; when it passed, the certificate and DISPOSING
    finish_disposal      with the head locked: judges again, removes the bytes, commits DISPOSED

Whatever dies in between, :func:`complete_disposals` takes up what was begun. A hold comes before the first
byte goes, and wins, or it finds the head locked until the last one is gone. Nothing that stands in a row is
believed: the rules are asked again, and the certificate must be that of the sealed manifest.
"""

import asyncio
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import ServiceError, check_version
from chassis.ids import new_id
from chassis.outbox import record
from chassis.service import Job
from chassis.settings import Settings
from chassis.telemetry import JOB_FAILURES
from compliance.evidence.domain import DisposalCertificate
from compliance.evidence.store import CertificateMismatch, EvidenceStore
from compliance.recordings.storage import evidence_store
from compliance.retention import clocks, queries
from compliance.retention.domain import Ending, RetentionCase, RetentionState
from compliance.retention.events import DisposalWithdrawn, RecordingDisposed
from compliance.retention.heads import KeptHead, lock_head, sealed_of
from compliance.retention.release import shipped_release
from compliance.retention.tables import (
    disposal_attempts,
    disposal_certificates,
    disposal_endings,
    retention_dates,
)
from compliance.rulebook.commands import keep_release
from compliance.rulebook.decisions import Decision

log = structlog.get_logger()

#: Findings that pass by themselves: an authorised disposal waits for their end.
PASSING = frozenset({"REGISTER_STALE", "CLOCK_UNTRUSTED"})
UNDER_WAY_MAX = 100


async def request_disposal(
    session: AsyncSession,
    clock: Clock,
    recording_id: UUID,
    expected_version: int,
    *,
    by: str,
    settings: Settings,
) -> tuple[UUID, Decision, KeptHead]:
    """Decides on the disposal of a recording; the decision is on record either way (T1).

    Answers the attempt's id, the decision and the head. Raises ``ObjectNotFound``, ``StaleVersion``,
    ``RecordingNotSealed``, ``LegacyRecordingNotStored``, ``AlreadyDisposed``.
    """
    head = await lock_head(session, recording_id)
    now = clock.now()
    check_version(head.version, expected_version)
    manifest = await sealed_of(session, head)
    case = await queries.case(session, recording_id)
    attempt_id = new_id()
    decision, fact = case.authorise_disposal(
        head,
        manifest,
        shipped_release(),
        attempt_id=attempt_id,
        by=by,
        at=now,
        clock_trusted=await clocks.is_trusted(session, now),
        holds_fresh=await queries.holds_fresh(session, now, settings),
    )
    await keep_release(session, now, shipped_release())
    await session.execute(
        insert(disposal_attempts).values(
            id=attempt_id,
            recording_id=recording_id,
            result=decision.result,
            requested_by=by,
            decided_at=now,
            release=decision.release,
            digest=decision.digest,
            decision=decision.plain,
        )
    )
    if decision.passed and case.certificate is not None:
        head.begin_disposal()
        await _keep_certificate(session, decision, case.certificate)
    await record(session, fact)
    return attempt_id, decision, head


async def finish_disposal(
    session: AsyncSession, clock: Clock, recording_id: UUID, store: EvidenceStore, settings: Settings
) -> Ending | None:
    """Ends a disposal that was authorised; None when there is none, or while it has to wait.

    Taken back when anything stands against it and no byte is gone. Raises ``CertificateMismatch``,
    ``EvidenceStoreFailed``; the disposal is then still under way.
    """
    head = await lock_head(session, recording_id)
    now, case = clock.now(), await queries.case(session, recording_id)
    if case.state is not RetentionState.DISPOSING or case.certificate is None:
        return None
    manifest = await sealed_of(session, head)
    if (case.certificate.recording_id, case.certificate.objects) != (recording_id, manifest.objects):
        raise CertificateMismatch
    # The store keeps the certificate before the first byte goes; from there on nothing can be taken back.
    if await asyncio.to_thread(store.certificate, recording_id) is None:
        codes = await _codes_against(session, now, case, settings)
        if codes and codes <= PASSING:
            return None
        if codes:
            return await _withdraw(session, now, head, case)
    await asyncio.to_thread(store.delete, case.certificate)
    disposed = case.complete_disposal(head, now)
    head.complete_disposal()
    await _keep_ending(session, disposed, Ending.DISPOSED)
    await record(session, disposed)
    return Ending.DISPOSED


async def complete_disposals(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """The job: ends one disposal that is under way; says whether one was ended."""
    store = evidence_store(settings)
    for recording_id in await queries.disposals_under_way(session, UNDER_WAY_MAX):
        try:
            ending = await finish_disposal(session, clock, recording_id, store, settings)
        except ServiceError as failed:
            JOB_FAILURES.labels("complete_disposals").inc()
            log.error("disposal cannot be completed", recording_id=str(recording_id), code=failed.code)
            continue
        if ending is not None:
            log.info("disposal ended", recording_id=str(recording_id), ending=ending.value)
            return True
    return False


#: Takes up what was begun; also what the command line runs.
completion = Job(name="complete_disposals", seconds=2, run=complete_disposals)


async def _codes_against(
    session: AsyncSession, now: datetime, case: RetentionCase, settings: Settings
) -> set[str]:
    decision = case.judge(
        shipped_release(),
        now,
        clock_trusted=await clocks.is_trusted(session, now),
        holds_fresh=await queries.holds_fresh(session, now, settings),
    )
    return {finding.code for outcome in decision.outcomes for finding in outcome.findings}


async def _withdraw(session: AsyncSession, now: datetime, head: KeptHead, case: RetentionCase) -> Ending:
    withdrawn = case.withdraw_disposal(head, now)
    head.withdraw_disposal()
    await _keep_ending(session, withdrawn, Ending.WITHDRAWN)
    await record(session, withdrawn)
    # What came while it was under way has not moved the last day yet.
    dated = case.reckon(head, shipped_release(), now)
    if dated is not None:
        await session.execute(
            insert(retention_dates).values(
                recording_id=dated.recording_id,
                recording_version=dated.version,
                retain_until=dated.retain_until,
                rules=dated.rules,
                dated_at=now,
            )
        )
        await record(session, dated)
    return Ending.WITHDRAWN


async def _keep_certificate(
    session: AsyncSession, decision: Decision, certificate: DisposalCertificate
) -> None:
    await session.execute(
        insert(disposal_certificates).values(
            id=certificate.certificate_id,
            recording_id=certificate.recording_id,
            result=decision.result,
            retain_until=certificate.retain_until,
            authorised_at=certificate.authorised_at,
            digest=certificate.digest,
            certificate=certificate,
        )
    )


async def _keep_ending(
    session: AsyncSession, fact: DisposalWithdrawn | RecordingDisposed, ending: Ending
) -> None:
    await session.execute(
        insert(disposal_endings).values(
            certificate_id=fact.certificate_id,
            recording_id=fact.recording_id,
            recording_version=fact.version,
            ending=ending,
            ended_at=fact.occurred_at,
        )
    )
