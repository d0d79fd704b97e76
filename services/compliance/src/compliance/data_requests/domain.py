"""A customer's request about his data (PRI-06), and the one answer to it; both on record for good (D1).

To see and to copy is granted at once. A correction is done when the fields that it names have been written
anew; a deletion yields to the periods for which the law keeps what proves his sales, and says until when.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid, RecordedRefusal, Violation
from compliance.personal_data.domain import PersonalField
from compliance.rulebook.data_requests import WaitFacts
from compliance.rulebook.privacy import NOT_EXPIRED


class RequestKind(StrEnum):
    """What the customer asks for."""

    ACCESS = "ACCESS"
    COPY = "COPY"
    CORRECT = "CORRECT"
    DELETE = "DELETE"


#: Granted at once: nothing has to be looked at first.
GRANTED = frozenset({RequestKind.ACCESS, RequestKind.COPY})


class RequestState(StrEnum):
    """How far it is."""

    OPEN = "OPEN"
    DONE = "DONE"
    REFUSED = "REFUSED"


class RejectionReason(StrEnum):
    """Why a correction is not made."""

    NOT_PROVEN = "NOT_PROVEN"
    ALREADY_CORRECT = "ALREADY_CORRECT"


class CorrectionFieldsWrong(Invalid):
    """A correction names its fields, and nothing else does."""

    code = "CORRECTION_FIELDS_WRONG"
    zh = "更正申请须列明要更正的字段,其他申请不得列出字段;请核对 fields。"
    en = "A request to correct names the fields, no other request does; check fields."


class RequestAnswered(Conflict):
    """A request is answered once."""

    code = "DATA_REQUEST_ANSWERED"
    zh = "该申请已答复,结果为 {outcome};如仍有需要,请另行申请。"
    en = "This request has been answered already ({outcome}); make another one if there is need."


class CorrectionNotMade(Conflict):
    """Fields that the customer named stand as they did."""

    code = "CORRECTION_NOT_MADE"
    zh = "所列字段自申请以来尚未全部更正;请先更正,再办结申请。"
    en = "Not every field named has been written since the request; correct them before completing it."


class RejectionNotAllowed(Conflict):
    """Only a correction can be rejected; a deletion is refused by rules alone."""

    code = "DATA_REQUEST_REJECTION_NOT_ALLOWED"
    zh = "只有更正申请可以由人工驳回;删除申请请办结,由规则判定。"
    en = "Only a request to correct is rejected by a person; complete this one, the rules decide it."


class NothingToCopy(Conflict):
    """Only a request to see or copy has something to read."""

    code = "DATA_REQUEST_NOTHING_TO_COPY"
    zh = "该申请不是查阅或复制申请;请另行申请查阅或复制。"
    en = "This is no request to see or copy the data; make one."


class DeletionRefused(RecordedRefusal):
    """PRI-06."""

    code = NOT_EXPIRED
    zh = "法定保存期限尚未届满,暂不能删除;原因和期限见所列规则,申请已答复。"
    en = "The law keeps the data for now; the rules say why and until when, and the request is answered."


@dataclass(kw_only=True)
class DataAnswer:
    """What became of a request; ``kept_until`` of a refused deletion is the last day, None: no end yet."""

    request_id: UUID
    outcome: RequestState
    reason: RejectionReason | None
    violations: tuple[Violation, ...]
    kept_until: date | None
    answered_by: str
    answered_at: datetime


@dataclass(kw_only=True)
class DataRequest:
    """The request; ``fields`` are those to correct."""

    id: UUID
    customer_id: UUID
    kind: RequestKind
    fields: tuple[PersonalField, ...]
    requested_by: str
    requested_at: datetime
    answer: DataAnswer | None = None

    @classmethod
    def open(
        cls,
        request_id: UUID,
        *,
        customer_id: UUID,
        kind: RequestKind,
        fields: Collection[PersonalField],
        by: str,
        at: datetime,
    ) -> "DataRequest":
        """A new request; one to see or copy is granted with it. Raises :class:`CorrectionFieldsWrong`."""
        if bool(fields) != (kind is RequestKind.CORRECT):
            raise CorrectionFieldsWrong(pointer="/fields")
        request = cls(
            id=request_id,
            customer_id=customer_id,
            kind=kind,
            fields=tuple(sorted(set(fields))),
            requested_by=by,
            requested_at=at,
        )
        if kind in GRANTED:
            request.done(by=by, at=at)
        return request

    @property
    def version(self) -> int:
        """1, or 2 once it is answered."""
        return 1 if self.answer is None else 2

    @property
    def state(self) -> RequestState:
        """How far it is."""
        return RequestState.OPEN if self.answer is None else self.answer.outcome

    def waited(self, at: datetime) -> WaitFacts:
        """What REQ-01 judges: of a request that waits, at ``at``."""
        answered_at = at if self.answer is None else self.answer.answered_at
        return WaitFacts(requested_at=self.requested_at, answered_at=answered_at)

    def must_be_open(self) -> None:
        """Raises :class:`RequestAnswered`."""
        if self.answer is not None:
            raise RequestAnswered(outcome=self.answer.outcome.value)

    def must_be_granted(self) -> None:
        """Raises :class:`NothingToCopy`."""
        if self.kind not in GRANTED:
            raise NothingToCopy

    def done(self, *, by: str, at: datetime) -> None:
        """It was served. Raises :class:`RequestAnswered`."""
        self._answered(RequestState.DONE, by=by, at=at)

    def correct(self, *, made: bool, by: str, at: datetime) -> None:
        """The fields were written since. Raises :class:`CorrectionNotMade`, :class:`RequestAnswered`."""
        if not made:
            raise CorrectionNotMade
        self.done(by=by, at=at)

    def reject(self, reason: RejectionReason, *, by: str, at: datetime) -> None:
        """A correction is not made. Raises :class:`RequestAnswered`, :class:`RejectionNotAllowed`."""
        self.must_be_open()
        if self.kind is not RequestKind.CORRECT:
            raise RejectionNotAllowed
        self._answered(RequestState.REFUSED, reason=reason, by=by, at=at)

    def refuse(
        self, violations: tuple[Violation, ...], kept_until: date | None, *, by: str, at: datetime
    ) -> None:
        """A deletion yields to what the rules name. Raises :class:`RequestAnswered`."""
        self._answered(RequestState.REFUSED, violations=violations, kept_until=kept_until, by=by, at=at)

    def _answered(
        self,
        outcome: RequestState,
        *,
        reason: RejectionReason | None = None,
        violations: tuple[Violation, ...] = (),
        kept_until: date | None = None,
        by: str,
        at: datetime,
    ) -> None:
        self.must_be_open()
        self.answer = DataAnswer(
            request_id=self.id,
            outcome=outcome,
            reason=reason,
            violations=violations,
            kept_until=kept_until,
            answered_by=by,
            answered_at=at,
        )
