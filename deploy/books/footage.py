"""The gate read a second time, about the recordings of a sale one by one (REC-01, REC-02).

Written from the rules' texts. A decision of before these rules has no ``footage`` among its inputs and was
not judged by them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

Inputs = Mapping[str, Any]

#: Codes of the rules here, by which a release shows that it asks for the recordings one by one.
CODES = frozenset({"RECORDING_INTERRUPTED", "KEY_POINTS_OUTDATED", "REMOTE_RECORDING_NOT_ENABLED"})
RESUME = timedelta(minutes=10)
#: What is sealed so long after it began, or later, was abandoned: it is kept, and proves nothing.
ABANDONED = timedelta(hours=48)
PEOPLE = ("customer_id", "seller_id", "session_id")
#: The key points that speak of each thing which may change; a script concerns the key point that it is for.
SPEAK_OF = {
    "risk_level": ("RISK_DISCLOSURE", "CONFIRMATION", "FEEDBACK"),
    "terms": ("PITCH", "KEY_INFO", "CONFIRMATION", "FEEDBACK"),
    "prices": ("KEY_INFO", "CONFIRMATION"),
}


def sealed_in_time(recording: Inputs, seal: Inputs | None) -> bool:
    """Whether the row of a recording has a seal that lets it prove something."""
    return seal is not None and bool(seal["sealed_at"] < recording["started_at"] + ABANDONED)


def went_on(inputs: Inputs) -> bool:
    """REC-01: what broke off went on within ten minutes, outside key points, same people, same device."""
    if "footage" not in inputs or not inputs["recordings"]:
        return True
    takes = (inputs["footage"] or {}).get("takes") or []
    if not takes or any(len({take[name] for take in takes}) > 1 for name in PEOPLE):
        return False
    chain = [take for take in takes if take["kind"] in {"MAIN", "RESUMED"}]
    return all(_joins(before, after) for before, after in pairwise(chain))


def allowed_from_afar(inputs: Inputs) -> bool:
    """REC-01: what was recorded remotely was enabled for the product in the region when it began."""
    if "footage" not in inputs or not inputs["recordings"]:
        return True
    takes = (inputs["footage"] or {}).get("takes") or [{"channel": None}]
    # Before remote recording was a channel, no recording had one.
    if all("channel" not in take for take in takes):
        return True
    return all(take["channel"] == "ON_SITE" or _enabled(take) for take in takes)


def _enabled(take: Inputs) -> bool:
    return take["channel"] == "REMOTE" and take["remote_enabled"] is True


def _joins(before: Inputs, after: Inputs) -> bool:
    length = before["duration_ms"]
    broke = datetime.fromisoformat(before["started_at"]) + timedelta(milliseconds=length)
    if datetime.fromisoformat(after["started_at"]) > broke + RESUME:
        return False
    if not after["device_id"] or after["device_id"] != before["device_id"]:
        return False
    return not any(part["starts_ms"] < length <= part["ends_ms"] for part in before["segments"])


def speaks_of_now(inputs: Inputs) -> bool:
    """REC-02: the last recording of each key point began when all held that holds at the sale."""
    if "footage" not in inputs:
        return True
    footage = inputs["footage"]
    if not inputs["recordings"] or not footage or not footage["presented"]:
        return False
    last: dict[str, Inputs | None] = {}
    for take in footage["takes"]:
        for part in take["segments"]:
            last[part["kind"]] = take["presented"]
    return all(_current(kind, then, footage["presented"]) for kind, then in last.items())


def _current(kind: str, then: Inputs | None, now: Inputs) -> bool:
    if not then or _script(then, kind) != _script(now, kind):
        return False
    return all(then[thing] == now[thing] for thing, kinds in SPEAK_OF.items() if kind in kinds)


def _script(presented: Inputs, kind: str) -> str | None:
    return next((one["sha256"] for one in presented["scripts"] if one["segment"] == kind), None)
