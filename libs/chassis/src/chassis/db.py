"""The database: engine, sessions, naming of constraints, column types, locked loads (T1, C1, G1)."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from asyncpg import InternalClientError
from pydantic import TypeAdapter
from sqlalchemy import (
    URL,
    CheckConstraint,
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    MetaData,
    String,
    TextClause,
    literal,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

from chassis.errors import NotFound, ObjectNotFound
from chassis.settings import Settings

T = TypeVar("T")

#: What a database that does not answer, or a connection to it that breaks, is seen by. The last is how the
#: driver says that it no longer knows where a connection stands which broke while it was being used.
DATABASE_FAILURES = (SQLAlchemyError, OSError, TimeoutError, InternalClientError)

TLS_PARAMETERS = ("sslmode", "sslrootcert")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: D1: put into ``Table(..., info=APPEND_ONLY)``: the service's own role may read and insert, never change
#: or delete.
APPEND_ONLY = {"grants": "SELECT, INSERT"}


def new_registry() -> registry:
    """A mapper registry for the tables of one service, with named constraints."""
    return registry(metadata=MetaData(naming_convention=NAMING))


class Instant(TypeDecorator[datetime]):
    """``timestamptz``, aware UTC on both sides; a naive value is an error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive values, stores UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Answers UTC."""
        return None if value is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A ``StrEnum`` stored as its text value; pair it with :func:`enum_check` for the CHECK."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Refuses a text that is no member."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Answers the member."""
        return None if value is None else self.enum(value)


class JsonOf(TypeDecorator[Any]):
    """A frozen value (dataclass, tuple or set of values) stored as ``jsonb``, read back as the same type."""

    # None is SQL NULL, which a CHECK and IS NULL see, and no JSON null.
    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, type_: Any) -> None:
        super().__init__()
        self.type_ = type_
        self._adapter: TypeAdapter[Any] = TypeAdapter(type_)

    @property
    def _static_cache_key(self) -> tuple[Any, ...]:
        return (type(self), str(self.type_))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Writes JSON values."""
        return None if value is None else self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Reads the value back; what no longer fits is an error, not a guess."""
        return None if value is None else self._adapter.validate_python(value)


def enum_check(column: str, enum: type[StrEnum]) -> CheckConstraint:
    """The CHECK that keeps ``column`` to the values of ``enum``; named after the column."""
    values = ", ".join(f"'{member.value}'" for member in enum)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def written(column: ColumnElement[Any], value: StrEnum) -> ColumnElement[bool]:
    """Whether the column has this value, which stands in the statement itself.

    An index of the rows with that value alone can then be used, whatever plan a connection keeps.
    """
    return column == literal(value, column.type, literal_execute=True)


def async_url(url: str) -> URL:
    """``postgresql://…`` as SQLAlchemy wants it for asyncpg: without what :func:`tls` reads of it."""
    return make_url(url).set(drivername="postgresql+asyncpg").difference_update_query(TLS_PARAMETERS)


def tls(url: str) -> ssl.SSLContext | str:
    """What asyncpg is told about TLS, of a URL that speaks libpq's language (``sslmode``, ``sslrootcert``).

    Without a mode it is libpq's own, ``prefer``. Raises ``ValueError`` for one that is unknown, or that is to
    verify and names no authority.
    """
    query = make_url(url).query
    mode, authority = query.get("sslmode", "prefer"), query.get("sslrootcert")
    if mode in {"disable", "prefer", "require"}:
        return str(mode)
    if mode not in {"verify-ca", "verify-full"} or not isinstance(authority, str):
        raise ValueError("sslmode is disable, prefer, require, or verify-ca or verify-full with sslrootcert")
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = mode == "verify-full"
    return context


def create_engine(settings: Settings) -> AsyncEngine:
    """The engine of a service process: bounded pool, bounded statements, bounded lock waits."""
    return create_async_engine(
        async_url(settings.database_url),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_wait_seconds,
        pool_pre_ping=False,
        # Parameters are customers' values and have no place in a log.
        hide_parameters=True,
        connect_args={
            "ssl": tls(settings.database_url),
            "timeout": settings.pool_wait_seconds,
            "server_settings": {
                "application_name": "wangdian",
                "statement_timeout": str(settings.statement_timeout_ms),
                "lock_timeout": str(settings.lock_timeout_ms),
                "idle_in_transaction_session_timeout": "30000",
                "timezone": "UTC",
            },
        },
    )


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that keep their objects readable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def write_all(
    session: AsyncSession, statement: TextClause, given: Mapping[str, Any], *, rows: int
) -> None:
    """Writes so many locked rows that no session watches; ``RuntimeError`` where others were written."""
    written = await session.execute(statement, given)
    assert isinstance(written, CursorResult)
    if written.rowcount != rows:
        raise RuntimeError(f"{written.rowcount} of {rows} rows were as they had been read")


async def load(
    session: AsyncSession,
    entity: type[T],
    key: UUID | str | tuple[Any, ...],
    missing: type[NotFound] = ObjectNotFound,
) -> T:
    """The entity with this primary key, for reading; raises ``missing`` where there is none."""
    found = await session.get(entity, key)
    if found is None:
        raise missing()
    return found


async def lock(
    session: AsyncSession,
    entity: type[T],
    key: UUID | str | tuple[Any, ...],
    missing: type[NotFound] = ObjectNotFound,
    *,
    share: bool = False,
) -> T:
    """G1: the entity, its row locked (FOR UPDATE, or FOR SHARE) and read again after the lock was granted."""
    found = await session.get(entity, key, with_for_update={"read": share}, populate_existing=True)
    if found is None:
        raise missing()
    return found
