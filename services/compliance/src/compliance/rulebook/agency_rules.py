"""Rules of the gate about agency business: partner, admission, system (AGY). Own products pass."""

from dataclasses import dataclass

from compliance.periods.domain import legal_date
from compliance.rulebook.domain import (
    PASS,
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    fail,
    unknown,
)
from compliance.rulebook.facts import (
    ApprovalLevel,
    Authority,
    EntryMode,
    PartnerState,
    ProductFacts,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    SaleFacts,
)


@dataclass(frozen=True, kw_only=True)
class Supervisors:
    """AGY-01: the financial regulators whose licence counts."""

    authorities: tuple[Authority, ...]


def partner_licensed(facts: SaleFacts, parameters: Supervisors) -> Verdict:
    """AGY-01: on the legal day of the sale the partner holds a licence of a financial regulator."""
    code = "PARTNER_NOT_LICENSED"
    if (settled := _settled(facts, code)) is not None:
        return settled
    partner = facts.partner
    if partner is None:
        return unknown(code, "partner")
    if partner.authority not in parameters.authorities:
        return fail(code, "authority")
    day = legal_date(facts.decided_at)
    if day < partner.licence_from:
        return fail(code, "early", first_day=[partner.licence_from.isoformat()])
    if partner.licence_to is not None and day > partner.licence_to:
        return fail(code, "expired", last_day=[partner.licence_to.isoformat()])
    return PASS


def in_system(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """AGY-03: an agency product is sold through the bank's own system."""
    code = "OFF_SYSTEM_SALE"
    if (settled := _settled(facts, code)) is not None:
        return settled
    if facts.entry_mode is None:
        return unknown(code, "entry_mode")
    return PASS if facts.entry_mode is EntryMode.SYSTEM else fail(code)


@dataclass(frozen=True, kw_only=True)
class ListStates:
    """AGY-04: the states in which a partner counts as listed."""

    counts: tuple[PartnerState, ...]


def partner_listed(facts: SaleFacts, parameters: ListStates) -> Verdict:
    """AGY-04: the product's partner stands on the list, and may supply products of this kind."""
    code = "PARTNER_NOT_LISTED"
    if (settled := _settled(facts, code)) is not None:
        return settled
    product, partner = facts.product, facts.partner
    assert product is not None
    if partner is None:
        return unknown(code, "partner")
    if partner.state not in parameters.counts:
        return fail(code, "state", state=[partner.state])
    return PASS if product.kind in partner.kinds else fail(code, "kind", kind=[product.kind])


@dataclass(frozen=True, kw_only=True)
class ApprovalChain:
    """AGY-05: the approvals that every agency product needs, and which ones need the senior management's too.

    ``senior_from_level`` None: no level alone does.
    """

    always: tuple[ApprovalLevel, ...]
    senior_kinds: tuple[ProductKind, ...]
    senior_offerings: tuple[ProductOffering, ...]
    senior_from_level: int | None

    def wanted(self, product: ProductFacts) -> tuple[ApprovalLevel, ...]:
        """The approvals that the product needs as it stands; an unknown offering needs them all."""
        level, least = product.effective_level, self.senior_from_level
        senior = (
            product.kind in self.senior_kinds
            or (bool(self.senior_offerings) and product.offering in {None, *self.senior_offerings})
            or (least is not None and level is not None and level >= least)
        )
        return (*self.always, ApprovalLevel.SENIOR_MANAGEMENT) if senior else self.always


def product_admitted(facts: SaleFacts, parameters: ApprovalChain) -> Verdict:
    """AGY-05: product and partner were examined, and everybody whose approval it needs has given it."""
    code = "ADMISSION_PENDING"
    if (settled := _settled(facts, code)) is not None:
        return settled
    assert facts.product is not None
    if facts.product.partner_id is None:
        return unknown(code, "partner")
    return admission_verdict(facts.product, parameters)


def admission_verdict(product: ProductFacts, chain: ApprovalChain) -> Verdict:
    """AGY-05: what an agency product with a partner still lacks."""
    code, admission = "ADMISSION_PENDING", product.admission
    if admission is None or admission.partner_id != product.partner_id:
        return fail(code, "diligence")
    if admission.rejected:
        return fail(code, "rejected")
    missing = tuple(level.value for level in chain.wanted(product) if level not in admission.approvals)
    if not missing:
        return PASS
    return Verdict((Finding(code=code, reason="approvals", details={"levels": missing}),))


def _settled(facts: SaleFacts, code: str) -> Verdict | None:
    """What settles the matter before any rule of agency business: no product known, or an own one."""
    if facts.product is None:
        return unknown(code, "product")
    return PASS if facts.product.origin is ProductOrigin.OWN else None


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.partner_licensed.v1",
        codes_of("PARTNER_NOT_LICENSED", "authority", early=("first_day",), expired=("last_day",)),
        Supervisors,
        partner_licensed,
    ),
    PureCheck("sale.in_system.v1", codes_of("OFF_SYSTEM_SALE"), NoParameters, in_system),
    PureCheck(
        "sale.partner_listed.v1",
        codes_of("PARTNER_NOT_LISTED", state=("state",), kind=("kind",)),
        ListStates,
        partner_listed,
    ),
    PureCheck(
        "sale.product_admitted.v1",
        codes_of("ADMISSION_PENDING", "diligence", "rejected", approvals=("levels",)),
        ApprovalChain,
        product_admitted,
    ),
)
