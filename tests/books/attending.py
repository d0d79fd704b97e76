"""What may be wrong with who takes part in a sale: values of its members, each tried by both readings."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from compliance.rulebook.party_facts import (
    AccountFacts,
    AssistanceFacts,
    AuthorityFacts,
    CallBackFacts,
    HolderFacts,
    Identification,
    PartyFacts,
    PartyRole,
    PresenterFacts,
    ResolutionFacts,
)
from compliance.rulebook.seller_facts import AlertFacts, AlertKind
from services.compliance.tests.unit.builders import (
    ASSESSMENT,
    CUSTOMER,
    NOW,
    PREPARATION,
    QUALIFICATION,
    SALE,
    SELLER,
    an_id,
)

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
PERSON, PAPER, ACCOUNT = an_id(90), an_id(91), an_id(92)
BEFORE, TODAY, AFTER = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)

AUTHORITY = AuthorityFacts(document_id=PAPER, product_kinds=None, valid_from=BEFORE, valid_until=AFTER)
AUTHORITIES = (
    None,
    AUTHORITY,
    *(replace(AUTHORITY, valid_from=first) for first in (TODAY, AFTER)),
    *(replace(AUTHORITY, valid_until=last) for last in (TODAY, BEFORE)),
    *(replace(AUTHORITY, product_kinds=kinds) for kinds in (("WEALTH",), ("FUND", "TRUST"))),
)


def party(role: PartyRole, authority: AuthorityFacts | None = None, **given: Any) -> PartyFacts:
    """Somebody who takes part."""
    known: dict[str, Any] = {"person_id": PERSON, "identified_by": Identification.ID_DOCUMENT} | given
    return PartyFacts(party_id=an_id(93), role=role, authority=authority, identified_at=NOW - SECOND, **known)


PRINCIPAL = party(PartyRole.PRINCIPAL, person_id=CUSTOMER)
PITCHED = (party(PartyRole.PRESENTER),)
DECLARED: tuple[tuple[PartyFacts, ...], ...] = (
    *((party(role),) for role in PartyRole),
    *((PRINCIPAL, party(PartyRole.AGENT, one)) for one in AUTHORITIES),
    *((party(PartyRole.SIGNATORY, one),) for one in AUTHORITIES),
    (party(PartyRole.PRESENTER), party(PartyRole.APPROVER)),
    (party(PartyRole.OPERATOR), party(PartyRole.APPROVER)),
    (party(PartyRole.PRESENTER, person_id=SELLER),),
    (party(PartyRole.APPROVER, person_id=SELLER),),
)

assert SALE.seller is not None
COLLEAGUE = replace(SALE.seller, seller_id=PERSON)
PRESENTER = PresenterFacts(person_id=PERSON, seller=COLLEAGUE, alerts=())
ALERT = AlertFacts(alert_id=an_id(94), kind=AlertKind.ILLEGAL_FUNDRAISING, raised_at=NOW - DAY)
PRESENTERS = (
    (PRESENTER,),
    (replace(PRESENTER, seller=None),),
    (replace(PRESENTER, alerts=(ALERT,)),),
    (replace(PRESENTER, seller=replace(COLLEAGUE, employer="insurer")),),
    (replace(PRESENTER, seller=replace(COLLEAGUE, qualifications=())),),
    (replace(PRESENTER, seller=replace(COLLEAGUE, preparation=None)),),
    (replace(PRESENTER, seller=replace(COLLEAGUE, preparation=replace(PREPARATION, trainings=()))),),
    (
        replace(
            PRESENTER,
            seller=replace(COLLEAGUE, qualifications=(replace(QUALIFICATION, valid_until=BEFORE),)),
        ),
    ),
)

WIFE = HolderFacts(customer_id=PERSON, assessment=replace(ASSESSMENT, customer_id=PERSON))
JOINT = AccountFacts(
    account_id=ACCOUNT,
    version=1,
    closed=False,
    required=1,
    holders=(HolderFacts(customer_id=CUSTOMER, assessment=None), WIFE),
)


def held(**changes: Any) -> AccountFacts:
    """The account whose other holder was assessed otherwise."""
    wife = replace(ASSESSMENT, customer_id=PERSON, **changes)
    return replace(JOINT, holders=(JOINT.holders[0], replace(WIFE, assessment=wife)))


ACCOUNTS = (
    JOINT,
    replace(JOINT, closed=True),
    replace(JOINT, required=2),
    replace(JOINT, holders=(JOINT.holders[0], replace(WIFE, assessment=None))),
    replace(JOINT, holders=(WIFE, WIFE)),
    *(held(level=level) for level in (None, 1, 2, 4, 5)),
    held(level_before=2, level_confirmed_at=None),
    held(level_before=2, level_confirmed_at=NOW),
    held(change_reported_at=NOW),
    held(completed_at=NOW),
    held(completed_at=NOW - 365 * DAY),
    held(completed_at=NOW - 366 * DAY),
)

RESOLUTION = ResolutionFacts(
    document_id=PAPER,
    signatory_id=PERSON,
    resolved_on=BEFORE,
    valid_until=AFTER,
    limit_minor=SALE.amount_minor,
    currency=SALE.currency,
    used_minor=0,
)
RESOLUTIONS = (
    (RESOLUTION,),
    (replace(RESOLUTION, signatory_id=CUSTOMER),),
    (replace(RESOLUTION, document_id=an_id(95)), RESOLUTION),
    (replace(RESOLUTION, used_minor=1),),
    (replace(RESOLUTION, used_minor=1), replace(RESOLUTION, valid_until=BEFORE)),
    (replace(RESOLUTION, currency="USD"),),
    (replace(RESOLUTION, valid_until=TODAY),),
    (replace(RESOLUTION, valid_until=BEFORE),),
    (replace(RESOLUTION, resolved_on=AFTER),),
)

CALL = CallBackFacts(at=NOW, confirmed=True, independent=True)
DONE = AssistanceFacts(read_aloud_at=NOW, thumbprint_at=NOW, call_back=CALL)
ASSISTANCE = (
    DONE,
    replace(DONE, read_aloud_at=NOW + SECOND),
    replace(DONE, thumbprint_at=None),
    *(
        replace(DONE, call_back=one)
        for one in (
            None,
            replace(CALL, at=NOW + SECOND),
            replace(CALL, confirmed=False),
            replace(CALL, independent=False),
        )
    ),
)

#: By member of the parties.
VALUES: dict[str, tuple[Any, ...]] = {
    "declared": DECLARED,
    "presenters": PRESENTERS,
    "on_both_sides": ((PERSON,),),
    "holds_jointly": (True,),
    "account_stated": (True,),
    "account_id": (ACCOUNT,),
    "account": ACCOUNTS,
    "resolutions": RESOLUTIONS,
    "assistance": ASSISTANCE,
}
