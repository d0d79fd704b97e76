"""Functions that no rule of today names: decisions that were made by them are replayed by them."""

from compliance.rulebook.domain import Check, NoParameters, PureCheck, Verdict
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.holder_rules import (
    CLASSIFIED,
    MANDATE,
    SIGNED,
    SUITED,
    Holders,
    company_classified,
    company_signed,
    holders_suited,
    mandate_kept,
)


def holders_agree(facts: SaleFacts, parameters: Holders) -> Verdict:
    """INT-JOINT when it asked of the mandate and, where an account pays, of its holders' levels in one."""
    mandate = mandate_kept(facts, NoParameters())
    if any(finding.reason != "few" for finding in mandate.findings):
        return mandate
    return Verdict((*mandate.findings, *holders_suited(facts, parameters).findings))


def company_bound(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-COMPANY when it asked of the signatory and of the kind of investor in one."""
    signed = company_signed(facts, parameters)
    if any(finding.missing for finding in signed.findings):
        return signed
    return Verdict((*signed.findings, *company_classified(facts, parameters).findings))


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck("sale.holders_agree.v1", MANDATE | SUITED, Holders, holders_agree),
    PureCheck("sale.company_bound.v1", SIGNED | CLASSIFIED, NoParameters, company_bound),
)
