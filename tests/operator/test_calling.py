"""Parked facts, pause, republish: the service's own command line does it, with its settings."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.operator.calling import environment_of
from tests.operator.conftest import Operator

POISON = (
    "WITH made AS (INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data)"
    " VALUES (gen_random_uuid(), 'staffing.outlet.opened.v1', 'staffing.outlets.v1', %s, 1, now(), '{}')"
    " RETURNING seq, recorded_at)"
    " INSERT INTO outbox (seq, recorded_at) SELECT seq, recorded_at FROM made"
)
HEARERS = ("ticketing", "feedback", "compliance")


@pytest.fixture
def poisoned(operator: Operator) -> Iterator[Operator]:
    """Every consumer of the outlets has parked a fact without content; it is dropped at the end."""
    operator.execute("staffing", POISON, "poison")
    operator.wait(
        lambda: all(operator.execute(name, "SELECT 1 FROM parked WHERE key = 'poison'") for name in HEARERS),
        "the fact was not parked",
    )
    yield operator
    for name in HEARERS:
        for (position,) in operator.execute(name, "SELECT position FROM parked"):
            operator.types("parked", "drop", name, str(position), "--reason", "a test", "--yes")
    operator.wait_until_well()


def test_parked_facts_are_listed_shown_released_and_dropped(poisoned: Operator) -> None:
    listed = poisoned.types("parked", "list", "feedback")
    assert "poison" in listed
    assert "staffing.outlet.opened.v1" in listed
    [(position,)] = poisoned.execute("feedback", "SELECT position FROM parked")
    assert '"ce_type": "staffing.outlet.opened.v1"' in poisoned.types(
        "parked", "show", "feedback", str(position)
    )
    refused = poisoned.types("parked", "release", "feedback", "staffing.outlets.v1", "poison", fails=True)
    assert re.search(rf"stopped at position {position}", refused)


def test_nothing_is_dropped_without_yes(poisoned: Operator) -> None:
    [(position,)] = poisoned.execute("compliance", "SELECT position FROM parked")
    words = ("parked", "drop", "compliance", str(position), "--reason", "a test")
    assert "poison" in poisoned.types(*words)
    assert poisoned.execute("compliance", "SELECT 1 FROM parked")
    assert f"dropped {position}" in poisoned.types(*words, "--yes")
    assert not poisoned.execute("compliance", "SELECT 1 FROM parked")
    assert poisoned.execute("compliance", "SELECT 1 FROM parked_dropped WHERE reason = 'a test'")


def test_a_relay_is_paused_and_goes_on(operator: Operator) -> None:
    operator.types("pause", "feedback", "--reason", "the broker is being moved")
    assert ("RELAY_PAUSED", "feedback") in operator.named()
    operator.types("status", "--json")
    operator.types("resume", "feedback")
    assert operator.named() == set()


def test_facts_are_sent_again(operator: Operator) -> None:
    assert "queued again: 0" in operator.types(
        "republish", "ticketing", "--since", "2026-11-24T00:00:00+08:00"
    )
    operator.types("republish", "ticketing", "--since", "2026-11-24T00:00:00", fails=True)


def test_a_stopped_service_reads_a_topic_again(operator: Operator) -> None:
    operator.stack.kill("ticketing")
    operator.types("reread", "ticketing", "staffing.outlets.v1")
    assert not operator.execute("ticketing", "SELECT 1 FROM consumer_position")
    operator.stack.restart("ticketing")


def test_a_database_is_migrated(operator: Operator) -> None:
    assert "staffing: schema is at" in operator.types("migrate", "staffing")


def test_any_other_command_of_a_service(operator: Operator) -> None:
    said = operator.types("service", "compliance", "recordings", "verify", "--all")
    assert "verified: 0, damages: 0" in said


def test_an_unknown_service_is_named(operator: Operator) -> None:
    assert "there is no service billing here" in operator.types(
        "pause", "billing", "--reason", "x", fails=True
    )


def test_a_service_gets_its_own_settings_and_no_other_ones(operator: Operator) -> None:
    found = operator.installation
    given = {"PATH": "/bin", "WANGDIAN_STAFFING_DATABASE_URL": "secret", "WANGDIAN_POOL_SIZE": "3"}
    environment = environment_of(found, found.service("ticketing"), given)
    assert environment["WANGDIAN_DATABASE_URL"] == found.service("ticketing").dsn
    assert environment["WANGDIAN_POOL_SIZE"] == "3"
    assert "WANGDIAN_STAFFING_DATABASE_URL" not in environment
    assert "WANGDIAN_KEYRING_FILE" not in environment
    theirs = environment_of(found, found.service("compliance"), given)
    assert Path(theirs["WANGDIAN_KEYRING_FILE"]).is_file()
    assert Path(theirs["WANGDIAN_PERMIT_KEYS_FILE"]).is_file()
