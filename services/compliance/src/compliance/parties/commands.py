"""Use cases of who takes part in a case, and what the gate holds and reads of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.cases.commands import lock_case
from compliance.cases.domain import SaleCase
from compliance.customers.commands import customer_facts, lock_customer
from compliance.customers.queries import subjects_of
from compliance.mandates.commands import lock_account
from compliance.mandates.domain import JointAccount, Resolution, account_facts
from compliance.mandates.queries import holders_of, holds_jointly, named_resolutions, terms_now
from compliance.parties.domain import (
    SELLING_ROLES,
    AccountOfOthers,
    Assistance,
    AssistanceKind,
    CaseAccount,
    Declaration,
    Party,
    assistance_facts,
    people,
    standing,
)
from compliance.parties.queries import assistance_in, declared_in, stated_account, used_minor
from compliance.rulebook.party_facts import (
    AccountFacts,
    HolderFacts,
    PartiesFacts,
    PartyRole,
    PresenterFacts,
)
from compliance.sellers.commands import share_seller
from compliance.sellers.domain import Seller
from compliance.sellers.queries import open_alerts

#: What is left of a resolution is asked for by one gate at a time.
LOCK_RESOLUTION = text("SELECT pg_advisory_xact_lock(7107011, hashtext(CAST(:document_id AS text)))")


async def declare_party(
    session: AsyncSession,
    clock: Clock,
    case_id: UUID,
    expected_version: int,
    declared: Declaration,
    *,
    by: str,
) -> tuple[SaleCase, Party]:
    """Records that somebody takes part, who is identified now.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``, ``PartyRoleUnfit``,
    ``IdentificationUnfit``, ``AuthorityInvalid``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    party = Party.declare(new_id(), case, declared, by=by, at=clock.now())
    session.add(party)
    return case, party


async def state_account(
    session: AsyncSession,
    clock: Clock,
    case_id: UUID,
    expected_version: int,
    account_id: UUID | None,
    *,
    by: str,
) -> tuple[SaleCase, CaseAccount]:
    """Records whose money it is.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``, ``AccountOfOthers``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    if account_id is not None and case.customer_id not in await holders_of(session, account_id):
        raise AccountOfOthers(pointer="/account_id")
    at = clock.now()
    stated = CaseAccount(
        id=new_id(),
        case_id=case.id,
        case_version=case.touch(at),
        account_id=account_id,
        stated_by=by,
        stated_at=at,
    )
    session.add(stated)
    return case, stated


async def assist(
    session: AsyncSession,
    clock: Clock,
    case_id: UUID,
    expected_version: int,
    kind: AssistanceKind,
    *,
    evidence_id: UUID | None = None,
    confirmed: bool | None = None,
    by: str,
) -> tuple[SaleCase, Assistance]:
    """Records what was done for a customer who needs it.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    at = clock.now()
    done = Assistance(
        id=new_id(),
        case_id=case.id,
        case_version=case.touch(at),
        kind=kind,
        evidence_id=evidence_id,
        confirmed=confirmed,
        recorded_by=by,
        recorded_at=at,
    )
    session.add(done)
    return case, done


@dataclass(frozen=True, kw_only=True)
class Held:
    """Whom a decision holds, by what the case said at ``case_version``, before its own lock."""

    case_version: int
    declared: tuple[Party, ...]
    stated: CaseAccount | None
    account: JointAccount | None
    holders: tuple[UUID, ...]
    sellers: Mapping[UUID, Seller | None]
    documents: frozenset[UUID]


async def hold_parties(session: AsyncSession, case: SaleCase, *, share: bool) -> Held:
    """G1: the heads of all customers, the account and all sellers of a case, each kind by id, for reading.

    ``share`` False keeps what is left of a company's resolutions to ourselves.
    """
    version, stated = case.version, await stated_account(session, case.id)
    declared = standing(await declared_in(session, case.id))
    account_id = None if stated is None else stated.account_id
    holders = () if account_id is None else tuple(await holders_of(session, account_id))
    for customer_id in sorted({case.customer_id, *holders}):
        await lock_customer(session, customer_id, share=True)
    account = None if account_id is None else await lock_account(session, account_id, share=True)
    documents = _documents(declared)
    for document_id in sorted(documents) if not share else ():
        await session.execute(LOCK_RESOLUTION, {"document_id": str(document_id)})
    ours = sorted(people(declared, of_bank=True) | {case.seller_id})
    return Held(
        case_version=version,
        declared=declared,
        stated=stated,
        account=account,
        holders=holders,
        sellers={seller_id: await share_seller(session, seller_id) for seller_id in ours},
        documents=documents,
    )


def _documents(declared: tuple[Party, ...]) -> frozenset[UUID]:
    return frozenset(
        party.authority_id
        for party in declared
        if party.role is PartyRole.SIGNATORY and party.authority_id is not None
    )


async def party_facts(session: AsyncSession, case: SaleCase, held: Held, at: datetime) -> PartiesFacts:
    """What the gate may rest on at ``at``, behind the case's lock.

    What the case has gained since it was held is not held: it counts as unknown.
    """
    declared, stated = held.declared, held.stated
    if case.version != held.case_version:
        declared = standing(await declared_in(session, case.id))
        stated = await stated_account(session, case.id)
    return PartiesFacts(
        declared=tuple(party.facts() for party in declared),
        presenters=await _presenters(session, case, declared, held, at),
        on_both_sides=await _on_both_sides(session, case, declared, held),
        holds_jointly=await holds_jointly(session, case.customer_id),
        account_stated=stated is not None,
        account_id=None if stated is None else stated.account_id,
        account=await _account(session, stated, held),
        resolutions=tuple(
            [
                one.facts(await used_minor(session, one))
                for one in await _resolutions(session, case, declared, held)
            ]
        ),
        assistance=assistance_facts(await assistance_in(session, case.id), _sold_by(case, declared, held)),
    )


async def _presenters(
    session: AsyncSession, case: SaleCase, declared: tuple[Party, ...], held: Held, at: datetime
) -> tuple[PresenterFacts, ...]:
    found = []
    presenting = {party.person_id for party in declared if party.role is PartyRole.PRESENTER}
    for person in sorted(presenting - {case.seller_id}):
        seller = held.sellers.get(person)
        alerts = await open_alerts(session, person)
        found.append(
            PresenterFacts(
                person_id=person,
                seller=None if seller is None else seller.standing(at),
                alerts=tuple(alert.facts() for alert in alerts),
            )
        )
    return tuple(found)


async def _on_both_sides(
    session: AsyncSession, case: SaleCase, declared: tuple[Party, ...], held: Held
) -> tuple[UUID, ...]:
    """Who stands with the customer and with the bank: under one id, or with one token."""
    others, ours = people(declared, of_bank=False), people(declared, of_bank=True) | {case.seller_id}
    if not others:
        return ()
    subjects = {seller.subject for seller in held.sellers.values() if seller is not None}
    known = await subjects_of(session, others - {case.customer_id})
    tokens = {person for person, subject in known.items() if subject in subjects | {case.opened_by}}
    return tuple(sorted((others & ours) | tokens))


async def _account(session: AsyncSession, stated: CaseAccount | None, held: Held) -> AccountFacts | None:
    if stated is None or held.account is None or stated.account_id != held.account.id:
        return None
    holders = [
        HolderFacts(customer_id=one, assessment=await customer_facts(session, one)) for one in held.holders
    ]
    return account_facts(held.account, await terms_now(session, held.account.id), holders)


async def _resolutions(
    session: AsyncSession, case: SaleCase, declared: tuple[Party, ...], held: Held
) -> list[Resolution]:
    wanted = _documents(declared) & held.documents
    return await named_resolutions(session, case.customer_id, wanted) if wanted else []


def _sold_by(case: SaleCase, declared: tuple[Party, ...], held: Held) -> frozenset[str] | None:
    """The subjects of everybody who sold; None where one of them is not held."""
    selling = {party.person_id for party in declared if party.role in SELLING_ROLES} | {case.seller_id}
    if not selling <= held.sellers.keys():
        return None
    known = [held.sellers[person] for person in selling]
    return frozenset({case.opened_by} | {one.subject for one in known if one is not None and one.subject})
