"""What a rule says where two of its limbs refuse alike, and only the answer shows which of them did.

A fact that is not known is named as missing, so that the rule which owns it answers for it.
"""

from collections.abc import Sequence

from compliance.rulebook.facts import ProductOrigin
from compliance.rulebook.party_facts import PartyRole
from services.compliance.tests.gate.borders_of_footage import shot
from services.compliance.tests.gate.borders_of_offerings import ACCEPTED
from services.compliance.tests.gate.borders_of_transactions import REDEEMED, holding
from services.compliance.tests.gate.changes import (
    AGENCY,
    FOREIGN,
    INSURED,
    MOMENT,
    Change,
    customer,
    decided,
    part,
    product,
    together,
    whole,
)
from services.compliance.tests.gate.taking_part import acting, paper, presented, signed, unsigned

STALE = whole(staffing_fresh=False)
UNRATED = product(bank_level=None)
UNASSESSED = whole(assessment=None)
UNSEEN = whole(recordings=(), footage=None)
HELD_BEFORE = together(REDEEMED, holding(own=None, logged_here=False))

#: The rule's function, a change of the good sale, and all that the function says then.
SAID: Sequence[tuple[str, Change, Sequence[str]]] = (
    (
        "sale.authority_holds.v1",
        together(acting(PartyRole.GUARDIAN, paper(kinds=("WEALTH",))), whole(product=None)),
        ["AUTHORITY_MISSING product"],
    ),
    (
        "sale.presenters_qualified.v1",
        together(presented(), STALE),
        ["PRESENTER_NOT_QUALIFIED staffing_fresh"],
    ),
    (
        "sale.presenters_qualified.v1",
        together(part("seller.qualifications", kind="AGENCY_FUND"), presented()),
        ["PRESENTER_NOT_QUALIFIED/none"],
    ),
    ("sale.presenters_qualified.v1", presented(known=False), ["PRESENTER_NOT_QUALIFIED"]),
    ("sale.presenters_trained.v1", presented(known=False), ["PRESENTER_NOT_TRAINED parties.presenters"]),
    (
        "sale.presenters_trained.v1",
        together(presented(), whole(product=None)),
        ["PRESENTER_NOT_TRAINED product"],
    ),
    (
        "sale.presenters_trained.v1",
        presented(preparation=None),
        ["PRESENTER_NOT_TRAINED parties.presenters.seller.preparation"],
    ),
    ("sale.company_signed.v1", unsigned(), ["SIGNATORY_MISSING/none"]),
    ("sale.company_signed.v1", signed(last=-1), ["RESOLUTION_MISSING/over"]),
    ("sale.company_signed.v1", signed(first=1, last=2), ["RESOLUTION_MISSING/early"]),
    ("sale.company_signed.v1", signed(currency="USD"), ["RESOLUTION_EXCEEDED/currency"]),
    ("sale.company_signed.v1", signed(more=-1), ["RESOLUTION_EXCEEDED"]),
    ("sale.company_signed.v1", signed(document=FOREIGN), ["RESOLUTION_MISSING"]),
    ("sale.in_system.v1", together(AGENCY, whole(entry_mode=None)), ["OFF_SYSTEM_SALE entry_mode"]),
    (
        "sale.product_admitted.v1",
        together(AGENCY, part("product", partner_id=None)),
        ["ADMISSION_PENDING partner"],
    ),
    (
        "sale.opinion_given.v1",
        part("assessment", level=None),
        ["MATCHING_OPINION_MISSING assessment.level"],
    ),
    ("sale.opinion_matches.v1", UNRATED, ["REMATCH_REQUIRED product.bank_level"]),
    (
        "sale.old_age_reviewed.v2",
        together(INSURED, customer(age=66), ACCEPTED),
        ["INSURANCE_ELDERLY_REVIEW product.benefit_certain"],
    ),
    (
        "sale.first_assessed_at_outlet.v2",
        part("assessment", place=None),
        ["FIRST_ASSESSMENT_NOT_AT_OUTLET assessment.place"],
    ),
    ("sale.product_listed.v1", part("product", status=None), ["PRODUCT_NOT_LISTED product.status"]),
    ("sale.product_graded.v1", UNRATED, ["PRODUCT_RISK_LEVEL_MISSING product.bank_level"]),
    ("sale.recorder_working.v1", part("zone", recorders=None), ["RECORDER_UNAVAILABLE zone.recorders"]),
    ("sale.recorder_working.v1", part("zone", recorders=()), ["RECORDER_UNAVAILABLE/none"]),
    (
        "sale.seller_qualified.v1",
        part("seller.qualifications", suspended_at=decided(-MOMENT)),
        ["SALESPERSON_NOT_QUALIFIED/suspended"],
    ),
    (
        "sale.seller_qualified.v1",
        part("seller.qualifications", kind="AGENCY_FUND"),
        ["SALESPERSON_NOT_QUALIFIED/none"],
    ),
    ("sale.own_staff.v1", part("seller", employer=None), ["OUTSIDER_MARKETING seller.employer"]),
    ("sale.level_suits.v1", UNRATED, ["RISK_LEVEL_MISMATCH product.bank_level"]),
    (
        "sale.level_suits.v1",
        product(origin=ProductOrigin.AGENCY, bank_level=None),
        ["RISK_LEVEL_MISMATCH product.issuer_level"],
    ),
    ("sale.level_suits.v1", UNASSESSED, ["RISK_LEVEL_MISMATCH assessment"]),
    ("sale.level_suits.v1", part("assessment", level=None), ["RISK_LEVEL_MISMATCH assessment.level"]),
    (
        "sale.level_suits.v1",
        together(UNRATED, UNASSESSED),
        ["RISK_LEVEL_MISMATCH product.bank_level assessment"],
    ),
    ("sale.recording_complete.v1", UNSEEN, ["RECORDING_SEGMENT_MISSING recording"]),
    ("sale.recording_whole.v1", UNSEEN, []),
    ("sale.recording_whole.v1", shot(), ["RECORDING_INTERRUPTED footage"]),
    ("sale.remote_enabled.v1", UNSEEN, []),
    ("sale.remote_enabled.v1", shot(), ["REMOTE_RECORDING_NOT_ENABLED footage"]),
    (
        "sale.remote_enabled.v1",
        part("footage.takes", channel=None),
        ["REMOTE_RECORDING_NOT_ENABLED footage"],
    ),
    ("sale.key_points_current.v1", UNSEEN, ["KEY_POINTS_OUTDATED recording"]),
    (
        "sale.zone_ready.v1",
        part("zone.checklist", zone_sign=None),
        ["ZONE_NOT_READY zone.checklist.zone_sign"],
    ),
    ("sale.holding_on_record.v1", HELD_BEFORE, ["HOLDING_NOT_ON_RECORD"]),
    ("sale.holding_on_record.v1", together(HELD_BEFORE, holding(own=True)), []),
    ("sale.holding_on_record.v1", together(HELD_BEFORE, holding(logged_here=True)), []),
)
