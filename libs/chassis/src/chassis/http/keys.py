"""The issuer's public keys: fetched with bounds, cached, usable for a while without the issuer."""

import asyncio
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx
import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from chassis.http.refusals import KeysUnavailable

log = structlog.get_logger()

PublicKey = ECKey | OKPKey | RSAKey

#: A look at the issuer for a key it did not have a moment ago: at most one in this time.
FETCH_INTERVAL_SECONDS = 30.0
#: The same while no key at all is known: the issuer may be starting beside us.
FIRST_FETCH_INTERVAL_SECONDS = 1.0
#: Keys are looked at again after this long, and used at most that long while the issuer does not answer.
REFRESH_SECONDS = 300.0
USABLE_SECONDS = 3600.0
FETCH_TIMEOUT_SECONDS = 2.0
JWKS_BYTES_MAX = 256 * 1024
RSA_BITS_MIN = 2048
PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class KeySource(Protocol):
    """Where the keys of the issuer come from."""

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id, None where the issuer has none; raises :class:`KeysUnavailable`."""
        ...


class StaticKeys:
    """Keys that are given, not fetched (tests)."""

    def __init__(self, keys: Mapping[str, PublicKey]) -> None:
        self.keys = dict(keys)

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id."""
        return self.keys.get(kid)


class Jwks:
    """The keys under one pinned address (RFC 7517)."""

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._transport = transport
        self._now = monotonic
        self._keys: dict[str, PublicKey] = {}
        self._tried_at: float | None = None
        self._fetched_at: float | None = None
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id; looks at the issuer when it is unknown or old, within the bounds above."""
        if kid in self._keys and (not self._old() or self._fetching.locked()):
            return self._usable().get(kid)
        async with self._fetching:
            # Whoever waited here finds what the one before has fetched.
            if (kid not in self._keys or self._old()) and self._may_fetch():
                await self._fetch()
        return self._usable().get(kid)

    def _old(self) -> bool:
        return self._fetched_at is None or self._now() - self._fetched_at > REFRESH_SECONDS

    def _may_fetch(self) -> bool:
        interval = FIRST_FETCH_INTERVAL_SECONDS if self._fetched_at is None else FETCH_INTERVAL_SECONDS
        return self._tried_at is None or self._now() - self._tried_at >= interval

    def _usable(self) -> dict[str, PublicKey]:
        if self._fetched_at is None or self._now() - self._fetched_at > USABLE_SECONDS:
            raise KeysUnavailable
        return self._keys

    async def _fetch(self) -> None:
        self._tried_at = self._now()
        try:
            # No proxy, no redirect: the address is pinned. SSL_CERT_FILE names a bank's own authority.
            verify = httpx.create_ssl_context()
            async with (
                httpx.AsyncClient(
                    transport=self._transport,
                    timeout=FETCH_TIMEOUT_SECONDS,
                    follow_redirects=False,
                    trust_env=False,
                    verify=verify,
                ) as client,
                asyncio.timeout(2 * FETCH_TIMEOUT_SECONDS),
                client.stream("GET", self.url, headers={"Accept": "application/json"}) as response,
            ):
                response.raise_for_status()
                document = await _read(response)
            self._keys = public_keys(document)
            self._fetched_at = self._now()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            log.warning("keys of the issuer not fetched", url=self.url, error=repr(error)[:200])


async def _read(response: httpx.Response) -> object:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > JWKS_BYTES_MAX:
            raise ValueError("JWKS too large")
    return httpx.Response(200, content=body).json()


def public_keys(document: object) -> dict[str, PublicKey]:
    """The keys that may sign tokens, by id; others (symmetric, weak, unnamed) are passed over.

    Raises ``ValueError`` where the document is none.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no JWKS")
    found: dict[str, PublicKey] = {}
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or entry.get("use", "sig") != "sig":
            continue
        key = _imported(entry)
        if key is not None:
            found[kid] = key
    return found


def _imported(entry: dict[str, Any]) -> PublicKey | None:
    public = {name: value for name, value in entry.items() if name not in PRIVATE_PARTS}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            key = JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size < RSA_BITS_MIN:
        return None
    return key if isinstance(key, ECKey | OKPKey | RSAKey) else None
