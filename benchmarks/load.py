"""A light load generator: keep-alive connections that post one request after the other, each with a new key.

Reads its orders as JSON from standard input, prints its findings as JSON. It parses no more of an answer than
its status and length, so that it costs little beside what it measures; it reports its own CPU.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, cast

import uvloop

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\nIdempotency-Key: "
)
PATIENCE_SECONDS = 20


@dataclass
class Findings:
    """What one run has seen."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failure: str = ""


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, requests: list[tuple[bytes, bytes]], findings: Findings, until: float) -> None:
        self._requests = requests
        self._findings = findings
        self._until = until
        self._keys = count()
        self._name = f"{os.getpid()}-{id(self):x}-"
        self._begun = 0.0
        self._got = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first request."""
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Counts a complete answer and sends the next request."""
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        place = self._got.find(b"content-length: ") + 16
        length = int(self._got[place : self._got.index(b"\r", place)])
        if len(self._got) < head + 4 + length:
            return
        self._findings.statuses[self._got[9:12].decode()] += 1
        now = time.perf_counter()
        self._findings.seconds.append(now - self._begun)
        self._got = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the client; a loss before the time is a failure."""
        if time.perf_counter() < self._until:
            self._findings.failure = f"connection lost: {exc!r}"
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self._begun = time.perf_counter()
        head, body = random.choice(self._requests)
        self._transport.write(b"%s%s%d\r\n\r\n%s" % (head, self._name.encode(), next(self._keys), body))


async def run(orders: dict[str, Any]) -> dict[str, Any]:
    """Posts for ``seconds`` over ``clients`` connections, spread over ``targets`` (host, port)."""
    targets: list[tuple[str, int]] = [(host, port) for host, port in orders["targets"]]
    host = "{}:{}".format(*targets[0])
    requests = []
    for path, content in orders["requests"]:
        body = json.dumps(content).encode()
        head = HEAD.format(path=path, host=host, token=orders["token"], length=len(body))
        requests.append((head.encode(), body))
    findings, loop = Findings(), asyncio.get_running_loop()
    begun = time.perf_counter()
    make = partial(Client, requests, findings, begun + orders["seconds"])
    async with asyncio.timeout(orders["seconds"] + PATIENCE_SECONDS):
        connected = [
            await loop.create_connection(make, *targets[number % len(targets)])
            for number in range(orders["clients"])
        ]
        await asyncio.gather(*[client.done for _, client in connected])
    elapsed = time.perf_counter() - begun
    waits = sorted(findings.seconds)
    return {
        "statuses": dict(findings.statuses),
        "failure": findings.failure,
        "seconds": elapsed,
        "p50_ms": waits[len(waits) // 2] * 1000,
        "p99_ms": waits[len(waits) * 99 // 100] * 1000,
        "cpu_ms": time.process_time() * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(json.load(sys.stdin)))))
