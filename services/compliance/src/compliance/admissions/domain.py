"""Checks of an outlet's readiness to sell, granted or refused: each is a record for good (ZON-10, M126, D1).

What was granted under a profile that phases the recording in ends with the last day of that profile, unless
a later check has found the recording in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from compliance.admissions.events import OutletCapabilityGranted
from compliance.evidence.domain import Plain
from compliance.periods.domain import legal_date
from compliance.rulebook.admissions import AdmissionFacts, OutletCapability, PolicyProfile
from compliance.rulebook.decisions import Decision


@dataclass(kw_only=True)
class CapabilityCheck:
    """One check and what came of it. ``valid_until``: the last day of what was granted, None = open.

    ``decision`` is the decision as plain values, ``digest`` its SHA-256, ``release`` the rules' behind it.
    """

    id: UUID
    outlet_id: UUID
    capability: OutletCapability
    profile: PolicyProfile
    profile_until: date | None
    granted: bool
    valid_until: date | None
    release: str
    digest: str
    decision: Plain
    checked_by: str
    checked_at: datetime


@dataclass(frozen=True, kw_only=True)
class HeldCapability:
    """A capability as the newest check that granted it left it."""

    capability: OutletCapability
    check_id: UUID
    profile: PolicyProfile
    granted_at: datetime
    valid_until: date | None

    def holds(self, at: datetime) -> bool:
        """Whether it has not ended before the legal day of ``at``."""
        return self.valid_until is None or legal_date(at) <= self.valid_until


@dataclass
class OutletAdmission:
    """What an outlet has been granted: the head of its facts, one version a grant."""

    outlet_id: UUID
    version: int
    capabilities: tuple[HeldCapability, ...]

    def conclude(
        self, check_id: UUID, facts: AdmissionFacts, decision: Decision, *, by: str
    ) -> tuple[CapabilityCheck, OutletCapabilityGranted | None]:
        """The record of the check; with the fact of the grant where nothing stood against it."""
        # The profile's end binds only what rests on the profile.
        phased = not facts.recorded_zones
        until = facts.profile_until if decision.passed and phased else None
        check = CapabilityCheck(
            id=check_id,
            outlet_id=self.outlet_id,
            capability=facts.capability,
            profile=facts.profile,
            profile_until=facts.profile_until,
            granted=decision.passed,
            valid_until=until,
            release=decision.release,
            digest=decision.digest,
            decision=decision.plain,
            checked_by=by,
            checked_at=facts.at,
        )
        return check, self._grant(check) if decision.passed else None

    def _grant(self, check: CapabilityCheck) -> OutletCapabilityGranted:
        held = HeldCapability(
            capability=check.capability,
            check_id=check.id,
            profile=check.profile,
            granted_at=check.checked_at,
            valid_until=check.valid_until,
        )
        self.capabilities = _replaced(self.capabilities, held)
        self.version += 1
        return OutletCapabilityGranted(
            version=self.version,
            occurred_at=check.checked_at,
            outlet_id=self.outlet_id,
            check_id=check.id,
            capability=check.capability.value,
            policy_profile=check.profile.value,
            valid_until=check.valid_until,
            decision=check.digest,
        )


def _replaced(known: Sequence[HeldCapability], held: HeldCapability) -> tuple[HeldCapability, ...]:
    others = [one for one in known if one.capability is not held.capability]
    return tuple(sorted((*others, held), key=lambda one: one.capability))
