"""A product is recorded remotely in a region once one officer proposed and another approved it.

It holds from the approval until somebody withdraws it; what was recorded meanwhile stays what it was.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.reviews.domain import Reviewed, ReviewState


class RemoteRecordingNotEnabled(Invalid):
    """REC-01: off, unless product and region are enabled."""

    code = "REMOTE_RECORDING_NOT_ENABLED"
    zh = "该产品在本网点所在地区未启用远程录音录像;请在网点销售专区录制。"
    en = "Remote recording is not enabled for this product in the outlet's region; record in the sales zone."


class RemoteProductUnknown(Invalid):
    """The product comes first."""

    code = "REMOTE_PRODUCT_UNKNOWN"
    zh = "产品登记中没有这个产品;请核对 product_id。"
    en = "There is no such product in the registry; check product_id."


class EnablingNotInForce(Conflict):
    """Only what is enabled is withdrawn."""

    code = "ENABLING_NOT_IN_FORCE"
    zh = "该项未启用或已停用;无需停用。"
    en = "It is not in force; there is nothing to withdraw."


@dataclass(kw_only=True)
class Enabling(Reviewed):
    """The aggregate. ``region`` is the bank's name of it, ``outlet_ids`` the outlets that belong to it."""

    product_id: UUID
    region: str
    outlet_ids: tuple[UUID, ...]
    reason: str
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def propose(
        cls,
        enabling_id: UUID,
        *,
        product_id: UUID,
        region: str,
        outlet_ids: tuple[UUID, ...],
        reason: str,
        by: str,
        at: datetime,
    ) -> "Enabling":
        """A proposal that waits for another officer, at version 1."""
        return cls(
            id=enabling_id,
            version=1,
            state=ReviewState.PENDING,
            submitted_by=by,
            submitted_at=at,
            reviewed_by=None,
            reviewed_at=None,
            review_note=None,
            product_id=product_id,
            region=region,
            outlet_ids=outlet_ids,
            reason=reason,
            withdrawn_by=None,
            withdrawn_at=None,
        )

    def withdraw(self, *, by: str, at: datetime) -> None:
        """From now on nothing begins remotely there. Raises :class:`EnablingNotInForce`."""
        if self.state is not ReviewState.APPROVED:
            raise EnablingNotInForce
        self.state, self.withdrawn_by, self.withdrawn_at = ReviewState.WITHDRAWN, by, at
        self.version += 1

    def enabled(self, outlet_id: UUID, at: datetime) -> bool:
        """Whether a recording could begin remotely at ``at``: from the approval on, until the withdrawal."""
        if self.state not in {ReviewState.APPROVED, ReviewState.WITHDRAWN} or self.reviewed_at is None:
            return False
        ended = self.withdrawn_at is not None and self.withdrawn_at <= at
        return outlet_id in self.outlet_ids and self.reviewed_at <= at and not ended
