"""Ports: configurable, checked first, and a message that says what to do."""

import socket
from collections.abc import Iterator

import pytest

from deploy.devstack import StackError
from deploy.devstack.ports import LOOPBACK, Ports, check


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
