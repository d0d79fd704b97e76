"""Each thing is broken for real; ``doctor`` names it, and its runbook is there."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.records_to_delete import RecordsToDelete
from typer.testing import CliRunner

from chassis.clock import SystemClock
from deploy.devstack import REPOSITORY
from deploy.operator import findings
from deploy.operator.__main__ import cli
from deploy.operator.doctor import Limits, examine, weakness
from deploy.operator.looking import look
from tests.operator.conftest import Operator

#: A topic of compliance that no service here takes.
UNHEARD = "compliance.products.v1"
#: A topic that feedback takes; a record without a type is passed over.
TAKEN = "compliance.sales.v1"


def test_nothing_is_wrong_with_a_running_stack(operator: Operator) -> None:
    assert "nothing is wrong" in operator.types("doctor", "--disk-free", "0")
    status = json.loads(operator.types("status", "--json"))
    assert status["ok"]
    assert set(status["services"]) == {"ticketing", "feedback", "staffing", "compliance"}
    compliance = status["services"]["compliance"]
    assert compliance["schema"] == compliance["schema_expected"]
    assert compliance["registers"]["staffing.employees.v1"]["heartbeat_age_seconds"] < 15
    assert "compliance" in operator.types("status")


def test_an_installation_named_by_the_environment_alone(operator: Operator) -> None:
    found = operator.installation
    environment = {
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": found.bootstrap,
        "WANGDIAN_ISSUER": found.issuer,
        "WANGDIAN_JWKS_URL": found.jwks_url,
    }
    for service in found.services:
        prefix = f"WANGDIAN_{service.name.upper()}"
        environment |= {f"{prefix}_URL": service.url, f"{prefix}_DATABASE_URL": service.dsn}
    done = CliRunner().invoke(cli, ["doctor", "--json"], env=environment)
    assert json.loads(done.output) == []
    done = CliRunner().invoke(cli, ["parked", "list", "staffing"], env=environment)
    assert done.exit_code == 0


def test_every_kind_has_its_runbook_and_both_languages() -> None:
    kinds = [kind for kind in vars(findings).values() if isinstance(kind, findings.Kind)]
    assert len(kinds) >= 18
    for kind in kinds:
        assert (REPOSITORY / "docs" / "runbooks" / f"{kind.runbook}.md").is_file(), kind.runbook
        assert any("\u4e00" <= sign <= "\u9fff" for sign in kind.zh + kind.do_zh)
        assert kind.en.isascii()


def test_a_service_that_is_down_and_the_register_that_goes_stale(operator: Operator) -> None:
    operator.stack.kill("staffing")
    try:
        assert ("SERVICE_DOWN", "staffing") in operator.named()
        assert json.loads(operator.types("status", "--json", fails=True))["services"]["staffing"][
            "status"
        ] == ("down")
        operator.wait(
            lambda: ("REGISTER_STALE", "compliance") in operator.named(), "the register never went stale"
        )
    finally:
        operator.stack.restart("staffing")
    operator.wait_until_well()


def test_a_database_that_refuses_everybody(operator: Operator) -> None:
    operator.execute("postgres", "ALTER DATABASE feedback ALLOW_CONNECTIONS false")
    try:
        operator.execute(
            "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'feedback'"
        )
        found = operator.named()
        assert ("DATABASE_UNREACHABLE", "feedback") in found
        assert ("SERVICE_NOT_READY", "feedback") in found
    finally:
        operator.execute("postgres", "ALTER DATABASE feedback ALLOW_CONNECTIONS true")
    operator.wait_until_well()


def test_a_schema_that_is_behind_and_a_month_without_a_partition(operator: Operator) -> None:
    [(revision,)] = operator.execute("ticketing", "SELECT version_num FROM alembic_version")
    [(next_month,)] = operator.execute(
        "ticketing", "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 month', '\"fact_\"YYYY_MM')"
    )
    operator.execute("ticketing", "UPDATE alembic_version SET version_num = '0001'")
    operator.execute("ticketing", f"DROP TABLE {next_month}")
    assert operator.named() == {("SCHEMA_BEHIND", "ticketing"), ("PARTITION_MISSING", "ticketing")}
    operator.execute("ticketing", "UPDATE alembic_version SET version_num = %s", revision)
    migrate(operator, "ticketing")
    assert operator.named() == set()


def test_facts_of_a_month_without_a_partition(operator: Operator) -> None:
    operator.execute(
        "feedback",
        "INSERT INTO fact (recorded_at, id, type, topic, sequence, occurred_at, data)"
        " VALUES ('2099-01-01', gen_random_uuid(), 'x', 'x', 1, now(), '{}')",
    )
    assert operator.named() == {("FACTS_IN_DEFAULT", "feedback")}
    as_the_runbook_says(operator, "feedback", "2099-01", "2099-02")
    assert operator.named() == set()
    assert operator.execute("feedback", "SELECT count(*) FROM fact_2099_01") == [(1,)]
    operator.execute("feedback", "DROP TABLE fact_2099_01")


def as_the_runbook_says(operator: Operator, service: str, month: str, next_month: str) -> None:
    """Runs the statements of the runbook for another month than its example's, as the owner role."""
    page = (REPOSITORY / "docs" / "runbooks" / "schema-behind.md").read_text(encoding="utf-8")
    statements = page.partition("```sql\n")[2].partition("```")[0]
    for example, here in (("2027-01", next_month), ("2026-12", month), ("2026_12", month.replace("-", "_"))):
        statements = statements.replace(example, here)
    owner = operator.installation.service(service).owner_dsn
    assert owner is not None
    with psycopg.connect(owner, autocommit=True) as connection:
        for statement in statements.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())


def migrate(operator: Operator, service: str) -> None:
    owner = operator.installation.service(service).owner_dsn
    assert owner is not None
    environment = {
        **os.environ,
        "WANGDIAN_DATABASE_URL": owner,
        "WANGDIAN_OWNER_DATABASE_URL": owner,
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": "none:1",
        "WANGDIAN_ISSUER": "none",
        "WANGDIAN_JWKS_URL": "none",
    }
    subprocess.run([sys.executable, "-m", service, "migrate"], env=environment, check=True)


def test_a_paused_relay_an_old_outbox_and_what_is_parked_behind_it(operator: Operator) -> None:
    operator.execute("staffing", "UPDATE relay_control SET paused = true, reason = 'a test'")
    operator.execute(
        "staffing",
        "WITH made AS (INSERT INTO fact (recorded_at, id, type, topic, key, sequence, occurred_at, data)"
        " VALUES (now() - interval '1 minute', gen_random_uuid(), 'staffing.outlet.opened.v1',"
        " 'staffing.outlets.v1', 'broken', 1, now(), '{}') RETURNING seq, recorded_at)"
        " INSERT INTO outbox (seq, recorded_at) SELECT seq, recorded_at FROM made",
    )
    assert operator.named() == {("RELAY_PAUSED", "staffing"), ("OUTBOX_OLD", "staffing")}
    operator.execute("staffing", "UPDATE relay_control SET paused = false, reason = NULL")
    parked = {("PARKED_FACTS", name) for name in ("ticketing", "feedback", "compliance")}
    operator.wait(lambda: operator.named() == parked, "the fact was not parked everywhere")
    for _, name in parked:
        operator.execute(name, "DELETE FROM parked")
        operator.execute(name, "DELETE FROM parked_key")
    assert operator.named() == set()


@pytest.mark.real_kafka
def test_a_broker_that_is_gone(operator: Operator) -> None:
    operator.stack.kafka.kill()
    try:
        assert ("BROKER_UNREACHABLE", operator.installation.bootstrap) in operator.named()
    finally:
        operator.stack.kafka.launch()
        operator.stack.kafka.wait()
    operator.wait_until_well()


@pytest.mark.real_kafka
def test_topics_that_are_missing_or_of_another_size(operator: Operator) -> None:
    async def replace(partitions: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=operator.installation.bootstrap)
        await admin.start()
        if partitions:
            await admin.create_topics([NewTopic(UNHEARD, partitions, 1)])
        else:
            await admin.delete_topics([UNHEARD])
        await admin.close()

    asyncio.run(replace(0))
    operator.wait(lambda: operator.named() == {("TOPIC_MISSING", UNHEARD)}, "its absence was not seen")
    asyncio.run(replace(2))
    operator.wait(lambda: operator.named() == {("TOPIC_PARTITIONS", UNHEARD)}, "its size was not seen")
    assert (("TOPIC_PARTITIONS", TAKEN)) in operator.named("--partitions", "2")
    asyncio.run(replace(0))
    operator.wait(lambda: operator.named() == {("TOPIC_MISSING", UNHEARD)}, "its absence was not seen")
    operator.stack.restart("compliance")
    operator.wait_until_well()


@pytest.mark.real_kafka
def test_a_place_that_the_broker_no_longer_keeps(operator: Operator) -> None:
    async def send(count: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=operator.installation.bootstrap) as producer:
            for _ in range(count):
                await producer.send_and_wait(TAKEN, b"{}", partition=0)

    async def trim() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=operator.installation.bootstrap)
        await admin.start()
        await admin.delete_records({TopicPartition(TAKEN, 0): RecordsToDelete(before_offset=-1)})
        await admin.close()

    asyncio.run(send(1))
    places = "SELECT next_offset FROM consumer_position WHERE topic = %s AND partition = 0"
    operator.wait(lambda: bool(operator.execute("feedback", places, TAKEN)), "the record was not taken")
    operator.stack.kill("feedback")
    asyncio.run(send(2))
    asyncio.run(trim())
    assert ("OFFSETS_LOST", "feedback") in operator.named()
    operator.stack.restart("feedback")
    operator.wait(
        lambda: any(
            one["code"] == "OFFSETS_LOST" and f"{TAKEN}/0" in one["en"] for one in operator.findings()
        ),
        "the service did not say it either",
    )
    operator.stack.kill("feedback")
    operator.execute("feedback", "DELETE FROM consumer_position WHERE topic = %s", TAKEN)
    operator.stack.restart("feedback")
    operator.wait_until_well()


class Slow(SystemClock):
    """A clock that is a minute and a half late."""

    def now(self) -> datetime:
        return super().now() - timedelta(seconds=90)


def test_clocks_that_differ(operator: Operator) -> None:
    found = examine(look(operator.installation, Slow()), Limits(disk_free_percent_min=0))
    assert {one.code for one in found} == {"CLOCK_OFFSET"}
    assert "+90.0 s" in found[0].en


def test_secrets_from_samples_and_files_that_anybody_can_read(operator: Operator, tmp_path: Path) -> None:
    copy = tmp_path / "stack.json"
    stack = json.loads(operator.path.read_text())
    good = operator.stack.postgres.passwords.get("postgres.feedback_app")
    operator.execute("postgres", "ALTER ROLE feedback_app PASSWORD 'feedback'")
    try:
        stack["services"]["feedback"]["dsn"] = stack["services"]["feedback"]["dsn"].replace(good, "feedback")
        copy.write_text(json.dumps(stack))
        copy.chmod(0o644)
        found = operator.named(stack=copy)
    finally:
        operator.execute("postgres", f"ALTER ROLE feedback_app PASSWORD '{good}'")
    assert found == {("SECRET_WEAK", "feedback_app"), ("SECRET_WEAK", "stack.json")}


@pytest.mark.parametrize(
    "password", ["", "postgres", "aaaaaaaaaaaaaaaaaaaaaa", "changeme-changeme-1", "x" * 15]
)
def test_passwords_that_are_not_fit_for_use(password: str) -> None:
    assert weakness("ticketing_app", password)
    assert weakness("ticketing_app", "8c1f0e5b7a2d9c4f6e3b") is None


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs mount namespaces")
def test_a_disk_that_is_full(operator: Operator, tmp_path: Path) -> None:
    disk, copy = tmp_path / "disk", tmp_path / "stack.json"
    disk.mkdir()
    stack = json.loads(operator.path.read_text())
    stack["services"]["compliance"]["data_dir"] = str(disk / "compliance")
    copy.write_text(json.dumps(stack))
    copy.chmod(0o600)
    script = (
        'mount -t tmpfs -o size=1m tmpfs "$1" || exit 77; dd if=/dev/zero of="$1/full" bs=1k count=1000;'
        ' "$2" -m deploy.operator --stack "$3" doctor --json'
    )
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(disk), sys.executable, str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("this machine allows no mounts")
    assert [(one["code"], one["subject"]) for one in json.loads(done.stdout)] == [("DISK_FULL", "compliance")]
    assert done.returncode == 1


@pytest.mark.parametrize(("free", "found"), [(10 * 2**30, False), (3 * 2**30, True)])
def test_space_that_is_withheld_is_not_missing(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, free: int, found: bool
) -> None:
    usage = SimpleNamespace(total=250 * 2**30, used=40 * 2**30, free=free)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    codes = {one.code for one in examine(look(operator.installation, SystemClock()), Limits())}
    assert ("DISK_FULL" in codes) is found
