"""Dataclass trees to plain values and back, strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import pytest

from compliance.evidence.canonical import Plain
from compliance.evidence.plain import NotReadable, from_plain, gained, to_plain


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Leaf:
    at: datetime
    colour: Colour


@dataclass(frozen=True, kw_only=True)
class Tree:
    id: UUID
    day: date | None
    height: int
    alive: bool
    name: str
    leaves: tuple[Leaf, ...]
    marks: Mapping[str, tuple[int, ...]]
    anything: Mapping[str, Plain]


TREE = Tree(
    id=UUID(int=7),
    day=date(2026, 3, 2),
    height=3,
    alive=True,
    name="树",
    leaves=(Leaf(at=datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC), colour=Colour.RED),),
    marks={"a": (1, 2)},
    anything={"x": [1, {"y": None}]},
)


def changed(**changes: Plain) -> Plain:
    plain = to_plain(TREE)
    assert isinstance(plain, Mapping)
    return {**plain, **changes}


def test_a_tree_survives() -> None:
    assert from_plain(Tree, to_plain(TREE)) == TREE


@dataclass(frozen=True)
class Nothing:
    """Has no members."""


@dataclass(frozen=True)
class Single:
    """Has one."""

    only: Nothing | int


def test_shapes_of_few_members_are_objects_as_well() -> None:
    assert to_plain(Nothing()) == {}
    assert to_plain((Single(1), Single(Nothing()))) == [{"only": 1}, {"only": {}}]


def test_instants_are_utc() -> None:
    shanghai = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert to_plain(shanghai) == "2026-03-02T01:00:00Z"


@pytest.mark.parametrize(
    "plain",
    [
        changed(height=True),
        changed(height="3"),
        changed(alive=1),
        changed(name=None),
        changed(day="2026-02-30"),
        changed(day=5),
        changed(id="no id"),
        changed(leaves={}),
        changed(leaves=[{"at": "2026-03-02T01:00:00", "colour": "red"}]),
        changed(leaves=[{"at": "2026-03-02T01:00:00Z", "colour": "blue"}]),
        changed(leaves=[{"at": "2026-03-02T01:00:00Z"}]),
        changed(marks=[]),
        changed(marks={"a": [1, "2"]}),
        changed(more=1),
        [],
        None,
    ],
)
def test_anything_else_is_refused(plain: Plain) -> None:
    with pytest.raises(NotReadable):
        from_plain(Tree, plain)


def test_none_is_read_where_it_may_stand() -> None:
    assert from_plain(Tree, changed(day=None)).day is None


@pytest.mark.parametrize("value", [1.5, object(), {1, 2}, b"x"])
def test_what_has_no_form_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        to_plain(value)


def test_a_naive_instant_is_not_written() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_plain(datetime.fromisoformat("2026-03-02T01:00:00"))


@dataclass(frozen=True, kw_only=True)
class Grown:
    """A shape that had one member when its first values were stored."""

    height: int
    width: int | None = gained()


def test_what_a_shape_gained_later_was_not_known_before() -> None:
    assert from_plain(Grown, {"height": 3}) == Grown(height=3, width=None)
    assert from_plain(Grown, {"height": 3, "width": 4}) == Grown(height=3, width=4)
    assert to_plain(Grown(height=3)) == {"height": 3, "width": None}
    for wrong in ({"width": 4}, {"height": 3, "depth": 5}):
        with pytest.raises(NotReadable, match="missing or unknown"):
            from_plain(Grown, wrong)
