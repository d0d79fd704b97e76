"""How Wangdian is run: the stack without Docker, the demo's token issuer, what containers need."""

SERVICES = ("ticketing", "feedback", "staffing", "compliance")
