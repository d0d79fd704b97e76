"""Approval of a release: two compliance officers, each in his own name, on its digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Conflict

#: How many officers have to stand for a release.
OFFICERS = 2


class ReleaseApprovedAlready(Conflict):
    """An officer stands for a release once; the second approval is somebody else's."""

    code = "RELEASE_APPROVED_ALREADY"
    zh = "您已批准该规则版本；须由另一名合规人员批准。"
    en = "You have approved this release already; another compliance officer has to."


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One officer stands for a release. ``subject`` is that of his token: his signature."""

    digest: str
    subject: str
    approved_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReleaseState:
    """A release by its digest and who stands for it, earliest first; it changes only by approvals.

    ``stored_at`` None: it is shipped and nothing was decided under it yet.
    """

    digest: str
    stored_at: datetime | None
    rules: int
    approvals: tuple[Approval, ...]

    @property
    def version(self) -> int:
        """Grows with every approval."""
        return 1 + len(self.approvals)

    @property
    def approved(self) -> bool:
        """Whether enough officers stand for it."""
        return len({approval.subject for approval in self.approvals}) >= OFFICERS

    def approve(self, by: str, now: datetime) -> Approval:
        """One more officer stands for it. Raises :class:`ReleaseApprovedAlready`."""
        if by in subjects(self.approvals):
            raise ReleaseApprovedAlready
        return Approval(digest=self.digest, subject=by, approved_at=now)


def subjects(approvals: Iterable[Approval]) -> set[str]:
    """Who has approved."""
    return {approval.subject for approval in approvals}
