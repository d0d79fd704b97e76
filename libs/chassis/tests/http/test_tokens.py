"""API2: the attack table. A token is accepted whole or not at all."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.clock import FixedClock
from chassis.http import tokens
from chassis.http.keys import PublicKey, StaticKeys
from chassis.http.refusals import KeysUnavailable, TokenInvalid
from chassis.http.tokens import JwtVerifier
from chassis.testing import ISSUER, KEY, ServiceKit

Claims = dict[str, Any]

RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS256"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
OTHER = OKPKey.generate_key("Ed25519", {"kid": "test"})


def part(value: object) -> str:
    """One part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims_of(kit: ServiceKit, **changes: Any) -> Claims:
    """Claims that hold, changed; a change to None removes the claim."""
    now = int(kit.clock.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": [kit.service.name],
        "sub": "teller-1",
        "iat": now,
        "exp": now + 600,
        "roles": ["teller"],
        "outlets": ["*"],
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed(claims: Claims | bytes, key: Any = KEY, **header: Any) -> str:
    """A token with these claims, whatever they are, and a good signature of ``key``."""
    head = {"alg": "Ed25519", "kid": "test", "typ": "at+jwt"} | header
    head = {name: value for name, value in head.items() if value is not None}
    algorithm = tokens.ALGORITHMS[head["alg"] if head.get("alg") in tokens.ALGORITHMS else "Ed25519"]
    content = f"{part(head)}.{part(claims)}"
    return f"{content}.{part(algorithm.sign(content.encode(), key))}"


def hmac_signed(kit: ServiceKit, secret: bytes) -> str:
    """HS256 with the public key as its secret."""
    content = f"{part({'alg': 'HS256', 'kid': 'test', 'typ': 'at+jwt'})}.{part(claims_of(kit))}"
    return f"{content}.{part(hmac.new(secret, content.encode(), sha256).digest())}"


def public_pem() -> bytes:
    """The issuer's public key, as everybody has it."""
    return KEY.as_pem(private=False)


def doubled(kit: ServiceKit, name: str, value: str) -> bytes:
    """Claims in which one member stands twice."""
    return json.dumps(claims_of(kit)).encode()[:-1] + f', "{name}": {value}}}'.encode()


def unsigned(kit: ServiceKit, algorithm: str, signature: str = "") -> str:
    return f"{part({'alg': algorithm, 'kid': 'test', 'typ': 'at+jwt'})}.{part(claims_of(kit))}.{signature}"


def tampered(kit: ServiceKit) -> str:
    head, _, signature = signed(claims_of(kit)).split(".")
    return f"{head}.{part(claims_of(kit, roles=['teller', 'operator']))}.{signature}"


ATTACKS: dict[str, Callable[[ServiceKit], str]] = {
    "alg none": lambda kit: unsigned(kit, "none"),
    "alg None": lambda kit: unsigned(kit, "None", part(b"x")),
    "alg nOnE with a good signature": lambda kit: signed(claims_of(kit), alg="nOnE"),
    "no signature": lambda kit: unsigned(kit, "Ed25519"),
    "HS256 with the public key (PEM)": lambda kit: hmac_signed(kit, public_pem()),
    "HS256 with the public key (JWK x)": lambda kit: hmac_signed(kit, str(KEY.as_dict()["x"]).encode()),
    "HS256 with an empty secret": lambda kit: hmac_signed(kit, b""),
    "another key under our kid": lambda kit: signed(claims_of(kit), OTHER),
    "alg of another family": lambda kit: unsigned(kit, "RS256", part(b"x" * 256)),
    "alg is no text": lambda kit: unsigned(kit, "Ed25519").replace(
        part({"alg": "Ed25519", "kid": "test", "typ": "at+jwt"}), part({"alg": ["Ed25519"], "kid": "test"})
    ),
    "tampered claims": tampered,
    "unknown kid": lambda kit: signed(claims_of(kit), kid="unknown"),
    "no kid": lambda kit: signed(claims_of(kit), kid=None),
    "typ JWT": lambda kit: signed(claims_of(kit), typ="JWT"),
    "typ id token": lambda kit: signed(claims_of(kit), typ="id+jwt"),
    "no typ": lambda kit: signed(claims_of(kit), typ=None),
    "crit": lambda kit: signed(claims_of(kit), crit=["exp"]),
    "jwk in the header": lambda kit: signed(claims_of(kit), OTHER, jwk=OTHER.as_dict(private=False)),
    "jku in the header": lambda kit: signed(claims_of(kit), jku="https://evil.test/jwks"),
    "x5u in the header": lambda kit: signed(claims_of(kit), x5u="https://evil.test/cert"),
    "b64 false": lambda kit: signed(claims_of(kit), b64=False),
    "wrong iss": lambda kit: signed(claims_of(kit, iss="https://evil.test")),
    "iss with a slash more": lambda kit: signed(claims_of(kit, iss=f"{ISSUER}/")),
    "no iss": lambda kit: signed(claims_of(kit, iss=None)),
    "wrong aud": lambda kit: signed(claims_of(kit, aud=["another"])),
    "aud in a longer text": lambda kit: signed(claims_of(kit, aud=f"{kit.service.name}-2")),
    "aud is an object": lambda kit: signed(claims_of(kit, aud={kit.service.name: True})),
    "aud holds a number": lambda kit: signed(claims_of(kit, aud=[kit.service.name, 1])),
    "no aud": lambda kit: signed(claims_of(kit, aud=None)),
    "expired": lambda kit: signed(claims_of(kit, exp=int(kit.clock.now().timestamp()) - 30)),
    "no exp": lambda kit: signed(claims_of(kit, exp=None)),
    "exp as text": lambda kit: signed(claims_of(kit, exp="9999999999")),
    "exp true": lambda kit: signed(claims_of(kit, exp=True)),
    "exp beyond all years": lambda kit: signed(claims_of(kit, exp=1e300)),
    "exp NaN": lambda kit: signed(claims_of(kit, exp=float("nan"))),
    "issued in the future": lambda kit: signed(claims_of(kit, iat=int(kit.clock.now().timestamp()) + 60)),
    "no iat": lambda kit: signed(claims_of(kit, iat=None)),
    "not yet valid": lambda kit: signed(claims_of(kit, nbf=int(kit.clock.now().timestamp()) + 60)),
    "no sub": lambda kit: signed(claims_of(kit, sub=None)),
    "empty sub": lambda kit: signed(claims_of(kit, sub="")),
    "sub is a number": lambda kit: signed(claims_of(kit, sub=1)),
    "roles is a text": lambda kit: signed(claims_of(kit, roles="teller")),
    "roles holds a list": lambda kit: signed(claims_of(kit, roles=[["teller"]])),
    "roles is an object": lambda kit: signed(claims_of(kit, roles={"teller": True})),
    "outlets is a star": lambda kit: signed(claims_of(kit, outlets="*")),
    "outlets holds no id": lambda kit: signed(claims_of(kit, outlets=["everywhere"])),
    "outlets holds star and id": lambda kit: signed(claims_of(kit, outlets=["*", "*"])),
    "device is a list": lambda kit: signed(claims_of(kit, device_id=["a"])),
    "duplicate claim": lambda kit: signed(doubled(kit, "sub", '"operator"')),
    "duplicate role claim": lambda kit: signed(doubled(kit, "roles", '["operator"]')),
    "claims are a list": lambda kit: signed(b"[]"),
    "claims are no JSON": lambda kit: signed(b"{"),
    "claims are deep": lambda kit: signed(b"[" * 3000),
    "10 KB": lambda kit: signed(claims_of(kit, padding="x" * 10_000)),
    "four parts": lambda kit: signed(claims_of(kit)) + ".x",
    "two parts": lambda kit: "a.b",
    "padding": lambda kit: signed(claims_of(kit)) + "==",
    "line break": lambda kit: signed(claims_of(kit)).replace(".", ".\t", 1),
    "plus and slash": lambda kit: signed(claims_of(kit))[:-2] + "+/",
    "garbage": lambda kit: "garbage",
    "dots": lambda kit: "..",
    "not ASCII": lambda kit: "é.é.é",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_api2_attacks_are_401(kit: ServiceKit, attack: str) -> None:
    token = ATTACKS[attack](kit).encode("latin-1")
    for path in ("/v1/notes", "/v1/odd/open"):
        answer = await kit.client().get(path, headers=[(b"Authorization", b"Bearer " + token)])
        assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID"), path
        assert answer.headers["www-authenticate"] == 'Bearer realm="wangdian", error="invalid_token"'


def test_api2_only_these_algorithms_sign() -> None:
    """The kind of a key refuses none and HS256 as well; the list must do it alone."""
    assert tokens.ALGORITHMS.keys() == {"EdDSA", "Ed25519", "ES256", "RS256"}


@pytest.mark.parametrize("given", ["Basic dGVzdDp0ZXN0", "Bearer", "Bearer ", "bearer:", "Digest x"])
async def test_api2_other_credentials_are_401(kit: ServiceKit, given: str) -> None:
    assert (await kit.client().get("/v1/notes", headers={"Authorization": given})).status_code == 401


async def test_api2_two_tokens_are_401(kit: ServiceKit) -> None:
    good = f"Bearer {signed(claims_of(kit))}"
    headers = [("Authorization", good), ("Authorization", good)]
    assert (await kit.client().get("/v1/notes", headers=headers)).status_code == 401


async def test_api2_no_token_is_401_and_says_what_is_wanted(kit: ServiceKit) -> None:
    answer = await kit.client().get("/v1/notes")
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_MISSING")
    assert answer.headers["www-authenticate"] == 'Bearer realm="wangdian"'


async def test_api2_the_body_of_an_unauthenticated_request_is_never_read(kit: ServiceKit) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("read")

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/notes", "raw_path": b"/v1/notes", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"10")], "scheme": "http",
        "http_version": "1.1", "server": ("x", 80), "client": ("x", 1), "root_path": "",
    }  # fmt: skip
    await kit.app(scope, receive, send)
    assert sent[0]["status"] == 401


async def test_api2_what_is_accepted(kit: ServiceKit) -> None:
    keys: dict[str, PublicKey] = {"test": KEY, "rsa": RSA, "ec": EC}
    verifier = JwtVerifier(ISSUER, kit.service.name, StaticKeys(keys), kit.clock)
    now = int(kit.clock.now().timestamp())
    for token in [
        signed(claims_of(kit)),
        signed(claims_of(kit), alg="EdDSA"),
        signed(claims_of(kit), RSA, alg="RS256", kid="rsa"),
        signed(claims_of(kit), EC, alg="ES256", kid="ec"),
        signed(claims_of(kit), typ="application/at+jwt"),
        signed(claims_of(kit), typ="AT+JWT"),
        signed(claims_of(kit, aud=kit.service.name)),
        signed(claims_of(kit, aud=["other", kit.service.name])),
        signed(claims_of(kit, exp=now - 29)),
        signed(claims_of(kit, iat=now + 29, nbf=now + 29)),
        signed(claims_of(kit, scope="openid", client_id="kiosk")),
    ]:
        verified = await verifier.verify(token)
        assert verified.principal.subject == "teller-1"
        assert verified.principal.roles == {"teller"}
    library = jwt.encode({"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}, claims_of(kit, outlets=None), RSA)
    assert (await verifier.verify(library)).principal.outlets == frozenset()


async def test_api2_outlets_are_spelled_our_way(kit: ServiceKit) -> None:
    verifier = JwtVerifier(ISSUER, kit.service.name, StaticKeys({"test": KEY}), kit.clock)
    given = "0190000000007000800000000000000F"
    verified = await verifier.verify(signed(claims_of(kit, outlets=[given], device_id="k-1", acr="gold")))
    assert verified.principal.outlets == {"01900000-0000-7000-8000-00000000000f"}
    assert (verified.principal.device_id, verified.principal.acr) == ("k-1", "gold")


class CountedKeys(StaticKeys):
    """Counts how often a key is asked for."""

    asked = 0

    async def key(self, kid: str) -> PublicKey | None:
        self.asked += 1
        return await super().key(kid)


async def test_a_verified_token_is_remembered_until_it_ends(kit: ServiceKit) -> None:
    keys = CountedKeys({"test": KEY})
    clock = FixedClock()
    verifier = JwtVerifier(ISSUER, kit.service.name, keys, clock)
    token = signed(claims_of(kit, exp=int(clock.now().timestamp()) + 60))
    for _ in range(3):
        await verifier.verify(token)
    assert keys.asked == 1
    clock.advance(timedelta(seconds=89))
    await verifier.verify(token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TokenInvalid):
        await verifier.verify(token)


async def test_a_withdrawn_key_outlives_its_tokens_by_no_more_than_the_memory(kit: ServiceKit) -> None:
    keys = StaticKeys({"test": KEY})
    clock = FixedClock()
    verifier = JwtVerifier(ISSUER, kit.service.name, keys, clock)
    token = signed(claims_of(kit, exp=int(clock.now().timestamp()) + 86_400))
    await verifier.verify(token)
    keys.keys.clear()
    clock.advance(timedelta(seconds=tokens.REMEMBERED_SECONDS - 1))
    await verifier.verify(token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TokenInvalid):
        await verifier.verify(token)


async def test_the_memory_of_tokens_is_bounded(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED_MAX", 3)
    keys = CountedKeys({"test": KEY})
    verifier = JwtVerifier(ISSUER, kit.service.name, keys, kit.clock)
    issued = [signed(claims_of(kit, jti=str(number))) for number in range(5)]
    for token in [*issued, issued[4]]:
        await verifier.verify(token)
    assert keys.asked == 5
    await verifier.verify(issued[0])
    assert keys.asked == 6


class NoKeys:
    """An issuer that cannot be reached."""

    async def key(self, kid: str) -> PublicKey | None:
        raise KeysUnavailable


async def test_without_any_keys_a_token_is_503_not_401(kit: ServiceKit) -> None:
    verifier = JwtVerifier(ISSUER, kit.service.name, NoKeys(), kit.clock)
    with pytest.raises(KeysUnavailable):
        await verifier.verify(signed(claims_of(kit)))


async def test_api2_a_remembered_token_costs_next_to_nothing(kit: ServiceKit) -> None:
    verifier = JwtVerifier(ISSUER, kit.service.name, StaticKeys({"test": KEY}), kit.clock)
    token = signed(claims_of(kit))
    await verifier.verify(token)
    begun = time.process_time()
    for _ in range(1000):
        await verifier.verify(token)
    assert time.process_time() - begun < 0.1
