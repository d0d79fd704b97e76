"""The issuer over HTTP: discovery, public keys, tokens for the client-credentials grant (RFC 6749 §4.4)."""

import base64
import binascii
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from joserfc import jwt
from starlette.concurrency import run_in_threadpool

from deploy.issuer.accounts import Account, hash_secret, new_secret, read_accounts, secret_matches
from deploy.issuer.keys import ALGORITHM, SigningKeys
from deploy.issuer.settings import IssuerSettings
from deploy.private_files import Watched

_BODY_BYTES_MAX = 8 * 1024


class TokenRefused(Exception):
    """An error answer of the token endpoint, RFC 6749 §5.2."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


class Issuer:
    """Checks a client's secret and signs what its account says."""

    def __init__(self, settings: IssuerSettings) -> None:
        self.settings = settings
        self.keys = SigningKeys(settings.state)
        self._accounts = Watched(settings.accounts, read_accounts)
        # Compared with an unknown client's secret, so that the time taken does not tell which clients exist.
        self._nobody = hash_secret(new_secret())

    def token(self, client_id: str, secret: str) -> str:
        """A signed access token (RFC 9068) for the client; raises :class:`TokenRefused`."""
        account = self._known().get(client_id)
        if not secret_matches(secret, account.secret_hash if account else self._nobody) or account is None:
            raise TokenRefused(401, "invalid_client", "unknown client or wrong secret")
        key = self.keys.signing()
        header = {"typ": "at+jwt", "alg": ALGORITHM, "kid": key.kid}
        return jwt.encode(header, self._claims(account), key, algorithms=[ALGORITHM])

    def _known(self) -> Mapping[str, Account]:
        return self._accounts.get() if self.settings.accounts.exists() else {}

    def _claims(self, account: Account) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.settings.url,
            "sub": account.subject,
            "aud": list(self.settings.audience),
            "iat": now,
            "nbf": now,
            "exp": now + self.settings.token_seconds,
            "jti": str(uuid.uuid4()),
            "client_id": account.client_id,
            "roles": list(account.roles),
            "outlets": list(account.outlets),
            "acr": account.acr,
        }
        if account.device_id is not None:
            claims["device_id"] = account.device_id
        return claims


def create_app(settings: IssuerSettings) -> FastAPI:
    """The issuer as an ASGI application."""
    issuer = Issuer(settings)
    app = FastAPI(title="Wangdian demo issuer", openapi_url=None)

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return {
            "issuer": settings.url,
            "token_endpoint": f"{settings.url}/token",
            "jwks_uri": f"{settings.url}/jwks",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    @app.get("/jwks")
    async def jwks() -> dict[str, object]:
        return issuer.keys.public()

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        form = _form(await _body(request))
        client_id, secret = _credentials(request.headers.get("authorization"), form)
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused(400, "unsupported_grant_type", "grant_type must be client_credentials")
        signed = await run_in_threadpool(issuer.token, client_id, secret)
        body = {"access_token": signed, "token_type": "Bearer", "expires_in": settings.token_seconds}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    @app.exception_handler(TokenRefused)
    async def refused(_: Request, error: TokenRefused) -> JSONResponse:
        headers = {"Cache-Control": "no-store"}
        if error.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="wangdian"'
        return JSONResponse(error.body, error.status, headers=headers)

    return app


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_BYTES_MAX:
            raise TokenRefused(413, "invalid_request", "the request is too large")
    return body


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode(), strict_parsing=True) if body else {}
    except ValueError as error:
        raise TokenRefused(400, "invalid_request", "the body must be a URL-encoded form") from error
    if any(len(values) > 1 for values in fields.values()):
        raise TokenRefused(400, "invalid_request", "a parameter is given twice")
    return {name: values[0] for name, values in fields.items()}


def _credentials(authorization: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret, from HTTP basic (RFC 6749 §2.3.1: each URL-encoded) or from the form."""
    if authorization is None:
        return form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenRefused(401, "invalid_client", "the Authorization header cannot be read") from error
    if scheme.lower() != "basic" or not colon:
        raise TokenRefused(401, "invalid_client", "use HTTP basic or the form")
    return unquote(client_id), unquote(secret)
