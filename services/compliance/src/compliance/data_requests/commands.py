"""Use cases of customers' requests. Each is decided behind the customer's lock, on what stands then."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.customers.commands import lock_customer
from compliance.data_requests import queries
from compliance.data_requests.domain import DataRequest, RejectionReason, RequestKind
from compliance.periods.domain import legal_date
from compliance.personal_data.commands import erase_personal_data, record_accesses
from compliance.personal_data.domain import Access, AccessKind, PersonalField, UsePurpose, masked
from compliance.personal_data.queries import opened, written_since
from compliance.personal_data.sealing import Keyring
from compliance.profiles.commands import erase_profile
from compliance.profiles.domain import EndReason
from compliance.rulebook.privacy import DeletionFacts, KeptEvidence
from compliance.rulebook.registers import deletion_violations


@dataclass(frozen=True)
class Copied:
    """What the bank holds on the customer: his fields, and the evidence of his sales with its last days."""

    fields: dict[PersonalField, str]
    evidence: tuple[KeptEvidence, ...]


async def open_request(
    session: AsyncSession,
    clock: Clock,
    *,
    customer_id: UUID,
    kind: RequestKind,
    fields: Collection[PersonalField],
    by: str,
) -> DataRequest:
    """Takes a customer's request. Raises ``ObjectNotFound``, ``CorrectionFieldsWrong``."""
    await lock_customer(session, customer_id, share=True)
    request = DataRequest.open(
        new_id(), customer_id=customer_id, kind=kind, fields=fields, by=by, at=clock.now()
    )
    session.add(request)
    return request


async def complete_request(
    session: AsyncSession, clock: Clock, request: DataRequest, expected_version: int, *, by: str
) -> DataRequest:
    """Answers a correction that was made, or a deletion: done, or refused by the rules (PRI-06).

    Raises ``StaleVersion``, ``RequestAnswered``, ``CorrectionNotMade``.
    """
    customer = await lock_customer(session, request.customer_id)
    await session.refresh(request)
    check_version(request.version, expected_version)
    request.must_be_open()
    if request.kind is RequestKind.CORRECT:
        made = await written_since(session, customer.id, request.fields, request.requested_at)
        request.correct(made=made, by=by, at=clock.now())
        return request
    kept = await queries.kept_evidence(session, clock, customer.id, locked=True)
    at = clock.now()
    facts = DeletionFacts(on=legal_date(at), kept=kept)
    if violations := deletion_violations(facts, facts.on):
        request.refuse(violations, facts.kept_until, by=by, at=at)
        return request
    await erase_personal_data(session, customer)
    await erase_profile(session, clock, customer, EndReason.ERASED)
    request.done(by=by, at=at)
    return request


async def reject_request(
    session: AsyncSession,
    clock: Clock,
    request: DataRequest,
    expected_version: int,
    reason: RejectionReason,
    *,
    by: str,
) -> DataRequest:
    """Answers that a correction is not made.

    Raises ``StaleVersion``, ``RequestAnswered``, ``RejectionNotAllowed``.
    """
    await lock_customer(session, request.customer_id)
    await session.refresh(request)
    check_version(request.version, expected_version)
    request.reject(reason, by=by, at=clock.now())
    return request


async def copy_data(
    session: AsyncSession, clock: Clock, keys: Keyring, request: DataRequest, *, in_clear: bool, by: str
) -> Copied:
    """The personal fields and the evidence kept: in clear for a COPY to the customer himself, on record.

    ``in_clear`` False, and an ACCESS: masked. A guardian sees masks: one seller's word made him one (PRI-10).

    Raises ``NothingToCopy``, ``AccessUnlogged``, ``SealUnreadable``.
    """
    request.must_be_granted()
    await lock_customer(session, request.customer_id, share=True)
    evidence = await queries.kept_evidence(session, clock, request.customer_id)
    every = tuple(PersonalField)
    if request.kind is RequestKind.ACCESS or not in_clear:
        fields = await opened(session, keys, request.customer_id, every)
        return Copied({field: masked(field, kept) for field, kept in fields.items()}, evidence)
    access = Access(
        id=new_id(),
        kind=AccessKind.COPY,
        customer_id=request.customer_id,
        accessed_by=by,
        purpose=UsePurpose.DATA_REQUEST,
        matter_id=str(request.id),
        fields=every,
        grant_id=None,
        accessed_at=clock.now(),
    )
    await record_accesses(session, [access])
    return Copied(await opened(session, keys, request.customer_id, every), evidence)
