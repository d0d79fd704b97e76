"""Services that are offered, and the queues that serve them."""

from collections.abc import Set
from dataclasses import dataclass
from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound

SERVICES_MAX = 50


class ServiceNotFound(NotFound):
    """No such service in the catalogue."""

    code = "SERVICE_NOT_FOUND"
    zh = "业务目录中没有业务 {unknown};请核对业务代码。"
    en = "There is no service {unknown} in the catalogue; check the code."


class ServiceCodeTaken(Conflict):
    """Codes of services are unique."""

    code = "SERVICE_CODE_TAKEN"
    zh = "业务代码 {taken} 已被使用;请换一个代码。"
    en = "The service code {taken} is taken; choose another."


class LetterTaken(Conflict):
    """A letter belongs to one queue of an outlet, so that a number means one ticket a day."""

    code = "LETTER_TAKEN"
    zh = "本网点的字头 {taken} 已被其他队列使用;请换一个字头。"
    en = "The letter {taken} belongs to another queue of the outlet; choose another."


class QueueServesNothing(Invalid):
    """A queue serves at least one service."""

    code = "QUEUE_SERVES_NOTHING"
    zh = "队列至少须办理一项业务,最多 {limit} 项;请更正业务代码。"
    en = "A queue serves from one to {limit} services; correct the list of codes."


class ServiceUnknown(Invalid):
    """A queue can only serve what the catalogue has."""

    code = "SERVICE_UNKNOWN"
    zh = "业务目录中没有业务 {unknown};请先登记该业务。"
    en = "The catalogue has no service {unknown}; enter it first."


@dataclass
class OfferedService:
    """A service of the bank's catalogue; the code is its name among machines and never changes."""

    code: str
    version: int
    name_zh: str
    name_en: str

    def rename(self, name_zh: str, name_en: str) -> None:
        """Changes how people read it."""
        self.name_zh, self.name_en = name_zh, name_en
        self.version += 1


@dataclass
class Queue:
    """A queue of one outlet.

    The letter stays: a number that was given out once must mean the same ticket all day. A queue that is not
    ``accepting`` gives out no more numbers; whoever waits in it is still called.
    """

    id: UUID
    version: int
    outlet_id: UUID
    letter: str
    name_zh: str
    name_en: str
    service_codes: frozenset[str]
    accepting: bool

    def __post_init__(self) -> None:
        _check_services(self.service_codes)

    def change(self, *, name_zh: str, name_en: str, service_codes: frozenset[str], accepting: bool) -> None:
        """Replaces what describes the queue. Raises :class:`QueueServesNothing`."""
        _check_services(service_codes)
        self.name_zh, self.name_en = name_zh, name_en
        self.service_codes, self.accepting = service_codes, accepting
        self.version += 1


def check_known(wanted: Set[str], known: Set[str]) -> None:
    """Raises :class:`ServiceUnknown` for the first code that the catalogue does not have."""
    for code in sorted(wanted - known):
        raise ServiceUnknown(unknown=code, pointer="/service_codes")


def _check_services(codes: frozenset[str]) -> None:
    if not 1 <= len(codes) <= SERVICES_MAX:
        raise QueueServesNothing(limit=SERVICES_MAX, pointer="/service_codes")
