"""C3: lists are keyset-paged: a page begins after the last sort key of the one before."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar, cast, overload
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import BigInteger, ColumnElement, Select, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from chassis.events import to_json
from chassis.http.models import Output
from chassis.http.refusals import CursorInvalid

LIMIT_DEFAULT, LIMIT_MAX = 50, 200
CURSOR_CHARACTERS_MAX = 1024

Item = TypeVar("Item")
SortKey = ColumnElement[Any] | InstrumentedAttribute[Any]


class Page(Output, Generic[Item]):
    """One page; ``next_cursor`` asks for the one behind it, null on the last."""

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for."""

    limit: int = LIMIT_DEFAULT
    cursor: str | None = None


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="items of a page")] = LIMIT_DEFAULT,
    cursor: Annotated[
        str | None, Query(max_length=CURSOR_CHARACTERS_MAX, description="next_cursor of the page before")
    ] = None,
) -> PageRequest:
    return PageRequest(limit, cursor)


PageQuery = Annotated[PageRequest, Depends(_page_request)]


@overload
async def paginate(
    session: AsyncSession,
    what: type[Item],
    page: PageRequest,
    *,
    order: Sequence[SortKey],
    descending: bool = False,
) -> tuple[list[Item], str | None]: ...


@overload
async def paginate(
    session: AsyncSession,
    what: Select[Any],
    page: PageRequest,
    *,
    order: Sequence[SortKey],
    descending: bool = False,
) -> tuple[list[Any], str | None]: ...


async def paginate(
    session: AsyncSession,
    what: type[Any] | Select[Any],
    page: PageRequest,
    *,
    order: Sequence[SortKey],
    descending: bool = False,
) -> tuple[list[Any], str | None]:
    """One page: its rows, and the cursor of the next one (null on the last).

    ``what``: a mapped class, or a SELECT without ORDER BY and LIMIT; a row is the entity where one alone is
    selected. ``order``: the sort keys, none of them nullable, together unique. Raises :class:`CursorInvalid`.
    """
    statement = what if isinstance(what, Select) else select(what)
    keys = [cast("ColumnElement[Any]", key) for key in order]
    if page.cursor is not None:
        values = _read(page.cursor, keys)
        after = tuple_(*[literal(value, key.type) for value, key in zip(values, keys, strict=True)])
        place = tuple_(*keys)
        statement = statement.where(place < after if descending else place > after)
    statement = statement.order_by(*[key.desc() if descending else key.asc() for key in keys])
    single = len(statement.column_descriptions) == 1
    rows = (await session.execute(statement.add_columns(*keys).limit(page.limit + 1))).all()
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    return [row[0] if single else row for row in shown], _written(shown[-1][-len(keys) :]) if more else None


def _written(values: Sequence[Any]) -> str:
    text = json.dumps([to_json(value) for value in values], separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, keys: Sequence[ColumnElement[Any]]) -> list[Any]:
    """The values in the cursor, each of the type of its sort key."""
    try:
        values = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(keys):
            raise CursorInvalid
        return [_typed(value, key) for value, key in zip(values, keys, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorInvalid from error


def _typed(value: Any, key: ColumnElement[Any]) -> Any:
    stored = key.type.impl_instance if isinstance(key.type, TypeDecorator) else key.type
    kind = stored.python_type
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and not isinstance(value, bool) and isinstance(value, int):
        bits = 63 if isinstance(stored, BigInteger) else 31
        if -(1 << bits) <= value < 1 << bits:
            return value
    elif isinstance(value, str) and "\0" not in value:
        if kind is str:
            return value
        if kind is UUID:
            return UUID(value)
        if issubclass(kind, datetime):
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is not None:
                return instant
        elif issubclass(kind, date):
            return date.fromisoformat(value)
    raise CursorInvalid
