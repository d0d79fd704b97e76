"""`Service`: the frozen description of one service, read by runtime, command line, contracts and tests
alike.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession
from typer import Typer

from chassis.auth import Access
from chassis.clock import Clock
from chassis.events import Fact
from chassis.inbox import Inbox, Subscription
from chassis.settings import Settings
from chassis.watching import Measure

#: A periodic piece of work: one short transaction per call; says whether there is more to do at once.
JobRun = Callable[[AsyncSession, Clock, Settings], Awaitable[bool]]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work that a service does by itself every ``seconds``; one replica at a time (advisory lock by name)."""

    name: str
    seconds: float
    run: JobRun


@dataclass(frozen=True, kw_only=True)
class Capability:
    """One room of a service: what it answers, publishes, reacts to and does by itself."""

    name: str
    routers: tuple[APIRouter, ...] = ()
    facts: tuple[type[Fact], ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    jobs: tuple[Job, ...] = ()
    commands: Typer | None = None
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Service:
    """The table of contents of one service; capabilities stand from the lowest layer up."""

    name: str
    title: str
    description: str
    metadata: MetaData
    migrations: Path
    access: Access
    capabilities: tuple[Capability, ...]
    settings: type[Settings] = Settings
    #: S1: topics on which this service sends register heartbeats.
    registers: tuple[str, ...] = ()
    prepare: tuple[Callable[[Settings], None], ...] = field(default=())

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every figure of the business that the service shows."""
        return tuple(measure for capability in self.capabilities for measure in capability.measures)

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        """Every fact that the service publishes."""
        return tuple(fact for capability in self.capabilities for fact in capability.facts)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that the service owns, sorted."""
        return tuple(sorted({fact.topic for fact in self.facts} | set(self.registers)))

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription, in the order of the capabilities."""
        return tuple(sub for capability in self.capabilities for sub in capability.subscriptions)

    @property
    def inbox(self) -> Inbox:
        """The consuming side: the service's name is the consumer group; one reaction for each type of
        fact.
        """
        merged: dict[str, Subscription] = {}
        for given in self.subscriptions:
            known = merged.get(given.topic)
            if known is None:
                merged[given.topic] = given
                continue
            if known.reactions.keys() & given.reactions.keys():
                raise TypeError(f"{self.name}: two reactions to one type of fact on {given.topic}")
            merged[given.topic] = Subscription(
                topic=given.topic,
                reactions={**known.reactions, **given.reactions},
                register=known.register or given.register,
                accepted=known.accepted or given.accepted,
            )
        return Inbox(self.name, merged)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every job of the service."""
        return tuple(job for capability in self.capabilities for job in capability.jobs)
