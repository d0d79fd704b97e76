"""Failures of the database as refusals: what is transient says so, what is our mistake stays an error."""

import errno
import traceback
from socket import gaierror

import structlog
from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import ClientDisconnect

from chassis.errors import ServiceError
from chassis.http import refusals

log = structlog.get_logger()

LOCK_NOT_AVAILABLE = "55P03"

BY_STATE: dict[str, type[ServiceError]] = {
    LOCK_NOT_AVAILABLE: refusals.ObjectBusy,
    "40P01": refusals.ObjectBusy,  # deadlock
    "40001": refusals.ObjectBusy,  # serialization failure
    "53100": refusals.StorageFull,
    "57014": refusals.ServiceUnavailable,  # statement timeout
    "25P03": refusals.ServiceUnavailable,  # idle in transaction too long
    "23505": refusals.AlreadyExists,
    "23P01": refusals.AlreadyExists,
    "22021": refusals.TextInvalid,
    "22P05": refusals.TextInvalid,
}
#: Classes of SQLSTATE: connection lost, server going down, no resources.
UNAVAILABLE_CLASSES = ("08", "57P", "53")
#: Errors whose words are the programmer's; the database and the validators quote values in theirs.
OUR_WORDS = (RuntimeError, TypeError, AttributeError, NameError, AssertionError)
FRAMES_MAX = 8
UNREACHABLE = (PoolTimeout, ConnectionError, TimeoutError, gaierror, InternalClientError)


def sql_state(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, through SQLAlchemy's wrapping."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(origin, "sqlstate", None)
    return state if isinstance(state, str) else None


def refusal_of(error: BaseException) -> ServiceError | None:
    """The refusal for a failure below us; None where it is a mistake of ours (500)."""
    if isinstance(error, StaleDataError):
        return refusals.LostRace()
    if isinstance(error, ClientDisconnect):
        return refusals.RequestMalformed()
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return refusals.ServiceUnavailable()
    state = sql_state(error)
    if state is not None:
        known = BY_STATE.get(state)
        if known is not None:
            return known()
        if state.startswith(UNAVAILABLE_CLASSES):
            return refusals.ServiceUnavailable()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return refusals.StorageFull()
    if isinstance(error, UNREACHABLE) or type(error) is OSError:
        return refusals.ServiceUnavailable()
    return None


def log_failure(error: BaseException, refusal: ServiceError | None) -> None:
    """Logs what happened and where, without words that may quote a customer's values."""
    kind = type(error).__qualname__
    if refusal is not None:
        log.warning("request refused", code=refusal.code, error=kind, sqlstate=sql_state(error))
        return
    words = str(error)[:300] if isinstance(error, OUR_WORDS) else None
    frames = "".join(traceback.format_tb(error.__traceback__)[-FRAMES_MAX:])
    log.error("request failed", error=kind, words=words, sqlstate=sql_state(error), frames=frames)
