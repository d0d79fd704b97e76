"""How codes of services are written, here and in the routes of tickets."""

from typing import Annotated

from pydantic import Field

SERVICE_CODE = r"^[a-z][a-z0-9_]{0,31}$"
ServiceCode = Annotated[str, Field(pattern=SERVICE_CODE)]
