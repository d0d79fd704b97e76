"""C2: the same request twice has one effect and one answer.

The row ``(principal, route, key)`` is inserted FIRST in the transaction of the effect, the answer is stored
in it LAST, and all commit together. A second request with the key waits at the unique index for the first to
end: then it replays the stored answer, or, after a rollback, does the work itself. What is rolled back was
never remembered.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Principal
from chassis.http.failures import LOCK_NOT_AVAILABLE, sql_state
from chassis.http.refusals import (
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    RequestInProgress,
)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_CHARACTERS_MAX = 128
#: Longer paths enter the row as a digest: an index entry has a limit.
ROUTE_CHARACTERS_MAX = 400
#: Headers that belong to the answer itself and are stored with it.
STORED_HEADERS = ("content-type", "content-language", "etag", "location", "vary")

_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')

CLAIM = text("""
INSERT INTO idempotency (principal, route, key, fingerprint)
SELECT * FROM unnest(
    CAST(:principals AS text[]), CAST(:routes AS text[]), CAST(:keys AS text[]),
    CAST(:fingerprints AS bytea[])
) AS wanted (principal, route, key, fingerprint)
ORDER BY principal, route, key
ON CONFLICT DO NOTHING RETURNING principal, route, key, fingerprint
""")
FIND = text("""
SELECT fingerprint, status, headers, body FROM idempotency
WHERE principal = :principal AND route = :route AND key = :key
""")
REMEMBER = text("""
UPDATE idempotency SET status = answer.status, headers = CAST(answer.headers AS jsonb), body = answer.body
FROM unnest(
    CAST(:principals AS text[]), CAST(:routes AS text[]), CAST(:keys AS text[]), CAST(:statuses AS int[]),
    CAST(:headers AS text[]), CAST(:bodies AS bytea[])
) AS answer (principal, route, key, status, headers, body)
WHERE idempotency.principal = answer.principal
  AND idempotency.route = answer.route AND idempotency.key = answer.key
""")
DISCLAIM = text("""
DELETE FROM idempotency USING unnest(
    CAST(:principals AS text[]), CAST(:routes AS text[]), CAST(:keys AS text[])
) AS given (principal, route, key)
WHERE idempotency.principal = given.principal
  AND idempotency.route = given.route AND idempotency.key = given.key
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """One use of a key: who, on which path, which key, and SHA-256 over query and body."""

    principal: str
    route: str
    key: str
    fingerprint: bytes

    @property
    def identity(self) -> dict[str, object]:
        """The row's primary key, as parameters."""
        return {"principal": self.principal, "route": self.route, "key": self.key}


def claim_of(request: Request, principal: Principal, body: bytes) -> Claim:
    """What this request claims; raises :class:`IdempotencyKeyMissing` or :class:`IdempotencyKeyInvalid`."""
    digest = sha256(request.scope["query_string"])
    digest.update(b"\0")
    digest.update(body)
    return Claim(principal.subject, route_of(request), key_of(request), digest.digest())


def key_of(request: Request) -> str:
    """The key of the request, bare or as a string of structured headers (RFC 9651)."""
    given = request.headers.getlist(HEADER)
    if not given:
        raise IdempotencyKeyMissing
    key = given[0].strip()
    quoted = _QUOTED.fullmatch(key)
    if quoted is not None:
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    if len(given) > 1 or _VISIBLE.fullmatch(key) is None:
        raise IdempotencyKeyInvalid
    return key


def route_of(request: Request) -> str:
    """Method and concrete path, in ASCII."""
    route = f"{request.method} {quote(request.scope['path'])}"
    if len(route) <= ROUTE_CHARACTERS_MAX:
        return route
    return f"{request.method} sha256:{sha256(route.encode()).hexdigest()}"


async def claim(session: AsyncSession, wanted: Claim) -> Response | None:
    """Claims the key for this transaction: None, or the answer that was given before.

    Raises :class:`IdempotencyKeyReused` for a request with another content, :class:`RequestInProgress` when
    the first one still runs after ``lock_timeout``.
    """
    if await claim_all(session, [wanted]) == [True]:
        return None
    found = (await session.execute(FIND, wanted.identity)).one_or_none()
    if found is None or found.status is None:
        # Pruned between the two statements, or written by something that does not keep this module's rule.
        raise RequestInProgress
    return replayed(wanted, found.fingerprint, found.status, found.headers, found.body)


def replayed(
    wanted: Claim, fingerprint: bytes, status: int, headers: Mapping[str, str], body: bytes
) -> Response:
    """The stored answer; raises :class:`IdempotencyKeyReused` when it answered another content."""
    if fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused
    return Response(body, status_code=status, headers={**headers, REPLAYED: "true"})


async def claim_all(session: AsyncSession, wanted: Sequence[Claim]) -> list[bool]:
    """Claims keys for this transaction: which of them are ours now; the others have an answer, or get one.

    It waits for other uses of the keys, in one order, until they end. Raises :class:`RequestInProgress` when
    one still runs after ``lock_timeout``.
    """
    given = _keys(wanted) | {"fingerprints": [one.fingerprint for one in wanted]}
    try:
        free = {tuple(row) for row in await session.execute(CLAIM, given)}
    except DBAPIError as error:
        if sql_state(error) == LOCK_NOT_AVAILABLE:
            raise RequestInProgress from error
        raise
    ours = []
    for one in wanted:
        use = (one.principal, one.route, one.key, one.fingerprint)
        ours.append(use in free)
        # The same key twice is one use of it, of whichever content was taken.
        free.discard(use)
    return ours


async def remember(session: AsyncSession, answers: Sequence[tuple[Claim, Response]]) -> None:
    """Stores the answers with the claimed keys, in the transaction of their effects."""
    given: dict[str, object] = {
        "statuses": [response.status_code for _, response in answers],
        "headers": [json.dumps(stored_headers(response)) for _, response in answers],
        "bodies": [bytes(response.body) for _, response in answers],
    }
    await session.execute(REMEMBER, _keys([claimed for claimed, _ in answers]) | given)


async def disclaim(session: AsyncSession, claimed: Sequence[Claim]) -> None:
    """Gives claimed keys back that were not used."""
    if claimed:
        await session.execute(DISCLAIM, _keys(claimed))


def _keys(claims: Sequence[Claim]) -> dict[str, object]:
    return {
        "principals": [one.principal for one in claims],
        "routes": [one.route for one in claims],
        "keys": [one.key for one in claims],
    }


def stored_headers(response: Response) -> dict[str, str]:
    """The headers that are stored with an answer."""
    return {name: value for name, value in response.headers.items() if name in STORED_HEADERS}
