"""The issuer's keys: fetched with bounds, usable for a while without it (API2, API7)."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from chassis.http import keys
from chassis.http.keys import Jwks, public_keys
from chassis.http.refusals import KeysUnavailable
from chassis.testing import KEY

EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})


def encoded(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class Issuer:
    """An issuer behind a transport, whose keys and health a test sets, and a clock to move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.fetches = 0
        self.answer: Callable[[], httpx.Response] = self.with_keys(KEY)

    def with_keys(self, *published: Any) -> Callable[[], httpx.Response]:
        document = {"keys": [key.as_dict(private=False) for key in published]}
        return lambda: httpx.Response(200, json=document)

    def jwks(self) -> Jwks:
        def handle(request: httpx.Request) -> httpx.Response:
            self.fetches += 1
            return self.answer()

        transport = httpx.MockTransport(handle)
        return Jwks("https://issuer.test/jwks", transport=transport, monotonic=lambda: self.now)


def away() -> httpx.Response:
    raise httpx.ConnectError("away")


async def test_api2_unknown_kids_cause_one_fetch_in_30_seconds() -> None:
    issuer = Issuer()
    jwks = issuer.jwks()
    assert await jwks.key("test") is not None
    issuer.now += 30
    for number in range(50):
        assert await jwks.key(f"unknown-{number}") is None
    assert issuer.fetches == 2
    issuer.now += 29.9
    assert await jwks.key("unknown") is None
    assert issuer.fetches == 2
    issuer.now += 0.1
    assert await jwks.key("unknown") is None
    assert issuer.fetches == 3


async def test_a_new_key_is_found_when_it_is_first_used() -> None:
    issuer = Issuer()
    jwks = issuer.jwks()
    await jwks.key("test")
    issuer.answer = issuer.with_keys(KEY, EC)
    issuer.now += 31
    assert await jwks.key("ec") is not None


async def test_a_withdrawn_key_is_gone_after_the_next_look() -> None:
    issuer = Issuer()
    jwks = issuer.jwks()
    await jwks.key("test")
    issuer.answer = issuer.with_keys(EC)
    issuer.now += keys.REFRESH_SECONDS + 1
    assert await jwks.key("test") is None


async def test_keys_serve_for_an_hour_without_the_issuer_and_no_longer() -> None:
    issuer = Issuer()
    jwks = issuer.jwks()
    await jwks.key("test")
    issuer.answer = away
    issuer.now += keys.USABLE_SECONDS
    assert await jwks.key("test") is not None
    issuer.now += 1
    with pytest.raises(KeysUnavailable):
        await jwks.key("test")
    issuer.answer = issuer.with_keys(KEY)
    issuer.now += 30
    assert await jwks.key("test") is not None


async def test_an_issuer_that_starts_beside_us_is_found_within_a_second() -> None:
    issuer = Issuer()
    issuer.answer = away
    jwks = issuer.jwks()
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            await jwks.key("test")
    assert issuer.fetches == 1
    issuer.answer = issuer.with_keys(KEY)
    issuer.now += 1
    assert await jwks.key("test") is not None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "https://evil.test/jwks"}),
        httpx.Response(200, content=b"no JSON"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"keys": 1}),
        httpx.Response(200, content=b" " * (keys.JWKS_BYTES_MAX + 1)),
    ],
)
async def test_api7_an_answer_that_is_no_key_set_is_none(answer: httpx.Response) -> None:
    issuer = Issuer()
    issuer.answer = lambda: answer
    with pytest.raises(KeysUnavailable):
        await issuer.jwks().key("test")
    assert issuer.fetches == 1


def test_api2_only_named_public_signing_keys_are_taken() -> None:
    weak = {"kty": "RSA", "kid": "weak", "n": encoded(b"\xff" * 128), "e": "AQAB"}
    document = {
        "keys": [
            KEY.as_dict(private=True),
            {"kty": "oct", "kid": "secret", "k": encoded(b"x" * 32)},
            EC.as_dict(private=False) | {"kid": "for-encryption", "use": "enc"},
            {name: value for name, value in EC.as_dict(private=False).items() if name != "kid"},
            weak,
            {"kty": "OKP", "kid": "broken", "crv": "Ed25519", "x": "?"},
            {"kid": "nothing"},
            "text",
        ]
    }
    found = public_keys(document)
    assert found.keys() == {"test"}
    assert not found["test"].is_private
