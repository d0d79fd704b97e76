"""The function behind the rule about what an outlet may do: pure, typed, named with a version (ZON-10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.evidence.domain import to_plain
from compliance.periods.domain import legal_date
from compliance.rulebook.decisions import Decision, conclude, settle
from compliance.rulebook.domain import Check, Finding, PureCheck, RuleRelease, Subject, Verdict, codes_of

NOT_READY = "OUTLET_CAPABILITY_NOT_READY"


class OutletCapability(StrEnum):
    """What an outlet may be allowed to do: sell the bank's own wealth products, sell as an agent."""

    WEALTH_SALE = "WEALTH_SALE"
    AGENCY_SALE = "AGENCY_SALE"


class PolicyProfile(StrEnum):
    """What the outlet is measured by. RURAL_PHASED: a small rural one that phases the recording in."""

    STANDARD = "STANDARD"
    RURAL_PHASED = "RURAL_PHASED"


@dataclass(frozen=True, kw_only=True)
class AdmissionFacts:
    """An outlet at ``at``: its active zones, those of them with a working recorder, and its profile.

    ``profile_until``: the last day on which the profile may be relied on; None: not given.
    """

    outlet_id: UUID
    capability: OutletCapability
    at: datetime
    active_zones: tuple[UUID, ...]
    recorded_zones: tuple[UUID, ...]
    profile: PolicyProfile
    profile_until: date | None


@dataclass(frozen=True, kw_only=True)
class PhasedProfiles:
    """ZON-10: the profiles under which the recording, and nothing else, may come later."""

    phase_recording: tuple[PolicyProfile, ...]


def outlet_ready(facts: AdmissionFacts, parameters: PhasedProfiles) -> Verdict:
    """ZON-10: there is an active zone, and dual recording in it unless that is still being phased in."""
    findings = []
    if not facts.active_zones:
        findings.append(Finding(code=NOT_READY, reason="zone"))
    if not facts.recorded_zones:
        if facts.profile not in parameters.phase_recording:
            findings.append(Finding(code=NOT_READY, reason="recording"))
        elif facts.profile_until is None or facts.profile_until < legal_date(facts.at):
            findings.append(Finding(code=NOT_READY, reason="phase"))
    return Verdict(tuple(findings))


_CHECKS: tuple[Check[AdmissionFacts], ...] = (
    PureCheck(
        "outlet_capability.ready.v1",
        codes_of(NOT_READY, "zone", "recording", "phase"),
        PhasedProfiles,
        outlet_ready,
    ),
)

ADMISSION_CHECKS: Mapping[str, Check[AdmissionFacts]] = {check.name: check for check in _CHECKS}


def decide_admission(release: RuleRelease, facts: AdmissionFacts) -> Decision:
    """Whether the outlet gets the capability, by the rules of the legal day; raises ``NoRulesInForce``."""
    judged = [
        (rule, ADMISSION_CHECKS[rule.function].judge(facts, rule.parameters))
        for rule in release.in_force(Subject.ADMISSION, legal_date(facts.at))
    ]
    return conclude(release, Subject.ADMISSION, facts.at, to_plain(facts), settle(judged))
