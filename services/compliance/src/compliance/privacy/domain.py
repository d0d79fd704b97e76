"""Notices and consents (PRI-03, PRI-04, PRI-05), and the questions that others ask before they act.

A notice is a head with versions that never change; a consent is an answer to one version that was shown.
It is given or refused for one purpose and recipient, by the customer himself or a guardian of his, and taken
back at any time; a refusal takes back what stood. What was answered, shown or asked is a row for good (D1).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid, RecordedRefusal, Violation
from compliance.rulebook.privacy import (
    BIOMETRIC,
    COUPLED,
    NO_MARKETING,
    NO_SENSITIVE,
    NO_SHARING,
    NOT_GIVEN,
    ConsentPurpose,
    DataKind,
    StandingConsent,
    Use,
)


class Language(StrEnum):
    """Languages in which every notice is written."""

    ZH = "zh-CN"
    EN = "en"


class NoticeCodeTaken(Conflict):
    """Codes of notices are unique."""

    code = "NOTICE_CODE_TAKEN"
    zh = "告知书代码 {taken} 已存在;请换代码,或为已有告知书发布新版本。"
    en = "There is a notice with the code {taken}; choose another, or publish a new version of that one."


class RecipientMismatch(Invalid):
    """A SHARING notice names its recipient, and no other notice has one."""

    code = "NOTICE_RECIPIENT_MISMATCH"
    zh = "共享类告知书须写明接收方,其他告知书不得有接收方;请核对 recipient。"
    en = "A notice about SHARING names its recipient, no other notice has one; check recipient."


class NecessityMissing(Invalid):
    """PRI-05: sensitive data need a reason, and an impact assessment that came first."""

    code = "NOTICE_NECESSITY_MISSING"
    zh = "处理敏感信息须说明必要性,并引用已完成的影响评估(涵盖所列种类);请补充 necessity 和 assessment_id。"
    en = "Sensitive data need their necessity and a prior impact assessment of these kinds; give both."


class KindsMismatch(Invalid):
    """PRI-05: face and voice stand in a notice of their own."""

    code = "NOTICE_KINDS_MISMATCH"
    zh = "人脸、声音须单独告知:SENSITIVE 告知书只列这些种类,其他告知书不得列入;请拆分。"
    en = "Face and voice have a notice of their own: SENSITIVE names these alone; split the notice."


class NoticeCoupled(Invalid):
    """PRI-04."""

    code = COUPLED
    zh = "产品{zh_products}不依赖该项同意;不得以同意作为提供的条件,请删除该条件。"
    en = "The products {en_products} do not depend on this consent; do not make it their condition."


class NoticeNotGiven(Invalid):
    """PRI-03."""

    code = NOT_GIVEN
    zh = "尚未向客户出示现行版本的告知书;请先出示,再请客户答复。"
    en = "The customer has not been shown the present version of the notice; show it before he answers."


class AnswerNotGiven(Conflict):
    """Only what was agreed to can be taken back."""

    code = "PRIVACY_CONSENT_NOT_GIVEN"
    zh = "客户未曾同意该事项;无需撤回。"
    en = "The customer did not agree to this; there is nothing to take back."


class AnswerWithdrawn(Conflict):
    """A consent is taken back once."""

    code = "PRIVACY_CONSENT_WITHDRAWN"
    zh = "该同意已撤回;如需继续,请客户重新作出同意。"
    en = "This consent has been taken back already; ask the customer for a new one to go on."


class GuardianInvalid(Invalid):
    """Nobody is his own guardian."""

    code = "GUARDIAN_INVALID"
    zh = "监护人不能是客户本人;请核对 guardian_id。"
    en = "Nobody is his own guardian; check guardian_id."


class SharingRefused(RecordedRefusal):
    """PRI-01."""

    code = NO_SHARING
    zh = "不得向该接收方提供客户信息;原因见所列规则,本次询问已记录。"
    en = "The customer's data must not be given to this recipient; the rules say why, this is on record."


class MarketingRefused(RecordedRefusal):
    """PRI-02."""

    code = NO_MARKETING
    zh = "不得向该客户推送该信息;原因见所列规则,本次询问已记录。"
    en = "This message must not be sent to the customer; the rules say why, the question is on record."


class SensitiveRefused(RecordedRefusal):
    """PRI-05."""

    code = NO_SENSITIVE
    zh = "不得处理该客户的人脸或声音信息;原因见所列规则,本次询问已记录。"
    en = "The customer's face or voice must not be used; the rules say why, the question is on record."


REFUSALS: dict[str, type[RecordedRefusal]] = {
    refusal.code: refusal for refusal in (SharingRefused, MarketingRefused, SensitiveRefused)
}


@dataclass(frozen=True, kw_only=True)
class NoticeText:
    """What the notice says in one language: purpose, method, how to take the consent back, necessity."""

    purpose: str
    method: str
    withdrawal: str
    necessity: str | None


@dataclass(frozen=True, kw_only=True)
class NoticeContent:
    """PRI-03: who handles which data, how, what for, for how long; ``condition_of``: products (PRI-04)."""

    controller: str
    contact: str
    kinds: tuple[DataKind, ...]
    retention_months: int
    assessment_id: UUID | None
    condition_of: tuple[UUID, ...]
    zh: NoticeText
    en: NoticeText


@dataclass(kw_only=True)
class NoticeVersion:
    """One published version, for good."""

    notice_id: UUID
    notice_version: int
    content: NoticeContent
    published_by: str
    published_at: datetime


@dataclass
class Notice:
    """The head. ``aim`` names the purpose in a word that systems compare; each version of the text is one."""

    id: UUID
    version: int
    code: str
    purpose: ConsentPurpose
    recipient: str | None
    aim: str
    published_by: str
    published_at: datetime

    @classmethod
    def open(
        cls,
        notice_id: UUID,
        *,
        code: str,
        purpose: ConsentPurpose,
        recipient: str | None,
        aim: str,
        by: str,
        at: datetime,
    ) -> "Notice":
        """A notice before its first version. Raises :class:`RecipientMismatch`."""
        if (recipient is not None) != (purpose is ConsentPurpose.SHARING):
            raise RecipientMismatch(pointer="/recipient")
        return cls(notice_id, 0, code, purpose, recipient, aim, by, at)

    def publish(
        self,
        content: NoticeContent,
        *,
        assessed: Collection[DataKind] | None,
        by: str,
        at: datetime,
    ) -> NoticeVersion:
        """The next version. ``assessed``: the kinds that the named impact assessment is about, None: none.

        Raises :class:`KindsMismatch`, :class:`NecessityMissing` (PRI-05).
        """
        biometric = BIOMETRIC & set(content.kinds)
        if self.purpose is not ConsentPurpose.SENSITIVE:
            if biometric and self.purpose is not ConsentPurpose.SHARING:
                raise KindsMismatch(pointer="/content/kinds")
        elif biometric != set(content.kinds):
            raise KindsMismatch(pointer="/content/kinds")
        elif not (content.zh.necessity and content.en.necessity and biometric <= set(assessed or ())):
            raise NecessityMissing(pointer="/content/assessment_id")
        self.version += 1
        return NoticeVersion(
            notice_id=self.id,
            notice_version=self.version,
            content=content,
            published_by=by,
            published_at=at,
        )


@dataclass(kw_only=True)
class ImpactAssessment:
    """PRI-05: the impact of handling these kinds was assessed; ``reference`` names its file."""

    id: UUID
    kinds: tuple[DataKind, ...]
    aim: str
    reference: str
    assessed_by: str
    assessed_at: datetime


@dataclass(kw_only=True)
class Showing:
    """A version was put before the customer, in a language."""

    id: UUID
    notice_id: UUID
    notice_version: int
    customer_id: UUID
    language: Language
    shown_by: str
    shown_at: datetime


@dataclass(kw_only=True)
class Guardian:
    """Somebody answers for the customer, as the bank has seen from their papers."""

    id: UUID
    customer_id: UUID
    customer_version: int
    guardian_id: UUID
    recorded_by: str
    recorded_at: datetime


@dataclass(kw_only=True)
class PrivacyWithdrawal:
    """The consent was taken back, on record for good."""

    id: UUID
    consent_id: UUID
    customer_version: int
    withdrawn_by: str
    withdrawn_at: datetime


@dataclass(kw_only=True)
class PrivacyConsent:
    """The customer's answer to a version of a notice; ``guardian_id``: who gave it for him.

    Purpose, recipient, aim and kinds are those of the version: a later one changes nothing about it.
    """

    id: UUID
    customer_id: UUID
    customer_version: int
    notice_id: UUID
    notice_version: int
    purpose: ConsentPurpose
    recipient: str | None
    aim: str
    kinds: tuple[DataKind, ...]
    retention_months: int
    given: bool
    guardian_id: UUID | None
    answered_by: str
    answered_at: datetime
    withdrawal: PrivacyWithdrawal | None = None

    @property
    def version(self) -> int:
        """1, or 2 once it has been taken back."""
        return 1 if self.withdrawal is None else 2

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was taken back."""
        return None if self.withdrawal is None else self.withdrawal.withdrawn_at

    @property
    def stands(self) -> bool:
        """Whether the customer agreed and has not taken it back."""
        return self.given and self.withdrawal is None

    def withdraw(self, withdrawal_id: UUID, *, customer_version: int, by: str, at: datetime) -> None:
        """Takes the consent back. Raises :class:`AnswerNotGiven`, :class:`AnswerWithdrawn`."""
        if not self.given:
            raise AnswerNotGiven
        if self.withdrawal is not None:
            raise AnswerWithdrawn
        self.withdrawal = PrivacyWithdrawal(
            id=withdrawal_id,
            consent_id=self.id,
            customer_version=customer_version,
            withdrawn_by=by,
            withdrawn_at=at,
        )

    def standing(self) -> StandingConsent:
        """What a rule may rest on."""
        return StandingConsent(
            purpose=self.purpose,
            recipient=self.recipient,
            aim=self.aim,
            kinds=self.kinds,
            by_guardian=self.guardian_id is not None,
        )


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody is about to do with a customer's data."""

    use: Use
    recipient: str | None
    aim: str | None
    kinds: tuple[DataKind, ...]
    automated: bool
    profiled: bool
    option: bool


@dataclass(kw_only=True)
class PermissionCheck:
    """A question and its answer, on record for good: allowed where nothing is violated."""

    id: UUID
    customer_id: UUID
    customer_version: int
    question: Question
    allowed: bool
    violations: tuple[Violation, ...]
    asked_by: str
    asked_at: datetime
