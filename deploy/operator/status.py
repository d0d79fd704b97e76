"""``wangdian status``: how every service stands, in one table or as JSON."""

from typing import Any

from rich.table import Table

from deploy.operator import promises
from deploy.operator.looking import Seen, ServiceSeen

COLOURS = {"ready": "green", "degraded": "yellow", "unready": "red", "down": "red"}


def healthy(seen: Seen) -> bool:
    """Whether the broker answers and every service is ready, on the schema of this code."""
    return seen.broker_error is None and all(
        service.status == "ready"
        and service.database is not None
        and service.database.schema == promises.newest_schema(service.at.name)
        for service in seen.services
    )


def as_data(seen: Seen) -> dict[str, Any]:
    """The same as JSON: counts in records, ages in seconds, null where unknown."""
    return {
        "ok": healthy(seen),
        "broker": {"answers": seen.broker_error is None, "error": seen.broker_error},
        "services": {service.at.name: _service(service, seen) for service in seen.services},
    }


def _service(service: ServiceSeen, seen: Seen) -> dict[str, Any]:
    database = service.database
    return {
        "status": service.status,
        "reasons": [*service.reasons, *([service.database_error] if service.database_error else [])],
        "schema": database.schema if database else None,
        "schema_expected": promises.newest_schema(service.at.name),
        "outbox": database.outbox if database else None,
        "outbox_age_seconds": _rounded(database.outbox_age) if database else None,
        "relay_paused": database.paused if database else None,
        "lag_records": service.lag(seen.topics),
        "parked": database.parked if database else None,
        "registers": {
            topic: {"heartbeat_age_seconds": _rounded(register.age), "partitions_heard": register.heard}
            for topic, register in (database.registers if database else {}).items()
        },
    }


def table(seen: Seen) -> Table:
    """One row a service."""
    shown = Table("service", "status", "schema", "outbox", "oldest", "lag", "parked", "heartbeat", "why")
    for name, row in as_data(seen)["services"].items():
        current = row["schema"] == row["schema_expected"]
        ages = [register["heartbeat_age_seconds"] for register in row["registers"].values()]
        why = [*row["reasons"], *(["relay paused"] if row["relay_paused"] else [])]
        shown.add_row(
            name,
            f"[{COLOURS.get(row['status'], 'red')}]{row['status']}[/]",
            f"{row['schema'] or '?'}"
            if current
            else f"[red]{row['schema'] or '?'} < {row['schema_expected']}[/]",
            _shown(row["outbox"]),
            _shown(row["outbox_age_seconds"], " s"),
            _shown(row["lag_records"]),
            _shown(row["parked"]),
            _shown(max(ages), " s") if ages else "–",
            "; ".join(why),
        )
    return shown


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, float(seconds)), 1)


def _shown(value: float | None, unit: str = "") -> str:
    return "–" if value is None else f"{value}{unit}"
