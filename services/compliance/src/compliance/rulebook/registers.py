"""The rules that registers keep by themselves, before or beside a sale."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from chassis.errors import Violation
from compliance.periods.domain import legal_date
from compliance.rulebook.admissions import ADMISSION_CHECKS
from compliance.rulebook.agency_rules import ApprovalChain
from compliance.rulebook.assessments import ASSESSMENT_CHECKS, AttemptFacts
from compliance.rulebook.behaviour import BEHAVIOUR_CHECKS, BehaviourFacts
from compliance.rulebook.cases import CASE_CHECKS, CaseLife
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.data_requests import DATA_REQUEST_CHECKS, AnswerPeriod, WaitFacts
from compliance.rulebook.domain import Check, Finding, Rule, RuleRelease, Subject
from compliance.rulebook.loading import Functions, load_release
from compliance.rulebook.materials import (
    INDUCEMENT_CHECKS,
    MATERIAL_CHECKS,
    InducementFacts,
    MaterialFacts,
)
from compliance.rulebook.names import NAME_CHECKS, NameFacts
from compliance.rulebook.offers import OFFER_CHECKS, OfferFacts
from compliance.rulebook.partners import PARTNER_CHECKS, ReviewFacts, ReviewInterval
from compliance.rulebook.permits import PERMIT_CHECKS, PermitPeriods
from compliance.rulebook.privacy import (
    ANSWER_CHECKS,
    DELETION_CHECKS,
    INCIDENT_CHECKS,
    NOTICE_CHECKS,
    PERMISSION_CHECKS,
    AnswerFacts,
    DeletionFacts,
    IncidentFacts,
    NoticeFacts,
    PermissionFacts,
    ReportTime,
    report_due,
)
from compliance.rulebook.prohibitions import PROHIBITION_CHECKS, ActionFacts
from compliance.rulebook.recommendations import RECOMMENDATION_CHECKS, RecommendationFacts
from compliance.rulebook.reviews import REVIEW_CHECKS, Waiting, WaitingFacts, WaitingPeriods
from compliance.rulebook.risk_notices import RISK_NOTICE_CHECKS, NoticePeriod, RiskNoticeFacts, due_at
from compliance.rulebook.scopes import SCOPE_CHECKS, ScopeFacts
from compliance.rulebook.staff_lists import STAFF_LIST_CHECKS, StaffListFacts
from compliance.rulebook.suitability_rules import ValidMonths
from compliance.rulebook.tariffs import PRICE_CHECKS, PUBLICATION_CHECKS, PriceFacts, PublicationFacts
from compliance.rulebook.waivers import WAIVER_CHECKS, WaiverFacts

F = TypeVar("F")

REGISTER_FUNCTIONS: Functions = {
    Subject.ADMISSION: ADMISSION_CHECKS,
    Subject.SCOPE: SCOPE_CHECKS,
    Subject.ASSESSMENT: ASSESSMENT_CHECKS,
    Subject.NAME: NAME_CHECKS,
    Subject.STAFF_LIST: STAFF_LIST_CHECKS,
    Subject.OFFER: OFFER_CHECKS,
    Subject.BEHAVIOUR: BEHAVIOUR_CHECKS,
    Subject.PROHIBITION: PROHIBITION_CHECKS,
    Subject.WAIVER: WAIVER_CHECKS,
    Subject.MATERIAL: MATERIAL_CHECKS,
    Subject.INDUCEMENT: INDUCEMENT_CHECKS,
    Subject.PARTNER: PARTNER_CHECKS,
    Subject.PERMIT: PERMIT_CHECKS,
    Subject.FEE_PRICE: PRICE_CHECKS,
    Subject.FEE_PUBLICATION: PUBLICATION_CHECKS,
    Subject.PERMISSION: PERMISSION_CHECKS,
    Subject.CONSENT: ANSWER_CHECKS,
    Subject.NOTICE: NOTICE_CHECKS,
    Subject.INCIDENT: INCIDENT_CHECKS,
    Subject.DELETION: DELETION_CHECKS,
    Subject.RISK_NOTICE: RISK_NOTICE_CHECKS,
    Subject.RECOMMENDATION: RECOMMENDATION_CHECKS,
    Subject.CASE: CASE_CHECKS,
    Subject.REVIEW: REVIEW_CHECKS,
    Subject.DATA_REQUEST: DATA_REQUEST_CHECKS,
}


@cache
def register_rules() -> RuleRelease:
    """Those rules of our files; raises ``RulebookInvalid``, as the whole release does at start-up."""
    return load_release(REGISTER_FUNCTIONS, subjects=REGISTER_FUNCTIONS)


def assessment_finding(facts: AttemptFacts, on: date) -> Finding | None:
    """SUI-10: what the rules of the legal day ``on`` find against one more assessment; None: nothing."""
    return _first(Subject.ASSESSMENT, ASSESSMENT_CHECKS, facts, on)


def name_finding(facts: NameFacts, on: date) -> Finding | None:
    """PRD-04: what the rules of the legal day ``on`` find against a product's name; None: nothing."""
    return _first(Subject.NAME, NAME_CHECKS, facts, on)


def scope_finding(facts: ScopeFacts, on: date) -> Finding | None:
    """ZON-07: what the rules of the legal day ``on`` find against a scope; None: nothing."""
    return _first(Subject.SCOPE, SCOPE_CHECKS, facts, on)


def staff_list_findings(facts: StaffListFacts, on: date) -> list[tuple[Rule, Finding]]:
    """ZON-04: everything that the rules of the legal day ``on`` find against an outlet's list of sellers."""
    return _all(Subject.STAFF_LIST, STAFF_LIST_CHECKS, facts, on)


def staff_list_violation(rule: Rule, finding: Finding) -> Violation:
    """ZON-04: one of them as it is shown."""
    return register_rules().violation(rule, finding)


def material_violations(facts: MaterialFacts) -> list[Violation]:
    """PRD-05, PRD-06, PRD-10, SAL-05, SAL-09, SUI-17: every rule that the material breaks on its day."""
    found = _all(Subject.MATERIAL, MATERIAL_CHECKS, facts, legal_date(facts.decided_at))
    return [
        register_rules().violation(rule, finding)
        for rule, finding in found
        if rule.concerns(facts.product_kind)
    ]


def inducement_violations(facts: InducementFacts) -> list[Violation]:
    """SAL-07: whether what is held out is tied to what it must not be tied to."""
    found = _all(Subject.INDUCEMENT, INDUCEMENT_CHECKS, facts, legal_date(facts.decided_at))
    return [register_rules().violation(rule, finding) for rule, finding in found]


def partner_flags(facts: ReviewFacts) -> list[Violation]:
    """AGY-04: what the rules of the facts' day find about a partner on the list, as shown."""
    found = _all(Subject.PARTNER, PARTNER_CHECKS, facts, facts.on)
    return [register_rules().violation(rule, finding) for rule, finding in found]


def review_interval(on: date) -> ReviewInterval | None:
    """AGY-04: how often a partner is reviewed by the rules of the legal day ``on``; None: no rule says."""
    rules = register_rules().in_force(Subject.PARTNER, on)
    return next((rule.stated(ReviewInterval) for rule in rules), None)


def price_finding(facts: PriceFacts, on: date) -> Finding | None:
    """FEE-03: what the rules of the legal day ``on`` find against an announcement; None: nothing."""
    return _first(Subject.FEE_PRICE, PRICE_CHECKS, facts, on)


def publication_flags(facts: PublicationFacts, on: date) -> list[Violation]:
    """FEE-04: what the rules of the legal day ``on`` find missing from what is shown."""
    found = _all(Subject.FEE_PUBLICATION, PUBLICATION_CHECKS, facts, on)
    return [register_rules().violation(rule, finding) for rule, finding in found]


def permission_violations(facts: PermissionFacts, on: date) -> tuple[Violation, ...]:
    """PRI-01, PRI-02, PRI-05: everything that the rules of the legal day ``on`` find against a use."""
    return _violations(Subject.PERMISSION, PERMISSION_CHECKS, facts, on)


def answer_finding(facts: AnswerFacts, on: date) -> Finding | None:
    """PRI-03: what the rules of the legal day ``on`` find against an answer to a notice; None: nothing."""
    return _first(Subject.CONSENT, ANSWER_CHECKS, facts, on)


def notice_finding(facts: NoticeFacts, on: date) -> Finding | None:
    """PRI-04: what the rules of the legal day ``on`` find against publishing a notice; None: nothing."""
    return _first(Subject.NOTICE, NOTICE_CHECKS, facts, on)


def deletion_violations(facts: DeletionFacts, on: date) -> tuple[Violation, ...]:
    """PRI-06: everything that the rules of the legal day ``on`` find against deleting a customer's data."""
    return _violations(Subject.DELETION, DELETION_CHECKS, facts, on)


def incident_violations(facts: IncidentFacts, on: date) -> tuple[Violation, ...]:
    """PRI-07: everything that the rules of the legal day ``on`` find against the report of an incident."""
    return _violations(Subject.INCIDENT, INCIDENT_CHECKS, facts, on)


def incident_due(discovered_at: datetime, on: date) -> datetime:
    """PRI-07: when the report is due by the rules of the legal day ``on``, at the earliest."""
    return min(
        report_due(discovered_at, rule.stated(ReportTime))
        for rule in register_rules().in_force(Subject.INCIDENT, on)
    )


def _violations(
    subject: Subject, checks: Mapping[str, Check[F]], facts: F, on: date
) -> tuple[Violation, ...]:
    return tuple(
        register_rules().violation(rule, finding) for rule, finding in _all(subject, checks, facts, on)
    )


@cache
def _sale_rules() -> RuleRelease:
    return load_release({Subject.SALE: SALE_CHECKS}, subjects={Subject.SALE})


def admission_chain(on: date) -> ApprovalChain | None:
    """AGY-05: the approvals that the gate asks for on the legal day ``on``; None: no rule says."""
    rules = _sale_rules().in_force(Subject.SALE, on)
    return next((rule.stated(ApprovalChain) for rule in rules if rule.id == "AGY-05"), None)


def assessment_months(on: date) -> int:
    """SUI-12: how many months an assessment is good for on the legal day ``on``; 0 before any rule said."""
    rules = _sale_rules().in_force(Subject.SALE, on)
    stated = (rule.stated(ValidMonths) for rule in rules if rule.id == "SUI-12")
    return min((one.months for one in stated), default=0)


def recommendation_violation(facts: RecommendationFacts, on: date) -> Violation | None:
    """SUI-08: what the rules of the legal day ``on`` find against recommending it; None: nothing."""
    return next(iter(_violations(Subject.RECOMMENDATION, RECOMMENDATION_CHECKS, facts, on)), None)


def offer_finding(facts: OfferFacts, on: date) -> Finding | None:
    """SAL-06: what the rules of the legal day ``on`` find against an offer; None: nothing."""
    return _first(Subject.OFFER, OFFER_CHECKS, facts, on)


def behaviour_finding(facts: BehaviourFacts) -> Finding | None:
    """SAL-03: what the rules of its legal day find about something that was noticed; None: it is ordinary."""
    return _first(Subject.BEHAVIOUR, BEHAVIOUR_CHECKS, facts, legal_date(facts.at))


def prohibitions(facts: ActionFacts, on: date) -> list[Violation]:
    """M022: what the lists of the legal day ``on`` say against an action, as shown; empty: it is allowed."""
    found = _all(Subject.PROHIBITION, PROHIBITION_CHECKS, facts, on)
    return [register_rules().violation(rule, finding) for rule, finding in found]


def waiver_finding(facts: WaiverFacts) -> Finding | None:
    """M063: what the rules of the day find against a waiver; None: it may be given."""
    return _first(Subject.WAIVER, WAIVER_CHECKS, facts, facts.on)


def permit_periods(on: date) -> PermitPeriods:
    """PMT-01: the periods of the legal day ``on``, the shortest of each; ``ValueError`` where none holds."""
    periods = [rule.stated(PermitPeriods) for rule in register_rules().in_force(Subject.PERMIT, on)]
    return PermitPeriods(
        valid_minutes=min(period.valid_minutes for period in periods),
        confirmation_days=min(period.confirmation_days for period in periods),
    )


def case_ends_at(opened_at: datetime) -> datetime:
    """CAS-01: when a case opened then ends by itself, by its day's rule; ``ValueError`` where none holds."""
    rules = register_rules().in_force(Subject.CASE, legal_date(opened_at))
    return min(rule.stated(CaseLife).ends_at(opened_at) for rule in rules)


def waits_in_time(facts: WaitingFacts) -> bool:
    """REV-01: whether what waits may still be approved, by the rules of the day of its submission."""
    return _first(Subject.REVIEW, REVIEW_CHECKS, facts, legal_date(facts.submitted_at)) is None


def approvable_until(waiting: Waiting, submitted_at: datetime) -> datetime:
    """REV-01: the first instant at which what was submitted then cannot be approved any more, by its day's
    rule; ``ValueError`` where none holds.
    """
    rules = register_rules().in_force(Subject.REVIEW, legal_date(submitted_at))
    return min(rule.stated(WaitingPeriods).ends_at(waiting, submitted_at) for rule in rules)


def data_request_violations(facts: WaitFacts) -> tuple[Violation, ...]:
    """REQ-01: whether a customer waits or waited too long, by the rules of the day of his request."""
    on = legal_date(facts.requested_at)
    return _violations(Subject.DATA_REQUEST, DATA_REQUEST_CHECKS, facts, on)


def data_request_due_at(requested_at: datetime) -> datetime | None:
    """REQ-01: the first instant at which the answer is late; None: no rule of the day of the request asks."""
    rules = register_rules().in_force(Subject.DATA_REQUEST, legal_date(requested_at))
    ends = [rule.stated(AnswerPeriod).ends_at(requested_at) for rule in rules]
    return min(ends, default=None)


def risk_notice_due_at(changed_at: datetime) -> datetime | None:
    """PRD-03: until when holders are told of a change of that instant; None: no rule of its day asks."""
    rules = register_rules().in_force(Subject.RISK_NOTICE, legal_date(changed_at))
    periods = [rule.stated(NoticePeriod) for rule in rules]
    return min((due_at(changed_at, period) for period in periods), default=None)


def risk_notice_violations(facts: RiskNoticeFacts) -> list[Violation]:
    """PRD-03: whether holders were told too late, by the rules of the day of the change."""
    found = _all(Subject.RISK_NOTICE, RISK_NOTICE_CHECKS, facts, legal_date(facts.changed_at))
    return [register_rules().violation(rule, finding) for rule, finding in found]


def _first(subject: Subject, checks: Mapping[str, Check[F]], facts: F, on: date) -> Finding | None:
    return next((finding for _, finding in _all(subject, checks, facts, on)), None)


def _all(subject: Subject, checks: Mapping[str, Check[F]], facts: F, on: date) -> list[tuple[Rule, Finding]]:
    return [
        (rule, finding)
        for rule in register_rules().in_force(subject, on)
        for finding in checks[rule.function].judge(facts, rule.parameters).findings
    ]
