"""Clients that take tickets as fast as they are answered, and what must hold of everything they were told.

Each repeats a request with its key until it is answered: whatever is cut, refused for want of room or not
answered is asked again. In the end every key has brought one ticket, once in table, archive and topic.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.ticket_issue import fill, token_of
from deploy.apart import run
from deploy.books import topics
from deploy.devstack.stack import Stack

CLIENTS = 12
ANSWER_SECONDS_MAX = 20.0
AGAIN = frozenset({409, 429, 503})
TOPIC = "ticketing.tickets.v1"
#: Never set: only waited for between two looks at other processes, which send no signal.
PAUSE = threading.Event()


@dataclass
class Takers:
    """All clients of a run."""

    stack: Stack
    wanted: int
    requests: Sequence[tuple[str, dict[str, str]]]
    token: str
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    _begun: int = 0

    @classmethod
    def at(cls, stack: Stack, wanted: int) -> "Takers":
        """Clients of a running stack with ticketing; its outlets and queues are set up first."""
        return cls(stack, wanted, fill(stack), token_of(stack, "kiosk-faults", "kiosk"))

    async def run(self) -> None:
        """Takes until as many tickets are acknowledged as are wanted."""
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(self._client(number))

    async def _client(self, number: int) -> None:
        urls = [urlsplit(url) for url in self.stack.urls("ticketing")]
        attempt, connection = number, None
        while self._begun < self.wanted:
            self._begun += 1
            key = f"{number}-{self._begun}"
            path, body = self.requests[self._begun % len(self.requests)]
            while True:
                try:
                    if connection is None:
                        there = urls[attempt % len(urls)]
                        connection = await asyncio.open_connection(there.hostname, there.port)
                    async with asyncio.timeout(ANSWER_SECONDS_MAX):
                        status, answer = await self._ask(*connection, path, body, key)
                except (OSError, EOFError, TimeoutError):
                    self.cut += 1
                    if connection is not None:
                        connection[1].close()
                    attempt, connection = attempt + 1, None
                    await asyncio.to_thread(PAUSE.wait, 0.05)
                    continue
                if status == 201:
                    self.tickets[key] = answer
                    break
                assert status in AGAIN, (status, answer)
                self.refused[answer["code"]] += 1
                await asyncio.to_thread(PAUSE.wait, 0.05)
        if connection is not None:
            connection[1].close()

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        body: dict[str, str],
        key: str,
    ) -> tuple[int, dict[str, Any]]:
        content = json.dumps(body)
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: faults\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n{content}".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        return int(head.split()[1]), json.loads(await reader.readexactly(length))

    def check(self) -> None:
        """Fails where a number was given twice, a ticket is lost or doubled, a fact does not stand once."""
        assert len(self.tickets) == self._begun >= self.wanted
        ids = {ticket["id"] for ticket in self.tickets.values()}
        assert len(ids) == len(self.tickets), "two keys brought one ticket"
        numbers = {(one["queue_id"], one["business_date"], one["number"]) for one in self.tickets.values()}
        assert len(numbers) == len(ids), "a number was given twice"
        with psycopg.connect(self.stack.postgres.dsn("ticketing")) as database:
            kept = {str(row[0]) for row in database.execute("SELECT id FROM tickets").fetchall()}
            archived = [
                str(row[0])
                for row in database.execute(
                    "SELECT data::json->>'ticket_id' FROM fact WHERE type = 'ticketing.ticket.issued.v1'"
                ).fetchall()
            ]
        assert kept == ids, "the table holds other tickets than were acknowledged"
        assert sorted(archived) == sorted(ids), "the archive does not hold each ticket once"
        records = run(topics.read(self.stack.kafka.bootstrap)).records[TOPIC]
        assert {record.fact.key for record in records} == ids, "the topic holds other tickets"


async def drained(stack: Stack) -> None:
    """Waits until nothing waits for the broker."""
    with psycopg.connect(stack.postgres.dsn("ticketing"), autocommit=True) as database:
        async with asyncio.timeout(120):
            while database.execute("SELECT EXISTS (SELECT FROM outbox)").fetchone() == (True,):
                await asyncio.to_thread(PAUSE.wait, 0.1)
