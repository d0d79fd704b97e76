"""What the routes of privacy take and answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http.routing import Input, Output
from compliance.privacy.domain import (
    Language,
    Notice,
    NoticeContent,
    NoticeText,
    NoticeVersion,
    PermissionCheck,
    Question,
)
from compliance.rulebook.privacy import ConsentPurpose, DataKind, Use

RETENTION_MONTHS_MAX = 1200
PRODUCTS_MAX = 100
VERSIONS_MAX = 10_000

Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Recipient = Annotated[str, Field(min_length=1, max_length=120)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Kinds = Annotated[list[DataKind], Field(min_length=1, max_length=len(DataKind))]


class NoticeTextBody(Input):
    """What the notice says in one language; ``necessity`` where the data are sensitive."""

    purpose: Words
    method: Words
    withdrawal: Words
    necessity: Words | None = None

    def text(self) -> NoticeText:
        """The text as the domain has it."""
        return NoticeText(**self.model_dump())


class NoticeContentBody(Input):
    """Who handles which data, how, how long; ``condition_of``: products to be had only with the consent."""

    controller: Recipient
    contact: Recipient
    kinds: Kinds
    retention_months: Annotated[int, Field(ge=1, le=RETENTION_MONTHS_MAX)]
    assessment_id: UUID | None = None
    condition_of: Annotated[list[UUID], Field(max_length=PRODUCTS_MAX)] = Field(default_factory=list)
    zh: NoticeTextBody
    en: NoticeTextBody

    def content(self) -> NoticeContent:
        """The content as the domain has it."""
        return NoticeContent(
            controller=self.controller,
            contact=self.contact,
            kinds=tuple(sorted(set(self.kinds))),
            retention_months=self.retention_months,
            assessment_id=self.assessment_id,
            condition_of=tuple(self.condition_of),
            zh=self.zh.text(),
            en=self.en.text(),
        )


class NewNotice(Input):
    """A notice with its first version; ``recipient`` for SHARING alone, ``aim``: the purpose in a word."""

    code: Code
    purpose: ConsentPurpose
    recipient: Recipient | None = None
    aim: Code
    content: NoticeContentBody


class NewNoticeVersion(Input):
    """The content of the next version."""

    content: NoticeContentBody


class ShowingBody(Input):
    """Whom the present version was shown, and in which language."""

    customer_id: UUID
    language: Language


class ImpactAssessmentBody(Input):
    """Which kinds for which aim were assessed; ``reference`` names the assessment's file."""

    kinds: Kinds
    aim: Code
    reference: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9._:/-]+$")]


class GuardianBody(Input):
    """The customer who answers for this one."""

    guardian_id: UUID


class AnswerBody(Input):
    """The answer, and to which version of which notice."""

    customer_id: UUID
    notice_id: UUID
    notice_version: Annotated[int, Field(ge=1, le=VERSIONS_MAX)]
    given: bool


class QuestionBody(Input):
    """What is about to be done: SHARE these kinds with a recipient for an aim, MARKET, or PROCESS kinds.

    Of marketing: ``automated``, a machine chooses; ``profiled``, by what it knows of him; ``option``, the
    message offers a version without profile, or an easy refusal.
    """

    customer_id: UUID
    use: Use
    recipient: Recipient | None = None
    aim: Code | None = None
    kinds: Annotated[list[DataKind], Field(max_length=len(DataKind))] = Field(default_factory=list)
    automated: bool = False
    profiled: bool = False
    option: bool = False

    def question(self) -> Question:
        """The question as the domain has it."""
        given = self.model_dump(exclude={"customer_id", "kinds"})
        return Question(**given, kinds=tuple(sorted(set(self.kinds))))


class NoticeTextView(Output):
    """What the notice says in one language."""

    purpose: str
    method: str
    withdrawal: str
    necessity: str | None


class NoticeContentView(Output):
    """The content of one version."""

    controller: str
    contact: str
    kinds: list[DataKind]
    retention_months: int
    assessment_id: UUID | None
    condition_of: list[UUID]
    zh: NoticeTextView
    en: NoticeTextView


class NoticeVersionView(Output):
    """One published version."""

    notice_id: UUID
    notice_version: int
    content: NoticeContentView
    published_by: str
    published_at: datetime


class NoticeEntry(Output):
    """A notice in a list; its version is that of its text."""

    id: UUID
    version: int
    code: str
    purpose: ConsentPurpose
    recipient: str | None
    aim: str


class NoticeView(NoticeEntry):
    """A notice with its present version."""

    present: NoticeVersionView

    @classmethod
    def of(cls, notice: Notice, version: NoticeVersion) -> "NoticeView":
        """The view of a notice."""
        entry = NoticeEntry.model_validate(notice)
        return cls(**entry.model_dump(), present=NoticeVersionView.model_validate(version))


class ShowingView(Output):
    """A version that was put before a customer."""

    id: UUID
    notice_id: UUID
    notice_version: int
    customer_id: UUID
    language: Language
    shown_at: datetime


class ImpactAssessmentView(Output):
    """An impact assessment."""

    id: UUID
    kinds: list[DataKind]
    aim: str
    reference: str
    assessed_by: str
    assessed_at: datetime


class GuardianView(Output):
    """Who answers for a customer."""

    id: UUID
    customer_id: UUID
    guardian_id: UUID
    recorded_at: datetime


class PrivacyConsentView(Output):
    """A consent as it stands; ``guardian_id``: who gave it for the customer."""

    id: UUID
    version: int
    customer_id: UUID
    notice_id: UUID
    notice_version: int
    purpose: ConsentPurpose
    recipient: str | None
    aim: str
    kinds: list[DataKind]
    given: bool
    guardian_id: UUID | None
    answered_at: datetime
    withdrawn_at: datetime | None


class QuestionView(Output):
    """What was about to be done."""

    use: Use
    recipient: str | None
    aim: str | None
    kinds: list[DataKind]
    automated: bool
    profiled: bool
    option: bool


class BrokenRuleView(Output):
    """A rule that stands against it: source, and words in both languages."""

    rule: str
    code: str
    citation: str
    messages: dict[str, str]


class PermissionCheckView(Output):
    """A question and its answer; ``customer_version`` is the state of his consents that it rests on."""

    id: UUID
    customer_id: UUID
    customer_version: int
    question: QuestionView
    allowed: bool
    violations: list[BrokenRuleView]
    asked_by: str
    asked_at: datetime

    @classmethod
    def of(cls, check: PermissionCheck) -> "PermissionCheckView":
        """The view of a check."""
        return cls.model_validate(check)
