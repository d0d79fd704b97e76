"""Random sales around the borders of each rule of the gate, for whoever reads the rules a second time."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import EnumType
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from compliance.periods.domain import legal_date, start_of
from compliance.rulebook.domain import Rule, RuleRelease, Subject
from compliance.rulebook.facts import SaleFacts
from services.compliance.tests.gate.borders import BORDERS, OTHERS
from services.compliance.tests.gate.changes import DAY, FOREIGN, MOMENT, Change, moved
from services.compliance.tests.unit.builders import NOW, SALE

#: From the first legal day of the rules that are read a second time, over two ends of February.
FIRST_DAY, DAYS = date(2026, 2, 1), 1100


@dataclass(frozen=True)
class Case:
    """A sale, and the rules near whose borders it lies."""

    facts: SaleFacts
    near: tuple[str, ...]


def applied(release: RuleRelease) -> Iterator[Rule]:
    """The rules that the gate applies to some sale from the first day on, rules to come included."""
    for rule in release.rules:
        lasts = rule.effective_to is None or rule.effective_to > FIRST_DAY
        # What nobody knows how long to keep is not sold either.
        unsure = rule.subject is Subject.RETENTION and not rule.confirmed
        if lasts and (rule.subject is Subject.SALE or unsure):
            yield rule


def cases(release: RuleRelease, seed: int, count: int) -> Iterator[Case]:
    """So many sales: some good ones, most near one border, inside or outside, others near several or torn."""
    chance = random.Random(seed)
    good = [_good(release, chance) for _ in range(500)]
    sides = {rule: _sides(rule) for rule in sorted({rule.id for rule in applied(release)} & BORDERS.keys())}
    for _ in range(count):
        facts, near, what = chance.choice(good), [], chance.random()
        for _ in range(1 if what < 0.8 else 0 if what < 0.86 else chance.randint(2, 4)):
            rule = chance.choice(list(sides))
            (side,) = chance.choices(sides[rule], (12, 11, 2) if what < 0.8 else (7, 2, 1))
            facts = chance.choice(side or sides[rule][1])(facts)
            near.append(rule)
        if what > 0.92:
            for _ in range(chance.randint(1, 3)):
                facts = torn(facts, chance)
        yield Case(facts, tuple(near))


def _sides(rule: str) -> tuple[Sequence[Change], ...]:
    """The changes that leave the rule satisfied, that break it alone, and that break it among others."""
    borders = BORDERS[rule]
    return (
        [change for border in borders for change in border.held],
        [change for border in borders for change in border.broken],
        [change for border in borders for change in border.among],
    )


def _good(release: RuleRelease, chance: random.Random) -> SaleFacts:
    """A good sale on some day: often at its first or last moment, or where the rules change."""
    days = [
        rule.effective_from
        for rule in release.rules
        if FIRST_DAY < rule.effective_from < FIRST_DAY + DAYS * DAY
    ]
    day = (
        chance.choice([FIRST_DAY, *days])
        if chance.random() < 0.1
        else FIRST_DAY + chance.randrange(DAYS) * DAY
    )
    instant = start_of(day) + chance.choice((timedelta(0), MOMENT, DAY - MOMENT, timedelta(hours=10)))
    facts = moved(SALE, instant - NOW)
    return chance.choice(OTHERS)(facts) if chance.random() < 0.25 else facts


def torn(facts: SaleFacts, chance: random.Random) -> SaleFacts:
    """The facts with one member, somewhere, changed to any value of its kind: of each fact there is."""
    result: SaleFacts = _torn(facts, facts, chance)
    return result


def _torn(value: Any, sale: SaleFacts, chance: random.Random) -> Any:
    # What names the sale and its instant is nobody's mistake: everything else is measured from it.
    names = [one.name for one in fields(value) if one.name not in {"attempt_id", "decided_at"}]
    name = chance.choice(names)
    old = getattr(value, name)
    if is_dataclass(old) and chance.random() < 0.9:
        return replace(value, **{name: _torn(old, sale, chance)})
    return replace(value, **{name: _other(old, get_type_hints(type(value))[name], sale, chance)})


def _other(old: Any, shape: Any, sale: SaleFacts, chance: random.Random) -> Any:
    """Any value of the shape, near the old one."""
    if isinstance(shape, UnionType):
        shape = next(one for one in get_args(shape) if one is not type(None))
        if chance.random() < 0.3 or (old is None and is_dataclass(shape)):
            return None
    if get_origin(shape) is tuple:
        inner: Any = get_args(shape)[0]
        if _is_enum(inner):
            return tuple(one for one in inner if chance.random() < 0.5)
        return _others(old or (), sale, chance)
    if _is_enum(shape):
        return chance.choice(list(shape))
    if is_dataclass(shape):
        return old if old is None else _torn(old, sale, chance)
    if shape is int:
        return (old or chance.choice((1, 3, 12))) + chance.choice((-1, 0, 1))
    days, instants = (-1, 0, 1), (-DAY, -MOMENT, timedelta(0), MOMENT)
    near: dict[Any, Sequence[Any]] = {
        bool: (True, False),
        datetime: [sale.decided_at + by for by in instants],
        date: [legal_date(sale.decided_at) + by * DAY for by in days],
        UUID: (FOREIGN, sale.customer_id, sale.session_id),
        str: ("bank", "crm", "CNY", "USD", "OUTLET", "SELF_SERVICE", "WEALTH", "AGENCY_FUND"),
    }
    return chance.choice(near[shape])


def _is_enum(shape: Any) -> bool:
    return isinstance(shape, EnumType)


def _others(old: tuple[Any, ...], sale: SaleFacts, chance: random.Random) -> tuple[Any, ...]:
    """Several parts: one of them changed, one lost, one twice."""
    if not old:
        return old
    at = chance.randrange(len(old))
    parts: list[tuple[Any, ...]] = [(), (old[at], old[at])]
    if is_dataclass(old[at]):
        parts.append((_torn(old[at], sale, chance),))
    return (*old[:at], *chance.choice(parts), *old[at + 1 :])
