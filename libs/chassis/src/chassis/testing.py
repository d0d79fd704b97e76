"""A service under test: its own database on a real PostgreSQL, its app without a socket, its facts, its
inbox.

The server comes from the run (fixture ``postgres_url``: a superuser's URL of a server that belongs to this
run alone). Databases are migrated once and emptied between tests, because real commits are what queues
facts.
"""

import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import create_engine as create_sync_engine
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from chassis import migrate
from chassis.clock import FixedClock
from chassis.db import create_engine, session_factory
from chassis.events import encode, to_json
from chassis.http.app import close, create_app
from chassis.http.keys import StaticKeys
from chassis.http.tokens import JwtVerifier
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.service import Service
from chassis.settings import Settings

#: A fast machine asks more in ten seconds, in one caller's name, than a service takes of one.
UNLIMITED = {"caller_requests_max": 1_000_000}
ISSUER = "https://issuer.test"
KEY = OKPKey.generate_key("Ed25519", {"kid": "test", "use": "sig"})


@dataclass(frozen=True)
class Database:
    """One service's database: the URLs of its two roles and of the superuser."""

    app_url: str
    owner_url: str
    super_url: str


def url_for(server_url: str, user: str, password: str, database: str) -> str:
    """The server's URL with another user and database."""
    parts = urlsplit(server_url)
    place = f"{parts.hostname}:{parts.port}"
    return urlunsplit((parts.scheme, f"{user}:{password}@{place}", f"/{database}", "", ""))


def create_database(server_url: str, service: Service) -> Database:
    """D1: a database of its own with its two roles, migrated.

    Roles belong to the server: their password follows from its URL, so that whoever makes another database
    of the service locks nobody out.
    """
    password = sha256(f"{service.name} at {server_url}".encode()).hexdigest()
    engine = create_sync_engine(migrate.sync_url(server_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role in (f"{service.name}_owner", f"{service.name}_app"):
            exists = connection.execute(
                text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
            ).scalar()
            verb = "ALTER" if exists else "CREATE"
            connection.execute(text(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'"))
        name = f"{service.name}_{secrets.token_hex(4)}"
        connection.execute(text(f"CREATE DATABASE {name} OWNER {service.name}_owner"))
        connection.execute(text(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC"))
        connection.execute(text(f"GRANT CONNECT ON DATABASE {name} TO {service.name}_app"))
    engine.dispose()
    parts = urlsplit(server_url)
    database = Database(
        url_for(server_url, f"{service.name}_app", password, name),
        url_for(server_url, f"{service.name}_owner", password, name),
        urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, "")),
    )
    migrate.upgrade(service, database.owner_url)
    return database


#: The question what there is to do: which tables to empty, and which sequences to set back.
LOOK = """
SELECT format('SELECT unnest(array_remove(ARRAY[%s], NULL))', string_agg(what, ', ')) FROM (
    SELECT format('CASE WHEN EXISTS (SELECT FROM %1$I) THEN ''DELETE FROM %1$I'' END', relname) FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
      AND relname <> 'alembic_version'
    UNION ALL
    SELECT quote_literal(format('SELECT setval(%L, %s, false)', quote_ident(sequencename), start_value))
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
) parts (what)
"""


@dataclass(frozen=True)
class RecordedFact:
    """A fact as the archive holds it."""

    type: str
    topic: str
    key: str | None
    sequence: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A statement as the driver gets it, with its values."""

    statement: str
    values: tuple[Any, ...]


@dataclass
class ServiceKit:
    """One service under test. Make it once per session, call :meth:`reset` before each test."""

    service: Service
    database: Database
    data_dir: Path
    clock: FixedClock = field(default_factory=FixedClock)
    #: Settings of the service that are not to be the defaults.
    further: Mapping[str, Any] = field(default_factory=dict)
    _offset: int = 0

    @cached_property
    def settings(self) -> Settings:
        """The settings of the service under test."""
        return self.service.settings(
            database_url=self.database.app_url,
            kafka_bootstrap_servers="127.0.0.1:1",
            issuer=ISSUER,
            jwks_url=f"{ISSUER}/jwks",
            data_dir=self.data_dir,
            **UNLIMITED | dict(self.further),
        )

    @cached_property
    def engine(self) -> AsyncEngine:
        """The engine of the service's own role."""
        return create_engine(self.settings)

    @cached_property
    def sessions(self) -> async_sessionmaker[AsyncSession]:
        """Sessions of the service's own role."""
        return session_factory(self.engine)

    @cached_property
    def app(self) -> FastAPI:
        """The app, with tokens of :data:`KEY` accepted."""
        for prepare in self.service.prepare:
            prepare(self.settings)
        verifier = JwtVerifier(ISSUER, self.service.name, StaticKeys({"test": KEY}), self.clock)
        return create_app(
            self.service, self.settings, sessions=self.sessions, clock=self.clock, verifier=verifier
        )

    def token(
        self, *roles: str, outlets: tuple[str, ...] = ("*",), subject: str = "tester", **claims: Any
    ) -> str:
        """A signed token for the service, valid for ten minutes of the test's clock."""
        now = self.clock.now()
        body = {
            "iss": ISSUER,
            "sub": subject,
            "aud": [self.service.name],
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=10)).timestamp()),
            "jti": str(new_id()),
            "roles": list(roles),
            "outlets": [str(outlet) for outlet in outlets],
        }
        header = {"alg": "Ed25519", "kid": "test", "typ": "at+jwt"}
        return jwt.encode(header, body | claims, KEY, algorithms=["Ed25519"])

    def client(
        self, *roles: str, outlets: tuple[str, ...] = ("*",), subject: str = "tester", **claims: Any
    ) -> "Caller":
        """A client with a token of these roles; without roles, a client without a token."""
        headers = {}
        if roles:
            token = self.token(*roles, outlets=outlets, subject=subject, **claims)
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return Caller(transport=transport, base_url="http://service.test", headers=headers)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A transaction of the service's own role; commits at its end."""
        async with self.sessions.begin() as session:
            yield session

    @contextmanager
    def asked(self) -> Iterator[list[Asked]]:
        """What is asked of the database meanwhile, in its order."""
        statements: list[Asked] = []

        def note(_c: Any, _u: Any, statement: str, values: Any, _x: Any, _m: bool) -> None:
            statements.append(Asked(statement, tuple(values)))

        event.listen(self.engine.sync_engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(self.engine.sync_engine, "before_cursor_execute", note)

    async def facts(self, type_: str | None = None) -> list[RecordedFact]:
        """The recorded facts in archive order, all or of one type."""
        async with self.sessions() as session:
            rows = await session.execute(
                text("SELECT type, topic, key, sequence, data FROM fact ORDER BY seq")
            )
            found = [RecordedFact(r.type, r.topic, r.key, r.sequence, json.loads(r.data)) for r in rows]
        return [fact for fact in found if type_ is None or fact.type == type_]

    def record(
        self,
        topic: str,
        type_: str,
        key: str,
        data: dict[str, Any],
        *,
        sequence: int = 1,
        id_: str | None = None,
        occurred_at: datetime | None = None,
        source: str | None = None,
    ) -> Record:
        """A record as it would be read from the topic, at the next offset of partition 0."""
        self._offset += 1
        time = to_json(occurred_at or self.clock.now())
        headers = {
            "ce_specversion": "1.0",
            "ce_id": id_ or str(new_id()),
            "ce_source": source or f"/{topic.split('.')[0]}",
            "ce_type": type_,
            "ce_time": time,
            "ce_sequence": str(sequence),
            "ce_archiveseq": str(self._offset),
        }
        return Record(topic, 0, self._offset, key, headers, encode(to_json(data)))

    async def deliver(self, *records: Record) -> int:
        """N1: takes the records through the service's inbox in one transaction; answers how many were new."""
        async with self.sessions.begin() as session:
            return await self.service.inbox.take(session, self.clock, records)

    async def beat(self, topic: str, *, as_of: datetime | None = None, seq: int = 0) -> None:
        """S1: delivers a heartbeat of a register of one partition."""
        self._offset += 1
        value = {"as_of": as_of or self.clock.now(), "partition_count": 1, "seq": seq}
        headers = {"ce_type": "wangdian.register.heartbeat.v1"}
        await self.deliver(Record(topic, 0, self._offset, None, headers, encode(to_json(value))))

    async def reset(self) -> None:
        """Empties every table and puts the clock back."""
        self.clock.instant = FixedClock().instant
        connection = self._superuser
        with connection.transaction():
            # A test leaves a few rows: removing them is less work than new files for every table and index.
            # What forbids to remove them is for the service's roles.
            connection.execute("SET LOCAL session_replication_role = replica")
            for (question,) in connection.execute(LOOK).fetchall():
                for (statement,) in connection.execute(question.encode()).fetchall():
                    connection.execute(statement.encode())
            connection.execute("INSERT INTO relay_control DEFAULT VALUES")

    @cached_property
    def _superuser(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(self.database.super_url, autocommit=True)

    async def close(self) -> None:
        """Ends what the app keeps open, returns the connections."""
        if "_superuser" in self.__dict__:
            self._superuser.close()
        if "app" in self.__dict__:
            await close(self.app)
        await self.engine.dispose()


class Caller(httpx.AsyncClient):
    """A client that names a fresh ``Idempotency-Key`` on every POST that names none."""

    async def request(self, method: str, url: Any, **options: Any) -> httpx.Response:
        """One request, as the caller's principal."""
        headers = httpx.Headers(options.pop("headers", None))
        if method == "POST" and "Idempotency-Key" not in headers:
            headers["Idempotency-Key"] = str(new_id())
        return await super().request(method, url, headers=headers, **options)
