"""A duty to tell the holders of a product that its risk has changed; it ends when all of them were told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.risk_notices.events import RiskNoticeOverdue
from compliance.rulebook.risk_notices import RiskNoticeFacts


class NoticeState(StrEnum):
    """What became of the duty: OPEN in time, OVERDUE, or TOLD, in time or not."""

    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    TOLD = "TOLD"


class RiskNoticeReported(Conflict):
    """The end of the duty is reported once."""

    code = "RISK_NOTICE_REPORTED"
    zh = "该风险变化的提示已于 {told_at} 完成并报告;无需重复报告。"
    en = "Holders were told of this change by {told_at}, as reported; there is nothing to report again."


class ToldAtImpossible(Invalid):
    """Nobody is told of a change before it happens, nor in the future."""

    code = "TOLD_AT_IMPOSSIBLE"
    zh = "提示时间须在风险变化之后且不晚于当前时间;请核对 told_at。"
    en = "Holders are told after the change and not in the future; check told_at."


@dataclass
class RiskNotice:
    """The aggregate. ``product_version`` is the version of the product that the change made.

    ``overdue_at``: when it was noted that nobody had done it in time. ``holders``: how many were told; None,
    as ``told_at``, until that is reported.
    """

    id: UUID
    version: int
    product_id: UUID
    product_code: str
    product_version: int
    previous_level: int
    level: int | None
    changed_at: datetime
    due_at: datetime
    overdue_at: datetime | None
    told_at: datetime | None
    holders: int | None
    reported_by: str | None
    reported_at: datetime | None

    def report(self, *, told_at: datetime, holders: int, by: str, at: datetime) -> None:
        """All holders were told by ``told_at``, late or not: being late ends the duty too, and shows.

        Raises :class:`RiskNoticeReported`, :class:`ToldAtImpossible`.
        """
        if self.told_at is not None:
            raise RiskNoticeReported(told_at=self.told_at.isoformat())
        if not self.changed_at <= told_at <= at:
            raise ToldAtImpossible(pointer="/told_at")
        self.told_at, self.holders = told_at, holders
        self.reported_by, self.reported_at = by, at
        self.version += 1

    def note_overdue(self, at: datetime) -> RiskNoticeOverdue | None:
        """PRD-03: what the clock itself does by ``at``; None: nothing (any more)."""
        if self.state is not NoticeState.OPEN or at <= self.due_at:
            return None
        self.overdue_at = at
        self.version += 1
        return RiskNoticeOverdue(
            version=self.version,
            occurred_at=at,
            risk_notice_id=self.id,
            product_id=self.product_id,
            product_version=self.product_version,
            changed_at=self.changed_at,
            due_at=self.due_at,
        )

    @property
    def state(self) -> NoticeState:
        """What became of the duty."""
        if self.told_at is not None:
            return NoticeState.TOLD
        return NoticeState.OPEN if self.overdue_at is None else NoticeState.OVERDUE

    def facts(self) -> RiskNoticeFacts | None:
        """What PRD-03 judges; None while the duty is open, and in time."""
        until = self.told_at or self.overdue_at
        return None if until is None else RiskNoticeFacts(changed_at=self.changed_at, told_at=until)
