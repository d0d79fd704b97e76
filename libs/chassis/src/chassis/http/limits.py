"""API4: how much one caller may ask in a while, and how much is worked on at once.

A process counts by itself: what it protects is itself, and its replicas share the callers anyway. Floods of
strangers belong to whoever stands in front; here they take nothing from callers who have a token.
"""

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.auth import Principal
from chassis.http import problems
from chassis.http.authentication import PRINCIPAL
from chassis.http.refusals import ServiceBusy, TooManyRequests
from chassis.settings import Settings

LIMITED = Counter("wangdian_http_limited_total", "Requests refused for their number.", ["reason"])
#: Asked by whoever keeps the process alive; refusing them under load would end it then.
PROBES = frozenset({"/livez", "/readyz", "/metrics"})


class Limits:
    """Refuses with 429 what one caller asks too often, with 503 what is too much at once; else passes on.

    A caller is the subject of the token; without one, the address that the connection comes from. What is
    worked on ends where its answer starts: streams have bounds of their own.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.at_once_max = settings.requests_at_once_max
        self._allowed = RateLimitItemPerSecond(settings.caller_requests_max, settings.caller_window_seconds)
        self._counted = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets one request through, or answers it with its refusal."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(caller_of(scope))
        if refusal is not None:
            await problems.of_error(refusal)(scope, receive, send)
            return
        self._at_work += 1
        counted = True

        def done() -> None:
            nonlocal counted
            self._at_work -= counted
            counted = False

        async def begin(message: Message) -> None:
            if message["type"] == "http.response.start":
                done()
            await send(message)

        try:
            await self.app(scope, receive, begin)
        finally:
            done()

    def _refusal(self, caller: str) -> ServiceBusy | TooManyRequests | None:
        if self._at_work >= self.at_once_max:
            LIMITED.labels("at_once").inc()
            return ServiceBusy()
        if self._counted.hit(self._allowed, caller):
            return None
        LIMITED.labels("caller").inc()
        return TooManyRequests(retry_after_seconds=self._allowed.get_expiry())


def caller_of(scope: Scope) -> str:
    """Who is counted: the token's subject, else the peer's address; one cannot pass for the other."""
    principal: Principal | None = scope.get(PRINCIPAL)
    if principal is not None:
        return f"subject:{principal.subject}"
    peer = scope.get("client")
    return f"address:{peer[0]}" if peer else "address:"
