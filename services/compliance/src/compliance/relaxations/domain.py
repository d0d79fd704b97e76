"""A relaxation (M063): a profile, a rule of the bank's own, who approved it, its last day. Never a law's."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid, ServiceError
from compliance.rulebook.domain import Finding
from compliance.rulebook.waivers import NOT_WAIVABLE, TOO_LONG


class Profile(StrEnum):
    """For whom acceptance may be relaxed."""

    FARMER_OUTLET = "FARMER_OUTLET"
    KEY_CUSTOMER = "KEY_CUSTOMER"


class RuleNotWaivable(Invalid):
    """M063."""

    code = NOT_WAIVABLE
    zh = "规则 {rule} 不在可放宽的内部规则之列;请按规则办理。"
    en = "{rule} is none of the bank's own rules that this profile may have waived; keep to it."


class WaiverTooLong(Invalid):
    """M063."""

    code = TOO_LONG
    zh = "放宽期限最长至 {last};请缩短期限。"
    en = "The relaxation may run through {last} at most; shorten it."


class WaiverEnded(Invalid):
    """What is over relaxes nothing."""

    code = "WAIVER_ENDED"
    zh = "放宽的截止日已过;请填写今天或以后的日期。"
    en = "The last day of the relaxation is over; name today or a later day."


class WaiverIsRevoked(Conflict):
    """A relaxation is revoked once."""

    code = "WAIVER_REVOKED"
    zh = "该放宽已撤销;无需再次撤销。"
    en = "The relaxation is revoked already; there is nothing to end."


@dataclass
class Relaxation:
    """The aggregate. ``expires_on`` is its last day; ``revoked_at`` None: nobody has ended it before."""

    id: UUID
    version: int
    profile: Profile
    rule: str
    reason: str
    approved_by: str
    approved_at: datetime
    effective_from: date
    expires_on: date
    revoked_at: datetime | None

    @classmethod
    def approve(
        cls,
        relaxation_id: UUID,
        *,
        profile: Profile,
        rule: str,
        reason: str,
        expires_on: date,
        by: str,
        at: datetime,
        on: date,
    ) -> "Relaxation":
        """A relaxation from the legal day ``on``, at version 1. Raises :class:`WaiverEnded`."""
        if expires_on < on:
            raise WaiverEnded(pointer="/expires_on")
        return cls(relaxation_id, 1, profile, rule, reason, by, at, on, expires_on, None)

    def revoke(self, *, at: datetime) -> None:
        """Ends it at once. Raises :class:`WaiverIsRevoked`."""
        if self.revoked_at is not None:
            raise WaiverIsRevoked
        self.revoked_at = at
        self.version += 1


def not_waived(finding: Finding, rule: str) -> ServiceError:
    """M063: the refusal of a relaxation."""
    if finding.code == TOO_LONG:
        return WaiverTooLong(last=finding.details["last"][0], pointer="/expires_on")
    return RuleNotWaivable(rule=rule, pointer="/rule")
