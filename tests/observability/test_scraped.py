"""A real Prometheus scrapes a real stack: rules are evaluated, panels show something, an alert fires."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from deploy import SERVICES
from deploy.demo.day import play
from deploy.devstack.stack import Stack
from tests.observability.files import ALERTS, FOLDER, PANELS, RULES, metrics, needs_prometheus

pytestmark = [pytest.mark.e2e, needs_prometheus]

PATIENCE_SECONDS = 90.0
#: Never set: only waited for between two looks at other processes, which send no signal.
PAUSE = threading.Event()
#: Shown only where something has happened that no day holds.
NOTHING_ON_A_DAY = {
    "messaging: Relay passes that failed A",
    "compliance: Recordings read again by the patrol A",
    "staffing: Qualifications that end within thirty days A",
}
#: Else nobody does when the day is over.
SOMEBODY_WAITS = b"UPDATE tickets SET state = 'waiting' WHERE id = (SELECT min(id::text)::uuid FROM tickets)"
#: Counters whose first sample comes with their first event.
NOT_YET = {"wangdian_recordings_verified_total", "wangdian_job_failures_total"}


class Prometheus:
    """A running Prometheus and what it knows."""

    def __init__(self, url: str) -> None:
        self.url = url

    def asked(self, path: str, **query: str) -> Any:
        """The data of an answer of its API."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=query, trust_env=False, timeout=10)
        body = answer.json()
        assert body["status"] == "success", body
        return body["data"]

    def result(self, expression: str) -> list[Any]:
        """The series of an expression now."""
        found: list[Any] = self.asked("query", query=expression)["result"]
        return found

    def until(self, expression: str) -> list[Any]:
        """Waits until an expression has series."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.result(expression)):
            assert time.monotonic() < deadline, expression
            PAUSE.wait(0.5)
        return found


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A stack on which a short day was played; it looks at itself every half second."""
    stack = Stack(tmp_path_factory.mktemp("watched"), fast=True, settings={"WANGDIAN_WATCH_SECONDS": "0.5"})
    stack.start()
    try:
        await play(stack, tickets=120, sales=4, seconds=12.0, seed=9, stale=False, books=False)
        for service in SERVICES:
            assert httpx.get(f"{stack.url(service)}/v1/nowhere", trust_env=False).status_code in (401, 404)
        with psycopg.connect(stack.postgres.dsn("ticketing"), autocommit=True) as database:
            database.execute(SOMEBODY_WAITS)
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus with our configuration; addresses and intervals are those of the test."""
    folder = tmp_path_factory.mktemp("prometheus")
    configuration = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(RULES)]
    for target in configuration["scrape_configs"][0]["static_configs"]:
        target["targets"] = [stack.url(target["labels"]["service"]).removeprefix("http://")]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    log = (folder / "log").open("w")
    process = subprocess.Popen([*command, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        yield ready(Prometheus(f"http://{address}"))
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def ready(prometheus: Prometheus) -> Prometheus:
    """Itself, when it has scraped every service."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if len(prometheus.result("up == 1")) == 4:
                return prometheus
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline
        PAUSE.wait(0.2)


def test_every_service_is_scraped(prometheus: Prometheus) -> None:
    assert {one["metric"]["service"] for one in prometheus.result("up == 1")} == set(SERVICES)


def test_every_alert_is_evaluated_and_names_metrics_that_are_there(prometheus: Prometheus) -> None:
    prometheus.until("wangdian_measured_at_seconds")
    (group,) = prometheus.asked("rules")["groups"]
    assert {rule["name"] for rule in group["rules"]} == ALERTS.keys()
    for rule in group["rules"]:
        prometheus.result(rule["query"])
        for metric in metrics(rule["query"]) - NOT_YET:
            assert prometheus.until(metric), (rule["name"], metric)


@pytest.mark.parametrize("panel", [name for name in PANELS if name not in NOTHING_ON_A_DAY])
def test_every_panel_shows_something(prometheus: Prometheus, panel: str) -> None:
    expression = PANELS[panel].replace("[5m]", "[1m]")
    assert prometheus.until(expression), panel


def test_what_stands_in_the_databases_is_what_is_shown(prometheus: Prometheus, stack: Stack) -> None:
    for service, shown, statement in (
        ("ticketing", "wangdian_tickets_waiting", "SELECT count(*) FROM tickets WHERE state = 'waiting'"),
        ("staffing", "wangdian_employees_active", "SELECT count(*) FROM employees WHERE left_at IS NULL"),
        ("compliance", "sum(wangdian_recordings)", "SELECT count(*) FROM recordings"),
    ):
        with psycopg.connect(stack.postgres.dsn(service)) as database:
            found = database.execute(statement.encode()).fetchone()
        assert found is not None
        assert found[0] > 0
        prometheus.until(f"{shown} == {found[0]}")


def test_an_alert_fires_for_a_fault_of_the_running_stack(prometheus: Prometheus, stack: Stack) -> None:
    """A fact is parked by hand; the alert fires, and ends when the fact is gone."""
    park = """
        INSERT INTO parked (consumer, topic, partition, "offset", headers, value, reason, attempts)
        VALUES ('feedback', 'staffing.outlets.v1', 0, 0, '{}', ''::bytea, 'by hand', 1)
    """
    with psycopg.connect(stack.postgres.dsn("feedback"), autocommit=True) as database:
        database.execute(park.encode())
        fires = prometheus.until('ALERTS{alertname="FactsParked",alertstate="firing",service="feedback"}')
        assert len(fires) == 1
        database.execute(b"DELETE FROM parked")
        assert prometheus.until('absent(ALERTS{alertname="FactsParked"})')


def test_dashboards_are_files_that_grafana_takes() -> None:
    for path in (FOLDER / "dashboards").glob("*.json"):
        dashboard = json.loads(Path(path).read_text("utf-8"))
        assert dashboard["uid"] == f"wangdian-{path.stem}"
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
