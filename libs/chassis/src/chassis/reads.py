"""Several reads in one round trip, and several locks in one fixed order (G1).

A decision that rests on forty small reads spends its time on asking, not on answering. :class:`Reads` asks
once: one statement whose columns are the rows of each read. What it answers are plain objects, which the
session does not watch.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Dialect,
    Select,
    Uuid,
    any_,
    bindparam,
    func,
    inspect,
    literal,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper
from sqlalchemy.sql.compiler import SQLCompiler

T = TypeVar("T")

DIALECT: Dialect = make_url("postgresql+asyncpg://").get_dialect()()

#: How a transaction plans what follows its first such statement. Planning forty reads costs more than running
#: them, and the plan does not depend on which ids are asked for: its connection keeps it. As it may have been
#: made when the tables were small, rows are found by their keys and never by reading all of a table.
SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


def among(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether the column is one of the ids that ``parameter`` is given when the statement runs."""
    return column == any_(bindparam(parameter, type_=ARRAY(Uuid)))


def heads(key: Column[Any], parameter: str, *, share: bool = True) -> Select[Any]:
    """The rows with these ids, to be locked (FOR SHARE, or FOR UPDATE), of several the smaller id first."""
    return select(key).where(among(key, parameter)).order_by(key).with_for_update(read=share)


class Read(Generic[T]):
    """A select of columns, what is made of each of its rows, and the column that its rows are found by.

    ``make`` is called with the row's columns by name. Of an entity an object is made that has them and
    nothing else: no session watches it, nothing of it can be set, and what it has of other tables is given to
    it by :func:`complete`.
    """

    def __init__(self, make: Callable[..., T], statement: Select[Any], *, by: str) -> None:
        self.make, self.statement, self.by = make, statement, by
        columns = list(statement.selected_columns)
        self.names = [str(column.key) for column in columns]
        self.place = self.names.index(by)
        readers = zip(self.names, map(_reader, columns), strict=True)
        self._readers = [(name, reader) for name, reader in readers if reader is not None]

    @property
    def rows(self) -> ColumnElement[Any]:
        """All rows as one value: an array of records."""
        record = func.row(*self.statement.selected_columns)
        return func.array(self.statement.with_only_columns(record).scalar_subquery())

    def made(self, record: Sequence[Any]) -> T:
        """What one record stands for."""
        values = dict(zip(self.names, record, strict=True))
        for name, reader in self._readers:
            values[name] = reader(values[name])
        return self._maker(**values)

    @cached_property
    def _maker(self) -> Callable[..., T]:
        """``make``; of an entity, an object with its values that no session will ever watch."""
        is_entity = isinstance(inspect(self.make, raiseerr=False), Mapper)
        return _unwatched(self.make) if is_entity and isinstance(self.make, type) else self.make


def every(make: Callable[..., T], key: Column[Any], parameter: str, *order: ColumnElement[Any]) -> Read[T]:
    """All rows of a table with these keys, found by the key, in that order."""
    return Read(make, select(key.table).where(among(key, parameter)).order_by(*order), by=str(key.key))


def last(
    make: Callable[..., T], key: Column[Any], parameter: str, *newest_first: ColumnElement[Any]
) -> Read[T]:
    """Of the rows of a table with each of these keys the first in that order."""
    wanted = select(key.table).where(among(key, parameter))
    return Read(make, wanted.ext(distinct_on(key)).order_by(key, *newest_first), by=str(key.key))


def _unwatched(entity: type[T]) -> Callable[..., T]:
    def made(**values: Any) -> T:
        # A mapped class notes every value that is set, in case a session should write it.
        row = object.__new__(entity)
        complete(row, **values)
        return row

    return made


def _reader(column: ColumnElement[Any]) -> Callable[[Any], Any] | None:
    found: Callable[[Any], Any] | None = column.type.dialect_impl(DIALECT).result_processor(DIALECT, None)
    return found


class Found:
    """What was read, by read and key; a read's rows in the order of its statement."""

    def __init__(self, records: Mapping[Read[Any], Sequence[Sequence[Any]]]) -> None:
        self._records = records
        self._made: dict[Read[Any], dict[Hashable, list[Any]]] = {}

    def of(self, read: Read[T], key: Hashable) -> list[T]:
        """The rows found by ``key``; none where nothing was found. Raises ``KeyError``: not read."""
        made = self._made.get(read)
        if made is None:
            made = self._made[read] = self._by_key(read)
        return made.get(key, [])

    def one(self, read: Read[T], key: Hashable) -> T | None:
        """The first of them, None where there is none."""
        rows = self.of(read, key)
        return rows[0] if rows else None

    def _by_key(self, read: Read[T]) -> dict[Hashable, list[T]]:
        grouped: dict[Hashable, list[T]] = defaultdict(list)
        for record in self._records[read]:
            grouped[record[read.place]].append(read.made(record))
        return dict(grouped)


def complete(row: object, /, **values: Any) -> None:
    """Gives an object that was read what else belongs to it: rows of another read."""
    vars(row).update(values)


class _Once:
    """A statement that is compiled once and run with parameters by name; it answers one row."""

    def __init__(self, *columns: ColumnElement[Any]) -> None:
        settings = (func.set_config(name, value, True) for name, value in SETTINGS.items())
        compiled = select(*columns, *settings).compile(dialect=DIALECT)
        assert isinstance(compiled, SQLCompiler)
        self._sql, self._parameters = compiled.string, tuple(compiled.positiontup or ())
        self._written = {
            name: bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)
            for name, bind in compiled.binds.items()
        }
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}

    async def run(self, session: AsyncSession, given: Mapping[str, Any]) -> Sequence[Any]:
        """The row; what the session holds back is written first. Raises ``KeyError``: one is missing."""
        await session.flush()
        values = []
        for name in self._parameters:
            value, write = (self._fixed if name in self._fixed else given)[name], self._written[name]
            values.append(value if write is None else write(value))
        found = await (await session.connection()).exec_driver_sql(self._sql, tuple(values))
        return found.one()[: -len(SETTINGS)]


class Reads:
    """Reads that are asked in one statement, each once, and see one state of the database."""

    def __init__(self, *reads: Read[Any]) -> None:
        self.reads = tuple(dict.fromkeys(reads))

    @cached_property
    def _statement(self) -> _Once:
        return _Once(*(read.rows for read in self.reads))

    async def read(self, session: AsyncSession, **given: Any) -> Found:
        """Asks all of them; ``given``: the parameters of their statements."""
        row = await self._statement.run(session, given)
        return Found(dict(zip(self.reads, row, strict=True)))


class InOrder:
    """Locks heads in the order given, in one statement: each begins when the one before has all its rows.

    Each select answers ids, and says in which order and how it locks. What it finds is of the statement's
    beginning, not of the moment when it was locked: read behind it, by a statement of its own, and only the
    rows that were locked. What has come meanwhile is none of them.

    ``heads`` by the parameter that the reads behind the locks are given those ids as.
    """

    def __init__(self, **heads: Select[Any]) -> None:
        self.heads = heads

    @cached_property
    def _statement(self) -> _Once:
        counted: ColumnElement[int] = literal(0)
        locked: list[ColumnElement[Any]] = []
        for place, head in enumerate(self.heads.values()):
            # A condition on no column of its own is settled before the first row is looked at.
            step = head.where(counted >= 0).cte(f"step_{place}").prefix_with("MATERIALIZED")
            counted = select(func.count()).select_from(step).scalar_subquery()
            locked.append(func.array(select(*step.c).scalar_subquery()))
        return _Once(*locked)

    async def hold(self, session: AsyncSession, **given: Any) -> dict[str, list[Any]]:
        """Waits until all are ours; answers the ids that were locked. ``given``: the selects' parameters."""
        return dict(zip(self.heads, await self._statement.run(session, given), strict=True))
