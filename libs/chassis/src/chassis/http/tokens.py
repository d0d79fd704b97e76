"""Access tokens (RFC 9068): read strictly, verified against the issuer's keys, remembered while they hold."""

import json
import re
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NoReturn, Protocol, TypeVar
from uuid import UUID

import structlog
from joserfc import jwa
from joserfc.errors import JoseError

from chassis.auth import ALL_OUTLETS, Principal
from chassis.clock import Clock, SystemClock
from chassis.http.keys import Jwks, KeySource, PublicKey
from chassis.http.refusals import TokenInvalid
from chassis.settings import Settings

log = structlog.get_logger()

T = TypeVar("T")

TOKEN_BYTES_MAX = 8 * 1024
LEEWAY_SECONDS = 30
#: A verified token is verified again after this long, so that a withdrawn key does not outlive it by more.
REMEMBERED_SECONDS = 300.0
REMEMBERED_MAX = 10_000
TYPES = frozenset({"at+jwt", "application/at+jwt"})
#: Never `none`, never a symmetric one. `EdDSA` is the older name of Ed25519, still widely spoken.
ALLOWED = ("EdDSA", "Ed25519", "ES256", "RS256")
ALGORITHMS = {algorithm.name: algorithm for algorithm in jwa.JWS_ALGORITHMS if algorithm.name in ALLOWED}
#: Headers by which a token would bring its own key or its own rules.
REFUSED_HEADERS = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that holds: who it names, and until when."""

    principal: Principal
    expires_at: datetime


class TokenVerifier(Protocol):
    """Says who a bearer token names."""

    async def verify(self, token: str) -> Verified:
        """Raises :class:`TokenInvalid`, or ``KeysUnavailable`` where nobody can tell."""
        ...


class JwtVerifier:
    """Verifies access tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: KeySource, clock: Clock) -> None:
        self.issuer = issuer
        self.audience = audience
        self._keys = keys
        self._clock = clock
        self._remembered: OrderedDict[bytes, tuple[Verified, float]] = OrderedDict()

    async def verify(self, token: str) -> Verified:
        """Who the token names; raises :class:`TokenInvalid` for every defect, and logs which."""
        if len(token) > TOKEN_BYTES_MAX:
            _refuse("too long")
        now = self._clock.now().timestamp()
        name = sha256(token.encode()).digest()
        known = self._remembered.get(name)
        if known is not None and now < known[1]:
            self._remembered.move_to_end(name)
            return known[0]
        verified = await self._verify(token, now)
        until = min(verified.expires_at.timestamp() + LEEWAY_SECONDS, now + REMEMBERED_SECONDS)
        self._remembered[name] = (verified, until)
        self._remembered.move_to_end(name)
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return verified

    async def _verify(self, token: str, now: float) -> Verified:
        parts = token.split(".")
        if len(parts) != 3:
            _refuse("not three parts")
        header, claims = _members(parts[0]), _members(parts[1])
        algorithm = ALGORITHMS.get(_text(header, "alg"))
        if algorithm is None:
            _refuse("algorithm")
        if _text(header, "typ").lower() not in TYPES:
            _refuse("typ")
        if REFUSED_HEADERS & header.keys():
            _refuse("header")
        key = await self._keys.key(_text(header, "kid"))
        if key is None:
            _refuse("kid")
        _check_signature(algorithm, key, f"{parts[0]}.{parts[1]}".encode("ascii"), _decoded(parts[2]))
        return self._judge(claims, now)

    def _judge(self, claims: dict[str, Any], now: float) -> Verified:
        if _text(claims, "iss") != self.issuer:
            _refuse("iss")
        audience = claims.get("aud")
        if self.audience not in (_texts(claims, "aud") if isinstance(audience, list) else [audience]):
            _refuse("aud")
        expires_at = _instant(claims, "exp")
        if now >= expires_at + LEEWAY_SECONDS:
            _refuse("expired")
        if _instant(claims, "iat") > now + LEEWAY_SECONDS:
            _refuse("iat in the future")
        if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY_SECONDS:
            _refuse("not yet valid")
        principal = Principal(
            subject=_text(claims, "sub"),
            roles=frozenset(_texts(claims, "roles")),
            outlets=_outlets(claims),
            device_id=_optional_text(claims, "device_id"),
            acr=_optional_text(claims, "acr"),
        )
        return Verified(principal, datetime.fromtimestamp(expires_at, UTC))


class JwksVerifier(JwtVerifier):
    """The verifier of a service process: issuer and keys from its settings, the real clock."""

    def __init__(self, settings: Settings, audience: str, clock: Clock | None = None) -> None:
        super().__init__(settings.issuer, audience, Jwks(settings.jwks_url), clock or SystemClock())


def _refuse(reason: str) -> NoReturn:
    log.info("token refused", reason=reason)
    raise TokenInvalid


def _or_refuse(reason: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, TypeError, OverflowError, RecursionError):
        _refuse(reason)


def _check_signature(algorithm: jwa.JWSAlgModel, key: PublicKey, signed: bytes, signature: bytes) -> None:
    try:
        algorithm.check_key(key)
        holds = algorithm.verify(signed, signature, key)
    except (JoseError, ValueError, TypeError):
        holds = False
    if not holds:
        _refuse("signature")


def _decoded(part: str) -> bytes:
    """The bytes of an unpadded base64url part; a part with anything else in it is refused."""
    if _BASE64URL.fullmatch(part) is None:
        _refuse("base64url")
    return _or_refuse("base64url", lambda: urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _members(part: str) -> dict[str, Any]:
    """The JSON object of a part; a member that stands twice is refused."""
    found = _or_refuse("json", lambda: json.loads(_decoded(part), object_pairs_hook=_once))
    if not isinstance(found, dict):
        _refuse("no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 512:
        _refuse(name)
    return value


def _optional_text(members: dict[str, Any], name: str) -> str | None:
    return None if members.get(name) is None else _text(members, name)


def _texts(members: dict[str, Any], name: str) -> list[str]:
    """A list of texts; an absent claim is an empty one (identity providers leave empty lists out)."""
    value = members.get(name, [])
    if not isinstance(value, list) or not all(
        isinstance(item, str) and 0 < len(item) <= 256 for item in value
    ):
        _refuse(name)
    return value


def _outlets(claims: dict[str, Any]) -> frozenset[str]:
    """``["*"]`` or ids of outlets, spelled as we spell them."""
    given = _texts(claims, "outlets")
    if given == [ALL_OUTLETS]:
        return frozenset(given)
    return _or_refuse("outlets", lambda: frozenset(str(UUID(item)) for item in given))


def _instant(claims: dict[str, Any], name: str) -> float:
    """A NumericDate (RFC 7519 §2) within four digits of a year."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 253_402_300_800:
        _refuse(name)
    return float(value)
