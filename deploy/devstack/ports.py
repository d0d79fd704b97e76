"""The ports of the stack: configurable by ``<NAME>_PORT``, checked before anything starts."""

import atexit
import os
import random
import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from deploy.devstack import StackError

LOOPBACK = "127.0.0.1"

# Below the range from which Linux takes the source ports of outgoing connections (32768 and up): a client
# that retries while its server restarts could otherwise be given that server's own port.
_FREE_RANGE = range(20_000, 32_000)
# A port that was only looked at could be given a second time, or to another program, before its server
# starts. A bound socket that never listens keeps it from both, and lets a server in that reuses addresses, as
# ours all do. One stack needs about ten.
_MOST_KEPT = 400
_kept: deque[socket.socket] = deque()


@dataclass(frozen=True)
class Ports:
    """Where everything listens, on loopback."""

    issuer: int = 8100
    ticketing: int = 8101
    feedback: int = 8102
    staffing: int = 8103
    compliance: int = 8104
    postgres: int = 25432
    kafka: int = 29092
    kafka_controller: int = 29093

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Ports":
        """The defaults, changed by ``ISSUER_PORT``, ``TICKETING_PORT``, … where they are set."""
        given = {field.name: environment.get(variable(field.name)) for field in fields(cls)}
        try:
            return cls(**{name: int(port) for name, port in given.items() if port})
        except ValueError as error:
            raise StackError(f"a port is not a number: {error}") from error

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody uses at the moment, for a stack of a test's own."""
        return cls(
            **dict(zip((field.name for field in fields(cls)), free_ports(len(fields(cls))), strict=True))
        )


def variable(name: str) -> str:
    """The environment variable that changes a port."""
    return f"{name.upper()}_PORT"


def free_ports(count: int) -> list[int]:
    """That many ports that nobody uses, kept for servers that this process starts.

    Raises :class:`StackError` when there are not so many.
    """
    kept: list[socket.socket] = []
    for port in random.sample(_FREE_RANGE, len(_FREE_RANGE)):
        if len(kept) == count:
            break
        keeper = socket.socket()
        try:
            keeper.bind((LOOPBACK, port))
        except OSError:
            keeper.close()
            continue
        # Only now: a first bind that reuses would accept what another process keeps in the same way.
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.append(keeper)
    _kept.extend(kept)
    _let_go(max(_MOST_KEPT, count))
    if len(kept) < count:
        raise StackError(
            f"fewer than {count} ports of {_FREE_RANGE.start} to {_FREE_RANGE.stop - 1} are free"
        )
    return [keeper.getsockname()[1] for keeper in kept]


def _let_go(but: int = 0) -> None:
    while len(_kept) > but:
        _kept.popleft().close()


atexit.register(_let_go)


def check(ports: Ports, needed: Mapping[str, str], patience: float = 3.0) -> None:
    """Raises :class:`StackError` that names every taken port of ``needed`` (name: who needs it).

    A stack that was just killed needs a moment to let go of its ports: ``patience`` in seconds.
    """
    numbers = {name: port for name, port in asdict(ports).items() if name in needed}
    doubles = {port for port in numbers.values() if list(numbers.values()).count(port) > 1}
    if doubles:
        raise StackError(f"ports given twice: {', '.join(map(str, sorted(doubles)))}")
    deadline = time.monotonic() + patience
    while taken := {name: port for name, port in numbers.items() if not _is_free(port)}:
        if time.monotonic() > deadline:
            lines = (
                f"port {port} is taken by another program; {needed[name]} needs it: "
                f"stop that program, or choose another port with {variable(name)}=…"
                for name, port in taken.items()
            )
            raise StackError("\n".join(lines))
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose old connections are only waiting to expire is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
