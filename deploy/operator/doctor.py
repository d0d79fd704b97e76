"""``wangdian doctor``: what is wrong at this moment, and what to do about it."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from chassis.migrate import monthly_partitions
from chassis.register import CLOCK_SKEW_SECONDS_MAX
from chassis.settings import Settings
from deploy import SERVICES
from deploy.operator import findings as kinds
from deploy.operator import promises
from deploy.operator.findings import Finding, finding
from deploy.operator.installation import Installation
from deploy.operator.looking import DatabaseSeen, Seen, ServiceSeen

SECRET_SIGNS_MIN = 16
#: Words that stand in samples and tutorials.
SAMPLES = tuple("admin changeme change-me example password passw0rd postgres sample secret wangdian".split())


@dataclass(frozen=True)
class Limits:
    """From where on something is a finding."""

    outbox_age_seconds_max: float = 30.0
    register_age_seconds_max: float = float(Settings.model_fields["register_fresh_seconds"].default)
    clock_offset_seconds_max: float = CLOCK_SKEW_SECONDS_MAX
    disk_free_percent_min: float = 10.0
    topic_partitions: int = int(Settings.model_fields["topic_partitions"].default)


def examine(seen: Seen, limits: Limits) -> list[Finding]:
    """Everything wrong, what people suffer from first."""
    found = [*_broker(seen, limits), *_secrets(seen.installation), *_disks(seen.installation, limits)]
    for service in seen.services:
        found += [*_service(service), *_database(service, limits), *_offsets(service, seen)]
    return sorted(found, key=lambda one: not one.urgent)


def _service(service: ServiceSeen) -> Iterator[Finding]:
    kind = {
        "down": kinds.SERVICE_DOWN,
        "unready": kinds.SERVICE_NOT_READY,
        "degraded": kinds.SERVICE_DEGRADED,
    }.get(service.status)
    if kind is not None:
        yield finding(kind, service.at.name, why="; ".join(service.reasons) or service.status)


def _database(service: ServiceSeen, limits: Limits) -> Iterator[Finding]:
    name, database = service.at.name, service.database
    if database is None:
        yield finding(kinds.DATABASE_UNREACHABLE, name, why=service.database_error)
        return
    wanted = promises.newest_schema(name)
    if database.schema != wanted:
        yield finding(kinds.SCHEMA_BEHIND, name, present=database.schema, wanted=wanted)
    wanted_partitions = {name for name, _, _ in monthly_partitions(database.now, months_ahead=1)}
    if missing := sorted(wanted_partitions - database.partitions):
        yield finding(kinds.PARTITION_MISSING, name, names=", ".join(missing))
    if database.facts_in_default:
        yield finding(kinds.FACTS_IN_DEFAULT, name)
    if database.paused:
        yield finding(kinds.RELAY_PAUSED, name, reason=database.paused_reason or "–")
    if (age := float(database.outbox_age or 0)) > limits.outbox_age_seconds_max:
        yield finding(kinds.OUTBOX_OLD, name, count=database.outbox, age=round(age))
    if database.parked:
        yield finding(kinds.PARKED_FACTS, name, count=database.parked)
    if abs(database.clock_offset) > limits.clock_offset_seconds_max:
        yield finding(kinds.CLOCK_OFFSET, name, offset=f"{database.clock_offset:+.1f}")
    yield from _registers(name, database, limits)


def _registers(name: str, database: DatabaseSeen, limits: Limits) -> Iterator[Finding]:
    registers = {topic for one in SERVICES for topic in promises.topics(one).registers}
    for topic in sorted(promises.topics(name).received & registers):
        register = database.registers.get(topic)
        if register is None:
            yield finding(kinds.REGISTER_STALE, name, topic=topic, why="no heartbeat was ever heard")
        elif register.heard < register.partitions:
            why = f"{register.heard} of {register.partitions} partitions were heard"
            yield finding(kinds.REGISTER_STALE, name, topic=topic, why=why)
        elif register.age > limits.register_age_seconds_max:
            why = f"the oldest heartbeat is {register.age:.0f} s old"
            yield finding(kinds.REGISTER_STALE, name, topic=topic, why=why)


def _broker(seen: Seen, limits: Limits) -> Iterator[Finding]:
    if seen.broker_error is not None:
        yield finding(kinds.BROKER_UNREACHABLE, seen.installation.bootstrap, why=seen.broker_error)
        return
    for name, service in sorted(_needed(seen).items()):
        topic = seen.topics.get(name)
        if topic is None:
            yield finding(kinds.TOPIC_MISSING, name, service=service)
        elif len(topic.ends) != limits.topic_partitions:
            yield finding(
                kinds.TOPIC_PARTITIONS, name, present=len(topic.ends), wanted=limits.topic_partitions
            )


def _needed(seen: Seen) -> Mapping[str, str]:
    """Every topic of the services here, and one service that makes it when it starts."""
    needed: dict[str, str] = {}
    for service in seen.services:
        promised = promises.topics(service.at.name)
        needed |= {topic: service.at.name for topic in promised.received if topic not in needed}
    for service in seen.services:
        needed |= dict.fromkeys(promises.topics(service.at.name).sent, service.at.name)
    return needed


def _offsets(service: ServiceSeen, seen: Seen) -> Iterator[Finding]:
    lost = set(service.offsets_lost.split(", ")) if service.offsets_lost else set()
    if service.database is not None:
        for (name, number), place in service.database.positions.items():
            ends = seen.topics[name].ends if name in seen.topics else {}
            if number in ends and not ends[number][0] <= place <= ends[number][1]:
                lost.add(f"{name}/{number}")
    if lost:
        yield finding(kinds.OFFSETS_LOST, service.at.name, places=", ".join(sorted(lost)))


def _disks(installation: Installation, limits: Limits) -> Iterator[Finding]:
    folders = {service.name: service.data_dir for service in installation.services if service.data_dir}
    if installation.folder is not None:
        folders |= {"the stack": installation.folder}
    for subject, folder in folders.items():
        present = next((path for path in (folder, *folder.parents) if path.exists()), None)
        if present is None:
            continue
        usage = shutil.disk_usage(present)
        # What a quota or the superuser's reserve withholds is nobody's to fill: ``df`` reckons so too.
        percent = 100 * usage.free / (usage.used + usage.free)
        if percent < limits.disk_free_percent_min:
            yield finding(
                kinds.DISK_FULL, subject, free=f"{usage.free / 2**20:,.0f} MiB", percent=f"{percent:.0f}"
            )


def _secrets(installation: Installation) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for role, given in installation.passwords():
        password = unquote(given)
        if why := weakness(role, password):
            yield finding(kinds.SECRET_WEAK, role, why=why)
        elif owners.setdefault(password, role) != role:
            yield finding(kinds.SECRET_WEAK, role, why=f"the same as that of {owners[password]}")
    if any(weakness("", secret) for secret in installation.client_secrets):
        yield finding(kinds.SECRET_WEAK, "users of the issuer", why="too short, or a sample")
    for path in _private(installation):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield finding(kinds.SECRET_WEAK, path.name, why="other users of this machine can read the file")


def weakness(role: str, password: str) -> str | None:
    """Why a password is not fit for use; None when it is."""
    if not password:
        return "empty"
    if len(password) < SECRET_SIGNS_MIN:
        return f"shorter than {SECRET_SIGNS_MIN} signs"
    if len(set(password)) < SECRET_SIGNS_MIN // 3:
        return "a few signs repeated"
    lowered = password.lower()
    if any(word in lowered for word in (*SAMPLES, *([role] if role else []))):
        return "it contains a word that stands in samples"
    return None


def _private(installation: Installation) -> Iterator[Path]:
    if installation.stack is not None:
        yield installation.stack
    if installation.folder is not None:
        yield installation.folder / "secrets.json"
        keys = (installation.folder / name for name in ("keyring.json", "permit_keys.json"))
        yield from (path for path in keys if path.exists())
        yield from sorted((installation.folder / "issuer").glob("*.json"))
