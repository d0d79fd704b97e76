"""A customer, his risk assessments and the changes he told of (SUI-01, -03, -10, -11, -12).

The assessment that was completed last counts; of two at one instant, the one recorded later. An import of an
older one with its date changes nothing about that. A level that differs from the one that counted before
counts once the customer has confirmed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from uuid import UUID

from chassis.errors import Conflict, Invalid, Limited
from compliance.periods.domain import legal_date, start_of
from compliance.rulebook.assessments import LIMIT_DAY, LIMIT_YEAR
from compliance.rulebook.customer_facts import AssessmentFacts, AssessmentPlace
from compliance.rulebook.domain import Finding
from compliance.rulebook.facts import CheckFacts, Hand

#: SUI-09: C1 to C5.
LEVEL_MIN, LEVEL_MAX = 1, 5


class LevelOutOfRange(Invalid):
    """SUI-09."""

    code = "TOLERANCE_LEVEL_OUT_OF_RANGE"
    zh = "风险承受能力等级须为 1 至 5(C1–C5);收到 {level}。"
    en = "Risk tolerance runs from 1 to 5 (C1 to C5); {level} was given."


class AssessmentInFuture(Invalid):
    """What has not happened yet cannot be imported."""

    code = "ASSESSMENT_IN_FUTURE"
    zh = "测评完成时间不能晚于当前时间;请核对 completed_at。"
    en = "An assessment cannot have been completed in the future; check completed_at."


class AssessmentLimitDay(Limited):
    """SUI-10."""

    code = LIMIT_DAY
    zh = "该客户今天的评估次数已达上限;请于 {again_on} 起再评估。"
    en = "The customer has been assessed as often as one day allows; assess again from {again_on} on."


class AssessmentLimitYear(Limited):
    """SUI-10."""

    code = LIMIT_YEAR
    zh = "该客户十二个月内的评估次数已达上限;请于 {again_on} 起再评估。"
    en = "The customer has been assessed as often as 12 months allow; assess again from {again_on} on."


class ConfirmationNotNeeded(Conflict):
    """SUI-11: only the level that counts now, and differs, waits for the customer."""

    code = "CONFIRMATION_NOT_NEEDED"
    zh = "该评估结果无需再次确认;请查看客户当前有效的评估。"
    en = "This assessment waits for no confirmation; look at the assessment of the customer that counts now."


LIMITED = {LIMIT_DAY: AssessmentLimitDay, LIMIT_YEAR: AssessmentLimitYear}


def no_room(finding: Finding, at: datetime) -> Limited:
    """SUI-10: the refusal of one more assessment, with the day from which there is room again."""
    (again_on,) = finding.details["again_on"]
    seconds = ceil((start_of(date.fromisoformat(again_on)) - at).total_seconds())
    return LIMITED[finding.code](again_on=again_on, retry_after_seconds=seconds)


@dataclass(kw_only=True)
class Assessment:
    """One risk assessment, on record for good (D1). ``source``: where an imported one is from.

    ``level`` 1 to 5; ``customer_version`` is the version of the customer that it made. ``place`` and
    ``age_considered`` (age and experience looked at, SUI-15) None: not known.
    """

    id: UUID
    customer_id: UUID
    customer_version: int
    level: int
    completed_at: datetime
    imported: bool
    source: str | None
    recorded_by: str
    recorded_at: datetime
    place: AssessmentPlace | None
    age_considered: bool | None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where and how an assessment was done; None: not known (SUI-15)."""

    place: AssessmentPlace | None = None
    age_considered: bool | None = None


UNKNOWN_SETTING = Setting()


@dataclass(kw_only=True)
class ReportedChange:
    """The customer told of changed circumstances: he is assessed again before the next sale (SUI-12)."""

    id: UUID
    customer_id: UUID
    customer_version: int
    reported_by: str
    reported_at: datetime


@dataclass(kw_only=True)
class LevelConfirmation:
    """The customer stands by a level that differs from the one before it, on record for good (SUI-11)."""

    id: UUID
    assessment_id: UUID
    customer_id: UUID
    customer_version: int
    confirmed_by: str
    confirmed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The assessment that counts, the level that counted before it (None: the first), its confirmation."""

    assessment: Assessment
    level_before: int | None
    confirmed_at: datetime | None

    @property
    def pending(self) -> bool:
        """SUI-11: whether the level differs and the customer has not confirmed it yet."""
        return self.level_before not in (None, self.assessment.level) and self.confirmed_at is None


def standing(assessments: Sequence[Assessment], confirmed: Mapping[UUID, datetime]) -> Standing | None:
    """How the last of the assessments, oldest first, stands; ``confirmed`` by assessment (SUI-11).

    A level never confirmed is no level before: the next is compared with the last that counted.
    """
    if not assessments:
        return None
    *earlier, last = assessments
    counted: int | None = None
    for one in earlier:
        if counted in (None, one.level) or one.id in confirmed:
            counted = one.level
    return Standing(assessment=last, level_before=counted, confirmed_at=confirmed.get(last.id))


@dataclass(kw_only=True)
class CustomerCheck:
    """AML-01: what another system told about the customer's identity, on record for good (D1), without why.

    ``sequence`` is that system's version of the customer; ``cleared_until`` his last day without a check,
    None: no day is the last, or a check is pending already (``cleared`` False).
    """

    customer_id: UUID
    sequence: int
    cleared: bool
    cleared_until: date | None
    told_at: datetime

    def facts(self) -> CheckFacts:
        """What the gate may rest on: a pending check looks like one that became due the day before."""
        if not self.cleared:
            return CheckFacts(cleared_through=legal_date(self.told_at) - timedelta(days=1))
        return CheckFacts(cleared_through=self.cleared_until)


@dataclass
class Customer:
    """The head that every append about the customer bumps, and that a decision locks (G1).

    ``subject`` is the subject of his token; None: he has no access of his own.
    """

    id: UUID
    version: int
    subject: str | None
    registered_by: str
    registered_at: datetime

    @classmethod
    def register(cls, customer_id: UUID, *, subject: str | None, by: str, at: datetime) -> "Customer":
        """A new customer at version 1."""
        return cls(customer_id, 1, subject, by, at)

    def assess(
        self,
        assessment_id: UUID,
        *,
        level: int,
        setting: Setting = UNKNOWN_SETTING,
        by: str,
        at: datetime,
    ) -> Assessment:
        """The customer has completed an assessment just now. Raises :class:`LevelOutOfRange`."""
        return self._assessed(
            assessment_id, level, completed_at=at, source=None, setting=setting, by=by, at=at
        )

    def import_assessment(
        self,
        assessment_id: UUID,
        *,
        level: int,
        completed_at: datetime,
        source: str,
        setting: Setting = UNKNOWN_SETTING,
        by: str,
        at: datetime,
    ) -> Assessment:
        """An assessment that another system of the bank holds, with its own date, marked as imported.

        Raises :class:`LevelOutOfRange`, :class:`AssessmentInFuture`.
        """
        if completed_at > at:
            raise AssessmentInFuture(pointer="/completed_at")
        return self._assessed(
            assessment_id, level, completed_at=completed_at, source=source, setting=setting, by=by, at=at
        )

    def report_change(self, report_id: UUID, *, by: str, at: datetime) -> ReportedChange:
        """The customer tells that his circumstances have changed."""
        self.version += 1
        return ReportedChange(
            id=report_id, customer_id=self.id, customer_version=self.version, reported_by=by, reported_at=at
        )

    def confirm_level(
        self, confirmation_id: UUID, assessment_id: UUID, stands: Standing | None, *, by: str, at: datetime
    ) -> LevelConfirmation:
        """SUI-11: the customer stands by his new level. Raises :class:`ConfirmationNotNeeded`."""
        if stands is None or stands.assessment.id != assessment_id or not stands.pending:
            raise ConfirmationNotNeeded
        self.version += 1
        return LevelConfirmation(
            id=confirmation_id,
            assessment_id=assessment_id,
            customer_id=self.id,
            customer_version=self.version,
            confirmed_by=by,
            confirmed_at=at,
        )

    def hand(self, by: str, seller: str, *, imported: bool = False) -> Hand:
        """SAL-08: whose hand the token subject ``by`` is, in a sale of the token subject ``seller``."""
        if by == seller:
            return Hand.SELLER
        if by == self.subject:
            return Hand.CUSTOMER
        return Hand.SYSTEM if imported else Hand.OTHER

    def touch(self) -> int:
        """G1: something was appended about the customer elsewhere; answers the version that it made."""
        self.version += 1
        return self.version

    def _assessed(
        self,
        assessment_id: UUID,
        level: int,
        *,
        completed_at: datetime,
        source: str | None,
        setting: Setting,
        by: str,
        at: datetime,
    ) -> Assessment:
        if not LEVEL_MIN <= level <= LEVEL_MAX:
            raise LevelOutOfRange(level=level, pointer="/level")
        self.version += 1
        return Assessment(
            id=assessment_id,
            customer_id=self.id,
            customer_version=self.version,
            level=level,
            completed_at=completed_at,
            imported=source is not None,
            source=source,
            recorded_by=by,
            recorded_at=at,
            place=setting.place,
            age_considered=setting.age_considered,
        )


def assessment_facts(stands: Standing | None, change_reported_at: datetime | None) -> AssessmentFacts | None:
    """What the gate may rest on: the assessment that counts, and when the customer last told of a change."""
    if stands is None:
        return None
    last = stands.assessment
    return AssessmentFacts(
        assessment_id=last.id,
        customer_id=last.customer_id,
        level=last.level,
        completed_at=last.completed_at,
        change_reported_at=change_reported_at,
        level_before=stands.level_before,
        level_confirmed_at=stands.confirmed_at,
        imported=last.imported,
        source=last.source,
        place=last.place,
        age_considered=last.age_considered,
    )
