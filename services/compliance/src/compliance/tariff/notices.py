"""What an outlet or the website shows of the tariff, as it was put up (FEE-04). Records for good (D1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.rulebook.tariffs import PublicationFacts


@dataclass(kw_only=True)
class Notice:
    """What is shown from ``shown_at`` on, in place of the notice before it. ``outlet_id`` None: the website.

    ``complaint_phone`` None: no fee complaint phone is shown.
    """

    id: UUID
    outlet_id: UUID | None
    price_list: bool
    complaint_phone: str | None
    recorded_by: str
    shown_at: datetime


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A place with its last notice (None: there never was one) and the last announcement of a price."""

    outlet_id: UUID | None
    notice: Notice | None
    announced_at: datetime | None

    @property
    def price_list_at(self) -> datetime | None:
        """When the price list that is shown was put up."""
        return self.notice.shown_at if self.notice is not None and self.notice.price_list else None

    @property
    def complaint_phone_at(self) -> datetime | None:
        """When the complaint phone that is shown was put up."""
        shown = self.notice is not None and self.notice.complaint_phone is not None
        return self.notice.shown_at if self.notice is not None and shown else None

    def facts(self) -> PublicationFacts:
        """What FEE-04 looks at."""
        return PublicationFacts(
            price_list_at=self.price_list_at,
            complaint_phone_at=self.complaint_phone_at,
            announced_at=self.announced_at,
        )
