"""Ports: configurable, checked first, and a message that says what to do."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.devstack import StackError
from deploy.devstack.ports import LOOPBACK, Ports, check, free_ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


def test_a_taken_port_is_named_with_who_needs_it_and_what_changes_it(taken: int) -> None:
    ports = Ports.from_environment({"FEEDBACK_PORT": str(taken)})
    with pytest.raises(
        StackError, match=rf"port {taken} .* the service feedback .* FEEDBACK_PORT="
    ) as caught:
        check(ports, {"feedback": "the service feedback"}, patience=0)
    assert len(str(caught.value).splitlines()) == 1


def test_a_port_that_nobody_needs_may_be_taken(taken: int) -> None:
    ports = Ports.from_environment({"KAFKA_PORT": str(taken)})
    check(ports, {}, patience=0)


def test_a_port_cannot_be_given_twice() -> None:
    ports = Ports.from_environment({"FEEDBACK_PORT": "8101"})
    with pytest.raises(StackError, match="twice: 8101"):
        check(ports, {"ticketing": "ticketing", "feedback": "feedback"}, patience=0)


def test_a_port_must_be_a_number() -> None:
    with pytest.raises(StackError, match="not a number"):
        Ports.from_environment({"ISSUER_PORT": "http"})


def test_free_ports_are_free_and_different() -> None:
    ports = Ports.free()
    check(ports, dict.fromkeys(vars(ports), "a test"), patience=0)


def test_a_free_port_is_kept_from_all_but_the_server_that_it_is_for() -> None:
    [port] = free_ports(1)
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind((LOOPBACK, port))
    with socket.create_server((LOOPBACK, port)):  # as servers do, it reuses addresses
        pass


def test_no_port_is_given_twice_by_one_process_or_by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = free_ports(3)
    few = range(min(mine), min(mine) + 40)
    monkeypatch.setattr("deploy.devstack.ports._FREE_RANGE", few)
    assert not set(mine) & set(free_ports(10))
    other = (
        "from deploy.devstack import ports\n"
        f"ports._FREE_RANGE = range({few.start}, {few.stop})\n"
        "print(*ports.free_ports(10))"
    )
    told = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True).stdout
    assert len(told.split()) == 10
    assert not set(mine) & {int(port) for port in told.split()}


def test_too_few_free_ports_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.devstack.ports._FREE_RANGE", range(20_000, 20_002))
    with pytest.raises(StackError, match="fewer than 3 ports"):
        free_ports(3)
