"""Borders of the rules about who takes part: authority, presenters, both sides, holders, companies, needs."""

from collections.abc import Mapping, Sequence

from compliance.rulebook.customer_facts import InvestorClass, LegalForm, Need
from compliance.rulebook.party_facts import AUTHORISED_ROLES, PartyRole
from services.compliance.tests.gate.changes import (
    FOREIGN,
    MOMENT,
    NEVER,
    Border,
    customer,
    decided,
    on_day,
    part,
    product,
    together,
    whole,
)
from services.compliance.tests.gate.taking_part import (
    ACCOUNT,
    AGENT,
    ALERT,
    COMES,
    PERSON,
    READ,
    RIGHTS,
    THIRD,
    THUMB,
    UNGRADED,
    UNKNOWN,
    acting,
    called,
    done,
    holder,
    holding,
    months_ago,
    named,
    needs,
    paper,
    pays,
    presented,
    resolved,
    signed,
    status,
    unassessed,
    unsigned,
    who,
)
from services.compliance.tests.unit.builders import CUSTOMER, SELLER

BORDERS: Mapping[str, Sequence[Border]] = {
    "INT-AUTHORITY": (
        Border(
            held=tuple(acting(role, paper()) for role in sorted(AUTHORISED_ROLES)),
            broken=tuple(acting(role) for role in sorted(AUTHORISED_ROLES)),
            among=(UNKNOWN,),
        ),
        Border(
            held=(acting(AGENT, paper(last=0)), acting(AGENT, paper(first=0))),
            broken=(acting(AGENT, paper(-2, -1)), acting(AGENT, paper(1, 2))),
        ),
        Border(
            held=(acting(AGENT, paper(kinds=("FUND", "WEALTH"))),),
            broken=(acting(AGENT, paper(kinds=("FUND",))),),
            among=(together(acting(AGENT, paper(kinds=("WEALTH",))), whole(product=None)),),
        ),
        Border(
            held=(named(who(PartyRole.PRINCIPAL, CUSTOMER)),),
            broken=(named(who(AGENT, authority=paper())),),
        ),
    ),
    "INT-PRESENTER": (
        Border(
            held=(
                presented(),
                named(who(PartyRole.PRESENTER, SELLER)),
                *(together(right, presented()) for right in RIGHTS),
            ),
            broken=(
                presented(known=False),
                named(who(PartyRole.PRESENTER)),
                presented(employer="insurer"),
                presented(alerts=(ALERT,)),
                presented(qualifications=()),
            ),
            among=(
                UNKNOWN,
                together(presented(), whole(staffing_fresh=False)),
                together(presented(), whole(product=None)),
                together(named(who(PartyRole.PRESENTER)), whole(seller=None)),
            ),
        ),
        Border(
            held=(holding(valid_until=on_day(0)), holding(valid_from=on_day(0))),
            broken=(
                holding(valid_until=on_day(-1)),
                holding(valid_from=on_day(1)),
                holding(revoked_at=decided(NEVER)),
                holding(suspended_at=decided(NEVER)),
            ),
        ),
    ),
    "INT-SIDES": (
        Border(
            held=(named(who(PartyRole.OPERATOR), who(PartyRole.APPROVER, THIRD)),),
            broken=(
                part("parties", on_both_sides=(PERSON,)),
                named(who(PartyRole.OPERATOR), who(PartyRole.APPROVER)),
                named(who(PartyRole.APPROVER, SELLER)),
            ),
            among=(
                UNKNOWN,
                together(presented(), named(who(PartyRole.PRESENTER), who(PartyRole.APPROVER))),
                together(named(who(PartyRole.OPERATOR), who(PartyRole.APPROVER)), whole(seller=None)),
            ),
        ),
    ),
    "INT-JOINT": (
        Border(
            held=(part("parties", holds_jointly=True, account_stated=True),),
            broken=(
                part("parties", holds_jointly=True),
                part("parties", account_stated=True, account_id=ACCOUNT),
                pays(holder(), closed=True),
            ),
            among=(UNKNOWN,),
        ),
        Border(
            held=(
                pays(holder()),
                pays(holder(), required=2, came=(COMES,)),
            ),
            broken=(
                pays(holder(), required=2),
                pays(holder(), required=2, came=(who(PartyRole.JOINT_HOLDER, THIRD),)),
            ),
        ),
    ),
    "INT-HOLDERS": (
        Border(
            held=(
                part("parties", holds_jointly=True, account_stated=True),
                # The customer's own level is SUI-03's.
                together(part("assessment", level=2), pays(holder())),
            ),
            among=(UNKNOWN, pays(unassessed, closed=True), pays(unassessed, required=2)),
        ),
        Border(
            held=(
                pays(holder(completed_at=decided(-MOMENT))),
                pays(holder(completed_at=months_ago(0))),
                pays(holder(level_before=2, level_confirmed_at=decided(NEVER))),
            ),
            broken=(
                pays(unassessed),
                pays(holder(level=None)),
                pays(holder(completed_at=decided(NEVER))),
                pays(holder(completed_at=months_ago(-1))),
                pays(holder(change_reported_at=decided(NEVER))),
                pays(holder(level_before=2)),
            ),
        ),
        Border(
            held=(pays(holder(), holder(THIRD, level=4)),),
            broken=(pays(holder(level=2)), pays(holder(), holder(THIRD, level=2))),
            among=(
                *(together(kind, product(bank_level=None), pays(holder())) for kind in UNGRADED),
                together(pays(holder()), whole(product=None)),
            ),
        ),
    ),
    "INT-COMPANY": (
        Border(
            held=(signed(), customer(legal_form=LegalForm.PERSON)),
            broken=(
                unsigned(),
                signed(document=FOREIGN),
                signed(signatory_id=FOREIGN),
            ),
            among=(
                UNKNOWN,
                whole(customer=None),
                together(signed(), named(who(PartyRole.SIGNATORY))),
            ),
        ),
        Border(
            held=(signed(first=0), signed(last=0), signed(used=1), signed(more=1)),
            broken=(
                signed(first=1, last=2),
                signed(first=-2, last=-1),
                signed(more=-1),
                signed(currency="USD"),
            ),
        ),
        Border(
            held=(signed(resolved(more=-1), resolved()),),
            broken=(signed(resolved(more=-1), resolved(last=-1)),),
        ),
    ),
    "INT-INVESTOR": (
        Border(
            held=(signed(), customer(legal_form=LegalForm.PERSON, investor=None)),
            among=(whole(customer=None), together(unsigned(), customer(investor=None))),
        ),
        Border(
            held=(signed(investor=status(InvestorClass.PROFESSIONAL, 0)),),
            broken=(
                signed(investor=None),
                signed(investor=status(InvestorClass.PROFESSIONAL, -1)),
                signed(investor=status(InvestorClass.QUALIFIED, None)),
            ),
        ),
    ),
    "INT-ASSISTANCE": (
        Border(
            held=(
                *(done(*one, at=decided(NEVER)) for one in (READ, THUMB)),
                together(needs(Need.INTERPRETER), acting(PartyRole.INTERPRETER, paper())),
                together(needs(Need.CALL_BACK), called()),
            ),
            broken=(
                *(needs(one) for one in Need),
                *(done(*one, at=decided(MOMENT)) for one in (READ, THUMB)),
                together(needs(Need.CALL_BACK), called(MOMENT)),
            ),
            among=(UNKNOWN, whole(customer=None)),
        ),
        Border(
            held=(called(independent=False),),
            broken=(called(confirmed=False), together(needs(Need.CALL_BACK), called(independent=False))),
        ),
    ),
}
