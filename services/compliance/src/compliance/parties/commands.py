"""Use cases of who takes part in a case, and what the gate holds and reads of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.reads import Found
from compliance.cases.commands import lock_case
from compliance.cases.domain import SaleCase
from compliance.customers.queries import assessed, subjects_of
from compliance.mandates.domain import Resolution, account_facts
from compliance.mandates.queries import (
    HELD_JOINTLY,
    account,
    holders_of,
    named_resolutions,
    terms_now,
)
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
)
from compliance.parties.queries import ASSISTANCE, STATED_ACCOUNTS, declared, used_minor
from compliance.rulebook.party_facts import (
    AccountFacts,
    HolderFacts,
    PartiesFacts,
    PartyRole,
    PresenterFacts,
)
from compliance.sellers.domain import Seller
from compliance.sellers.queries import ALERTS, standing

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
    """Whom a decision holds, by what the case said before its own lock."""

    account_id: UUID | None
    holders: tuple[UUID, ...]
    sellers: frozenset[UUID]
    documents: frozenset[UUID]

    def customers(self, case: SaleCase) -> list[UUID]:
        """The customers whose heads are held."""
        return sorted({case.customer_id, *self.holders})


async def named_parties(session: AsyncSession, case: SaleCase, found: Found) -> Held:
    """G1: whose heads a decision on the case locks, of what :data:`TAKING_PART` found."""
    stated = found.one(STATED_ACCOUNTS, case.id)
    account_id = None if stated is None else stated.account_id
    taking_part = declared(found, case.id)
    return Held(
        account_id=account_id,
        holders=() if account_id is None else tuple(await holders_of(session, account_id)),
        sellers=people(taking_part, of_bank=True) | {case.seller_id},
        documents=_documents(taking_part),
    )


async def hold_resolutions(session: AsyncSession, held: Iterable[Held]) -> None:
    """G1: keeps what is left of the companies' resolutions to ourselves; before any head."""
    for document_id in sorted({document for one in held for document in one.documents}):
        await session.execute(LOCK_RESOLUTION, {"document_id": str(document_id)})


def _documents(declared: tuple[Party, ...]) -> frozenset[UUID]:
    return frozenset(
        party.authority_id
        for party in declared
        if party.role is PartyRole.SIGNATORY and party.authority_id is not None
    )


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What was found behind the locks, about a case and the sellers who were held for it."""

    session: AsyncSession
    case: SaleCase
    held: Held
    sellers: Mapping[UUID, Seller | None]
    found: Found
    at: datetime


async def party_facts(
    session: AsyncSession, case: SaleCase, held: Held, found: Found, at: datetime
) -> PartiesFacts:
    """What the gate may rest on at ``at``, of what was found behind the lock of the case.

    What the case has gained since it was held is not held: it counts as unknown.
    """
    taking_part, stated = declared(found, case.id), found.one(STATED_ACCOUNTS, case.id)
    sellers = {one: standing(found, one) for one in held.sellers}
    known = _Known(session=session, case=case, held=held, sellers=sellers, found=found, at=at)
    return PartiesFacts(
        declared=tuple(party.facts() for party in taking_part),
        presenters=_presenters(known, taking_part),
        on_both_sides=await _on_both_sides(known, taking_part),
        holds_jointly=bool(found.of(HELD_JOINTLY, case.customer_id)),
        account_stated=stated is not None,
        account_id=None if stated is None else stated.account_id,
        account=await _account(known, stated),
        resolutions=tuple(
            [one.facts(await used_minor(session, one)) for one in await _resolutions(known, taking_part)]
        ),
        assistance=assistance_facts(found.of(ASSISTANCE, case.id), _sold_by(known, taking_part)),
    )


def _presenters(known: _Known, declared: tuple[Party, ...]) -> tuple[PresenterFacts, ...]:
    found = []
    presenting = {party.person_id for party in declared if party.role is PartyRole.PRESENTER}
    for person in sorted(presenting - {known.case.seller_id}):
        seller = known.sellers.get(person)
        found.append(
            PresenterFacts(
                person_id=person,
                seller=None if seller is None else seller.standing(known.at),
                alerts=tuple(alert.facts() for alert in known.found.of(ALERTS, person)),
            )
        )
    return tuple(found)


async def _on_both_sides(known: _Known, declared: tuple[Party, ...]) -> tuple[UUID, ...]:
    """Who stands with the customer and with the bank: under one id, or with one token."""
    case = known.case
    others, ours = people(declared, of_bank=False), people(declared, of_bank=True) | {case.seller_id}
    if not others:
        return ()
    subjects = {seller.subject for seller in known.sellers.values() if seller is not None}
    tokens = await subjects_of(known.session, others - {case.customer_id})
    same = {person for person, subject in tokens.items() if subject in subjects | {case.opened_by}}
    return tuple(sorted((others & ours) | same))


async def _account(known: _Known, stated: CaseAccount | None) -> AccountFacts | None:
    account_id = known.held.account_id
    if stated is None or account_id is None or stated.account_id != account_id:
        return None
    holders = [
        HolderFacts(customer_id=one, assessment=assessed(known.found, one)) for one in known.held.holders
    ]
    joint = await account(known.session, account_id)
    return account_facts(joint, await terms_now(known.session, account_id), holders)


async def _resolutions(known: _Known, declared: tuple[Party, ...]) -> list[Resolution]:
    wanted = _documents(declared) & known.held.documents
    if not wanted:
        return []
    return await named_resolutions(known.session, known.case.customer_id, wanted)


def _sold_by(known: _Known, declared: tuple[Party, ...]) -> frozenset[str] | None:
    """The subjects of everybody who sold; None where one of them is not held."""
    case, sellers = known.case, known.sellers
    selling = {party.person_id for party in declared if party.role in SELLING_ROLES} | {case.seller_id}
    if not selling <= sellers.keys():
        return None
    subjects = [sellers[person] for person in selling]
    return frozenset({case.opened_by} | {one.subject for one in subjects if one is not None and one.subject})
