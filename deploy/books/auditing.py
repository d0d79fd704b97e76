"""The audit: load everything once the system is quiet, run every check."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy import SERVICES
from deploy.apart import run
from deploy.books import checks, databases, evidence, ledgers, topics
from deploy.books.model import Books, Database, Imbalance, Result

#: How long the relays and consumers may take to finish what was acknowledged.
QUIET_SECONDS_MAX = 60.0
POLL_SECONDS = 0.1
LOADS_MAX = 5

#: Which topics each service takes facts from.
SUBSCRIBED = {
    "ticketing": frozenset({"staffing.outlets.v1"}),
    "feedback": frozenset({"staffing.outlets.v1", "ticketing.tickets.v1", "compliance.sales.v1"}),
    "staffing": frozenset({"ticketing.tickets.v1", "compliance.conduct.v1"}),
    "compliance": frozenset(
        {
            "staffing.outlets.v1",
            "staffing.employees.v1",
            "feedback.complaints.v1",
            "corebanking.contracts.v1",
            "corebanking.conduct.v1",
            "corebanking.orders.v1",
            "crm.customers.v1",
        }
    ),
}


def balance(stack_info: Mapping[str, Any], ledger: Path) -> list[Imbalance]:
    """Everything that does not add up; empty when the books balance.

    ``stack_info`` is the content of ``stack.json``, ``ledger`` a ledger or a folder of ledgers.
    Blocks: from an event loop, call it in a thread.
    """
    return [imbalance for result in audit(stack_info, ledger) for imbalance in result.imbalances]


def audit(
    stack_info: Mapping[str, Any], ledger: Path, *, quiet_seconds_max: float = QUIET_SECONDS_MAX
) -> list[Result]:
    """How every check came out, in the order of the summary."""
    return checks.run(load(stack_info, ledger, quiet_seconds_max=quiet_seconds_max))


def load(
    stack_info: Mapping[str, Any], ledger: Path, *, quiet_seconds_max: float = QUIET_SECONDS_MAX
) -> Books:
    """Reads ledger, topics, databases and files of one moment.

    Waits until outboxes are empty and consumers at the end, at most ``quiet_seconds_max``: what is left then
    is for the checks to name. When something was archived while we read, everything is read again.
    """
    deadline = time.monotonic() + quiet_seconds_max
    acts = ledgers.load(ledger, newest_only=stack_info["kafka"]["kind"] == "mock")
    archived, bases, told = _snapshot(stack_info, deadline)
    for _ in range(LOADS_MAX - 1):
        if _last_archived(stack_info) == archived:
            break
        archived, bases, told = _snapshot(stack_info, deadline)
    data_dir = stack_info["services"]["compliance"].get("data_dir")
    return Books(
        databases=bases,
        topics=told.records,
        acts=acts,
        evidence=None if data_dir is None else evidence.read(Path(data_dir)),
        trimmed=told.trimmed,
    )


def _snapshot(
    stack_info: Mapping[str, Any], deadline: float
) -> tuple[list[int], dict[str, Database], topics.Topics]:
    wait_until_quiet(stack_info, deadline)
    archived = _last_archived(stack_info)
    bases = {name: databases.read(name, _dsn(stack_info, name)) for name in SERVICES}
    return archived, bases, run(topics.read(stack_info["kafka"]["bootstrap"]))


def wait_until_quiet(stack_info: Mapping[str, Any], deadline: float) -> bool:
    """Waits until outboxes are empty and consumers have passed all that was sent; says whether they have."""
    while True:
        archived = _last_archived(stack_info)
        if not any(waiting for _, waiting, _ in _progress(stack_info).values()):
            ends = run(topics.end_offsets(stack_info["kafka"]["bootstrap"]))
            while _behind(stack_info, ends) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            # What was consumed may have caused new facts.
            if not _behind(stack_info, ends) and _last_archived(stack_info) == archived:
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)


def _behind(stack_info: Mapping[str, Any], ends: Mapping[tuple[str, int], int]) -> bool:
    return any(
        stands.get((topic, partition), 0) < end
        for service, (_, _, stands) in _progress(stack_info).items()
        for (topic, partition), end in ends.items()
        if topic in SUBSCRIBED[service]
    )


def _progress(stack_info: Mapping[str, Any]) -> dict[str, tuple[int, int, dict[tuple[str, int], int]]]:
    return {name: databases.progress(name, _dsn(stack_info, name)) for name in SERVICES}


def _last_archived(stack_info: Mapping[str, Any]) -> list[int]:
    return [last for last, _, _ in _progress(stack_info).values()]


def _dsn(stack_info: Mapping[str, Any], service: str) -> str:
    return str(stack_info["services"][service]["owner_dsn"])
