"""Every function that a rule of the gate may name: pure, typed, named with a version.

A function whose meaning changes gets a new version beside the old one, because stored decisions are
replayed by name.
"""

from collections.abc import Mapping

from compliance.rulebook import (
    agency_rules,
    buyer_rules,
    customer_rules,
    disclosure_rules,
    fee_rules,
    footage_rules,
    former_rules,
    holder_rules,
    hours_rules,
    insurance_rules,
    offering_rules,
    party_rules,
    product_rules,
    recorder_rules,
    recording_rules,
    seller_rules,
    suitability_rules,
    terminal_rules,
    transaction_rules,
    zone_rules,
)
from compliance.rulebook.domain import Check
from compliance.rulebook.facts import SaleFacts

SALE_CHECKS: Mapping[str, Check[SaleFacts]] = {
    check.name: check
    for rules in (
        customer_rules,
        agency_rules,
        fee_rules,
        product_rules,
        terminal_rules,
        recorder_rules,
        zone_rules,
        recording_rules,
        footage_rules,
        suitability_rules,
        disclosure_rules,
        seller_rules,
        buyer_rules,
        offering_rules,
        insurance_rules,
        party_rules,
        holder_rules,
        transaction_rules,
        former_rules,
        hours_rules,
    )
    for check in rules.CHECKS
}
