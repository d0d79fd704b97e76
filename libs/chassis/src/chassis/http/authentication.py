"""Who calls is settled before anything else is read (C2's order): a bearer token in, a principal out.

A token that does not hold is 401 on every path, public ones too. Whether a path needs one is its route's
to say.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.auth import Principal
from chassis.errors import ServiceError
from chassis.http import problems
from chassis.http.refusals import TokenInvalid
from chassis.http.tokens import JwksVerifier, JwtVerifier, TokenVerifier, Verified

__all__ = ["ANONYMOUS", "Authentication", "JwksVerifier", "JwtVerifier", "TokenVerifier", "Verified"]

PRINCIPAL, EXPIRES_AT = "wangdian.principal", "wangdian.token_expires_at"

#: Who calls a public route without a token.
ANONYMOUS = Principal(subject="", roles=frozenset(), outlets=frozenset())


class Authentication:
    """Puts the verified principal, and the token's end (F1), into the scope."""

    def __init__(self, app: ASGIApp, *, verifier: TokenVerifier) -> None:
        self.app = app
        self.verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Verifies the token of one request, if it brings one."""
        if scope["type"] == "http":
            try:
                token = bearer(scope)
                if token is not None:
                    verified = await self.verifier.verify(token)
                    scope[PRINCIPAL], scope[EXPIRES_AT] = verified.principal, verified.expires_at
            except ServiceError as refusal:
                await problems.of_error(refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def bearer(scope: Scope) -> str | None:
    """The token of the one ``Authorization`` header, None without one; raises :class:`TokenInvalid`."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if not given:
        return None
    scheme, _, token = given[0].partition(b" ")
    if len(given) > 1 or scheme.lower() != b"bearer" or not token:
        raise TokenInvalid
    return str(token.decode("latin-1").strip())
