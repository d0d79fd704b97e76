"""The functions behind the rules about personal data (PRI): pure, typed, named with a version.

What is judged: a notice about to be published, an answer to one, a use that somebody is about to make, the
report of an incident, a deletion that is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, fail, unknown

NO_SHARING, NO_MARKETING = "NO_SHARING_CONSENT", "NO_MARKETING_CONSENT"
NO_SENSITIVE = "SENSITIVE_CONSENT_MISSING"
NOT_GIVEN, COUPLED, LATE = "NOTICE_NOT_GIVEN", "CONSENT_COUPLED", "BREACH_REPORT_LATE"
NOT_EXPIRED = "RETENTION_NOT_EXPIRED"


class ConsentPurpose(StrEnum):
    """What a customer can agree to; each by itself."""

    MARKETING = "MARKETING"
    PROFILE = "PROFILE"
    SHARING = "SHARING"
    SENSITIVE = "SENSITIVE"
    CUSTOMER_FILE = "CUSTOMER_FILE"


class DataKind(StrEnum):
    """Kinds of personal data, as notices name them."""

    NAME = "NAME"
    IDENTITY = "IDENTITY"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    BIRTH_DATE = "BIRTH_DATE"
    ACCOUNTS = "ACCOUNTS"
    TRANSACTIONS = "TRANSACTIONS"
    FINANCES = "FINANCES"
    NEEDS = "NEEDS"
    FACE = "FACE"
    VOICE = "VOICE"


#: PRI-05: kinds that need a consent of their own.
BIOMETRIC = frozenset({DataKind.FACE, DataKind.VOICE})


class Use(StrEnum):
    """What somebody is about to do with a customer's data."""

    SHARE = "SHARE"
    MARKET = "MARKET"
    PROCESS = "PROCESS"


@dataclass(frozen=True, kw_only=True)
class StandingConsent:
    """What the customer agreed to and has not taken back; ``by_guardian``: who answers for him did."""

    purpose: ConsentPurpose
    recipient: str | None
    aim: str
    kinds: tuple[DataKind, ...]
    by_guardian: bool


@dataclass(frozen=True, kw_only=True)
class PermissionFacts:
    """A use, and all that stands of the customer's consents. ``age`` None: his birth date is not on record.

    ``automated``: a machine chose whom to address; ``profiled``: by what it knows of him; ``option``: the
    message offers one without profile, or an easy way to refuse.
    """

    use: Use
    recipient: str | None
    aim: str | None
    kinds: tuple[DataKind, ...]
    automated: bool
    profiled: bool
    option: bool
    consents: tuple[StandingConsent, ...]
    age: int | None


@dataclass(frozen=True, kw_only=True)
class AnswerFacts:
    """An answer to a notice: was this version shown to the customer, and is it the present one?"""

    shown: bool
    current: bool


@dataclass(frozen=True, kw_only=True)
class ConditionedProduct:
    """A product that is to be had only with the consent, and who provides it (the bank: None)."""

    code: str
    provider: str | None


@dataclass(frozen=True, kw_only=True)
class NoticeFacts:
    """A notice about to be published, and the products that it makes depend on the consent."""

    purpose: ConsentPurpose
    recipient: str | None
    condition_of: tuple[ConditionedProduct, ...]


@dataclass(frozen=True, kw_only=True)
class IncidentFacts:
    """An incident whose report to the authority is due, and when it was made; None: not yet."""

    discovered_at: datetime
    reported_at: datetime | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KeptEvidence:
    """A recording of the customer, and the last day on which the law keeps it; None: no end known yet."""

    recording_id: UUID
    last_day: date | None


@dataclass(frozen=True, kw_only=True)
class DeletionFacts:
    """A customer wants his data deleted on a legal day, and what is kept as evidence of his sales."""

    on: date
    kept: tuple[KeptEvidence, ...]

    @property
    def kept_until(self) -> date | None:
        """The last day of all; None: no end known yet, or nothing is kept."""
        days = [one.last_day for one in self.kept]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None


@dataclass(frozen=True, kw_only=True)
class Guardianship:
    """PRI-05: below this age (completed years) a guardian consents."""

    below_years: int


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """PRI-04: purposes on which a product may rest, where the recipient is the one who provides it."""

    purposes: tuple[ConsentPurpose, ...]


@dataclass(frozen=True, kw_only=True)
class ReportTime:
    """PRI-07: hours from the discovery to the report."""

    hours: int


def sharing_consented(facts: PermissionFacts, parameters: NoParameters) -> Verdict:
    """PRI-01: he agreed to this recipient, for this purpose, and to every kind of data."""
    if facts.use is not Use.SHARE:
        return PASS
    agreed = [
        one
        for one in facts.consents
        if one.purpose is ConsentPurpose.SHARING and (one.recipient, one.aim) == (facts.recipient, facts.aim)
    ]
    if not agreed:
        return fail(NO_SHARING)
    beyond = set(facts.kinds) - {kind for one in agreed for kind in one.kinds}
    return fail(NO_SHARING, "kinds", kinds=sorted(beyond)) if beyond else PASS


def marketing_consented(facts: PermissionFacts, parameters: NoParameters) -> Verdict:
    """PRI-02: he agreed to be addressed, and to a profile where one is used; a machine offers a way out."""
    if facts.use is not Use.MARKET:
        return PASS
    agreed = {one.purpose for one in facts.consents}
    if ConsentPurpose.MARKETING not in agreed:
        return fail(NO_MARKETING)
    if facts.profiled and ConsentPurpose.PROFILE not in agreed:
        return fail(NO_MARKETING, "profile")
    return fail(NO_MARKETING, "option") if facts.automated and not facts.option else PASS


def sensitive_consented(facts: PermissionFacts, parameters: Guardianship) -> Verdict:
    """PRI-05: face and voice need a consent of their own for the purpose; of a child, by a guardian."""
    wanted = BIOMETRIC & set(facts.kinds)
    if not wanted:
        return PASS
    agreed = [
        one
        for one in facts.consents
        if one.purpose is ConsentPurpose.SENSITIVE and one.aim == facts.aim and wanted <= set(one.kinds)
    ]
    if not agreed:
        return fail(NO_SENSITIVE)
    if facts.age is None:
        return unknown(NO_SENSITIVE, "customer.age")
    if facts.age < parameters.below_years and not any(one.by_guardian for one in agreed):
        return fail(NO_SENSITIVE, "guardian", years=[str(parameters.below_years)])
    return PASS


def notice_given(facts: AnswerFacts, parameters: NoParameters) -> Verdict:
    """PRI-03: an answer counts to the version that the customer was shown, and that holds now."""
    if not facts.current:
        return fail(NOT_GIVEN, "superseded")
    return PASS if facts.shown else fail(NOT_GIVEN)


def uncoupled(facts: NoticeFacts, parameters: Conditions) -> Verdict:
    """PRI-04: no product depends on a consent that it can do without."""
    coupled = [
        product.code
        for product in facts.condition_of
        if facts.purpose not in parameters.purposes
        or product.provider is None
        or product.provider != facts.recipient
    ]
    return fail(COUPLED, products=coupled) if coupled else PASS


def report_due(discovered_at: datetime, parameters: ReportTime) -> datetime:
    """PRI-07: the instant through which the report is in time."""
    return discovered_at + timedelta(hours=parameters.hours)


def reported_in_time(facts: IncidentFacts, parameters: ReportTime) -> Verdict:
    """PRI-07: the report was made when it was due at the latest, or there is time left."""
    if (facts.reported_at or facts.at) <= report_due(facts.discovered_at, parameters):
        return PASS
    return fail(LATE, hours=[str(parameters.hours)])


def retention_over(facts: DeletionFacts, parameters: NoParameters) -> Verdict:
    """PRI-06: the law keeps nothing of the customer any more; the last day counts in full."""
    if all(one.last_day is not None and facts.on > one.last_day for one in facts.kept):
        return PASS
    if facts.kept_until is None:
        return fail(NOT_EXPIRED)
    return fail(NOT_EXPIRED, "running", last_day=[facts.kept_until.isoformat()])


_PERMISSIONS: tuple[Check[PermissionFacts], ...] = (
    PureCheck(
        "permission.sharing_consented.v1",
        {NO_SHARING: (), f"{NO_SHARING}/kinds": ("kinds",)},
        NoParameters,
        sharing_consented,
    ),
    PureCheck(
        "permission.marketing_consented.v1",
        {NO_MARKETING: (), f"{NO_MARKETING}/profile": (), f"{NO_MARKETING}/option": ()},
        NoParameters,
        marketing_consented,
    ),
    PureCheck(
        "permission.sensitive_consented.v1",
        {NO_SENSITIVE: (), f"{NO_SENSITIVE}/guardian": ("years",)},
        Guardianship,
        sensitive_consented,
    ),
)

PERMISSION_CHECKS: Mapping[str, Check[PermissionFacts]] = {check.name: check for check in _PERMISSIONS}
ANSWER_CHECKS: Mapping[str, Check[AnswerFacts]] = {
    "answer.notice_given.v1": PureCheck(
        "answer.notice_given.v1",
        {NOT_GIVEN: (), f"{NOT_GIVEN}/superseded": ()},
        NoParameters,
        notice_given,
    )
}
NOTICE_CHECKS: Mapping[str, Check[NoticeFacts]] = {
    "notice.uncoupled.v1": PureCheck("notice.uncoupled.v1", {COUPLED: ("products",)}, Conditions, uncoupled)
}
INCIDENT_CHECKS: Mapping[str, Check[IncidentFacts]] = {
    "incident.reported_in_time.v1": PureCheck(
        "incident.reported_in_time.v1", {LATE: ("hours",)}, ReportTime, reported_in_time
    )
}
DELETION_CHECKS: Mapping[str, Check[DeletionFacts]] = {
    "deletion.retention_over.v1": PureCheck(
        "deletion.retention_over.v1",
        {NOT_EXPIRED: (), f"{NOT_EXPIRED}/running": ("last_day",)},
        NoParameters,
        retention_over,
    )
}
