"""What other systems are told to type and to copy works: the guide, and the samples on what goes wrong."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.books.auditing import wait_until_quiet
from deploy.demo.day import Summary
from deploy.devstack import REPOSITORY
from deploy.devstack.kafka import LIBRARIES
from deploy.devstack.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.real_kafka]

GUIDE = REPOSITORY / "docs" / "integration"
TOPIC = "samples.parcels.v1"


def run(*command: str, folder: Path) -> str:
    """What a command prints; fails with its words where it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300, env=dict(os.environ)
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def clone(played: tuple[Stack, Summary], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the stack stands where the guide says, as in a clone of one's own."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "docs").symlink_to(REPOSITORY / "docs")
    (folder / ".local" / "kafka").mkdir(parents=True)
    (folder / ".local" / "kafka" / "libs").symlink_to(LIBRARIES)
    (folder / ".local" / "stack.json").symlink_to(played[0].folder / "stack.json")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def classes(clone: Path) -> str:
    """The class path of the Java samples."""
    if shutil.which("javac") is None:
        pytest.skip("the Java samples need javac")
    sources = [str(path) for path in sorted((GUIDE / "java").glob("*.java"))]
    run("javac", "-Xlint:all", "-Werror", "-cp", f"{LIBRARIES}/*", "-d", "classes", *sources, folder=clone)
    return f"{LIBRARIES}/*:{clone}/classes"


def test_the_first_event_comes_as_the_guide_says(
    clone: Path, classes: str, played: tuple[Stack, Summary]
) -> None:
    stack, _ = played
    blocks = re.findall(r"```sh\n(.*?)```", (GUIDE / "README.md").read_text("utf-8"), re.DOTALL)
    typed = run("bash", "-euo", "pipefail", "-c", "\n".join(blocks), folder=clone)
    with psycopg.connect(stack.postgres.dsn("staffing")) as database:
        known = database.execute("SELECT count(*) FROM outlets").fetchone()
    assert known is not None
    assert f"\n{known[0]} outlets\n" in typed
    assert re.search(r"^staffing\.outlet\.opened\.v1 [1-9]", typed, re.MULTILINE)
    first, second = typed.split(f"{known[0]} outlets")[0].count("staffing.outlet.opened.v1 taken"), known[0]
    assert first == second, "what was taken once is not taken again"
    assert typed.count("corebanking.contract.paid_out.v1 acknowledged") == 2


def headers(number: int, version: int | str) -> list[tuple[str, bytes]]:
    """The attributes of one fact of the samples' own topic."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": f"fact-{number}",
        "ce_source": "/samples",
        "ce_type": "samples.parcel.sent.v1",
        "ce_sequence": str(version),
    }
    return [(name, value.encode()) for name, value in attributes.items()]


@pytest.fixture(scope="module")
async def parcels(played: tuple[Stack, Summary]) -> str:
    """A topic with what may go wrong on it; answers where."""
    bootstrap = played[0].kafka.bootstrap
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 2, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for key, number, version, value in (
        ("a", 1, 1, b'{"place": "shelf"}'),
        ("a", 2, 2, b'{"place": "van"}'),
        ("a", 2, 2, b'{"place": "van"}'),
        ("a", 3, 1, b'{"place": "long ago"}'),
        ("b", 4, "no number", b"{}"),
        ("b", 5, 2, b'{"place": "behind"}'),
        ("c", 6, 1, b'{"place": "shelf"}'),
    ):
        await producer.send_and_wait(TOPIC, value, key=key.encode(), headers=headers(number, version))
    await producer.send_and_wait(TOPIC, b"{}", headers=[("ce_type", b"wangdian.register.heartbeat.v1")])
    await producer.stop()
    return bootstrap


def test_the_python_consumer_counts_once_and_parks_what_it_cannot_read(clone: Path, parcels: str) -> None:
    command = [sys.executable, str(GUIDE / "python" / "consume.py"), "--bootstrap", parcels, "--topic", TOPIC]
    state = clone / "parcels.sqlite"
    told = run(*command, "--state", str(state), folder=clone)
    assert sorted(line.rsplit(" ", 1)[1] for line in told.splitlines()) == sorted(
        ["taken", "taken", "known", "older", "parked", "parked", "taken", "over"]
    )
    with sqlite3.connect(state) as database:
        assert database.execute("SELECT key, sequence, data FROM state ORDER BY key").fetchall() == [
            ("a", 2, '{"place": "van"}'),
            ("c", 1, '{"place": "shelf"}'),
        ]
        assert database.execute("SELECT key, reason FROM parked ORDER BY rowid").fetchall() == [
            ("b", "invalid literal for int() with base 10: 'no number'"),
            ("b", "behind a parked one"),
        ]
        assert run(*command, "--state", str(state), folder=clone) == "", "nothing is left to take"
        # As after a crash between the effect and whatever came next: the places are those of the effects.
        database.execute("UPDATE place SET next = 0")
        database.commit()
    again = run(*command, "--state", str(state), folder=clone)
    assert " taken" not in again


def test_the_java_consumer_counts_once_and_mends_a_cut_journal(
    clone: Path, classes: str, parcels: str
) -> None:
    journal = clone / "parcels.journal"
    command = ["java", "-cp", classes, "Consume", parcels, TOPIC, str(journal)]
    expected = "samples.parcel.sent.v1 3\nparked 1\n"
    assert run(*command, folder=clone) == expected
    whole = journal.read_text()
    assert run(*command, folder=clone) == expected
    assert journal.read_text() == whole, "nothing is left to take"
    journal.write_text(whole[:-20])
    assert run(*command, folder=clone) == expected, "the record whose line was cut is read again"
    assert journal.read_text() == whole


def test_a_pay_out_reaches_compliance_once(clone: Path, classes: str, played: tuple[Stack, Summary]) -> None:
    """Sent twice by each producer, as after a crash of theirs: two facts, four records."""
    stack, _ = played
    sale = "0190d3b0-0000-7000-8000-0000000000aa"
    bootstrap = stack.kafka.bootstrap
    python = [sys.executable, str(GUIDE / "python" / "produce.py"), "--bootstrap", bootstrap, "--sale", sale]
    python += ["--contract", "C-7", "--on", "2026-03-02", "--amount-minor", "100"]
    java = ["java", "-cp", classes, "Produce", bootstrap, sale, "C-8", "2026-03-03", "100"]
    for command in (python, java, python, java):
        assert "acknowledged" in run(*command, folder=clone)
    assert wait_until_quiet(stack.describe(), time.monotonic() + 60)
    with psycopg.connect(stack.postgres.dsn("compliance")) as database:
        found = database.execute(
            "SELECT claimed_on::text, source FROM retention_reports WHERE sale_id = %s ORDER BY 1", (sale,)
        ).fetchall()
    assert found == [("2026-03-02", "/corebanking"), ("2026-03-03", "/corebanking")]
