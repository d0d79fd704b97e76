"""Rules of the gate about what the customer was told before he bought (SUI-02, SUI-05, SUI-07, PRD-08)."""

from datetime import datetime, timedelta

from compliance.evidence.domain import SegmentKind
from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.footage_facts import RecordingFacts


def opinion_given(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SUI-05: an opinion on the assessment that counts, acknowledged by the customer before the sale."""
    code, product, assessment, opinion = (
        "MATCHING_OPINION_MISSING",
        facts.product,
        facts.assessment,
        facts.opinion,
    )
    if product is None:
        return unknown(code, "product")
    if product.effective_level is None:
        return unknown(code, "product.bank_level")
    if assessment is None or assessment.level is None:
        return unknown(code, "assessment" if assessment is None else "assessment.level")
    if opinion is None:
        return unknown(code, "opinion")
    if (opinion.assessment_id, opinion.customer_level) != (assessment.assessment_id, assessment.level):
        return fail(code, "outdated")
    return PASS if _in_time(opinion.acknowledged_at, facts.decided_at) else fail(code, "unacknowledged")


def opinion_matches(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """PRD-08: after a change of the product's level the customer is told the opinion on the new one."""
    code, product, opinion = "REMATCH_REQUIRED", facts.product, facts.opinion
    if product is None or product.effective_level is None:
        return unknown(code, "product" if product is None else "product.bank_level")
    if opinion is None:
        # Where nobody was assessed there is nothing to give an opinion on.
        return unknown(code, "assessment" if facts.assessment is None else "opinion")
    level = product.effective_level
    if opinion.product_level == level:
        return PASS
    return fail(code, "changed", before=[f"R{opinion.product_level}"], level=[f"R{level}"])


def risks_disclosed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SUI-02: the customer acknowledged the key attributes and risks that he was shown, before the sale."""
    code, disclosure = "DISCLOSURE_EVIDENCE_MISSING", facts.disclosure
    if disclosure is None:
        return unknown(code, "disclosure")
    return PASS if _in_time(disclosure.acknowledged_at, facts.decided_at) else fail(code, "unacknowledged")


def assessed_first(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SUI-07: the assessment that counts was completed before the customer confirmed on the recording."""
    code, assessment = "ASSESSMENT_AFTER_SALE", facts.assessment
    if assessment is None:
        return unknown(code, "assessment")
    if not facts.recordings:
        return unknown(code, "recording")
    confirmed = [at for recording in facts.recordings for at in _confirmations(recording)]
    return fail(code) if any(at <= assessment.completed_at for at in confirmed) else PASS


def _confirmations(recording: RecordingFacts) -> list[datetime]:
    return [
        recording.started_at + timedelta(milliseconds=segment.starts_ms)
        for segment in recording.segments
        if segment.kind is SegmentKind.CONFIRMATION
    ]


def _in_time(acknowledged_at: datetime | None, decided_at: datetime) -> bool:
    return acknowledged_at is not None and acknowledged_at <= decided_at


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.opinion_given.v1",
        codes_of("MATCHING_OPINION_MISSING", "outdated", "unacknowledged"),
        NoParameters,
        opinion_given,
    ),
    PureCheck(
        "sale.opinion_matches.v1",
        codes_of("REMATCH_REQUIRED", changed=("before", "level")),
        NoParameters,
        opinion_matches,
    ),
    PureCheck(
        "sale.risks_disclosed.v1",
        codes_of("DISCLOSURE_EVIDENCE_MISSING", "unacknowledged"),
        NoParameters,
        risks_disclosed,
    ),
    PureCheck("sale.assessed_first.v1", codes_of("ASSESSMENT_AFTER_SALE"), NoParameters, assessed_first),
)
