"""The list of sellers that hangs at an outlet: each publication is a record of its own (ZON-04, D1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Invalid, NotFound, ServiceError
from compliance.rulebook.domain import Finding
from compliance.rulebook.staff_lists import STALE, UNQUALIFIED
from compliance.sellers.domain import Seller


class SalespersonNotQualified(Invalid):
    """ZON-04: the list names somebody who may not sell."""

    code = UNQUALIFIED
    zh = "公示名单中的人员 {sellers} 不是本网点具备有效销售资格的在职人员;请核对名单。"
    en = "The list names {sellers}, who are not active, qualified sellers of this outlet; correct the list."


class SellerRegisterStale(Invalid):
    """S1: who is qualified cannot be said just now."""

    code = STALE
    zh = "人员资格登记未及时更新,无法核对公示名单;请稍后重试。"
    en = "The register of qualifications is not up to date, so the list cannot be checked; try again later."


class StaffListMissing(NotFound):
    """Nothing was ever published at the outlet."""

    code = "STAFF_LIST_NOT_PUBLISHED"
    zh = "该网点尚未公示销售人员名单;请网点负责人先行公示。"
    en = "The outlet has published no list of its sellers yet; its head publishes one."


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One seller as the list shows him: by his staff number."""

    seller_id: UUID
    staff_number: str


@dataclass(kw_only=True)
class StaffList:
    """One publication, on record for good (D1); the newest of an outlet is the one that hangs there."""

    id: UUID
    outlet_id: UUID
    entries: tuple[Listed, ...]
    published_by: str
    published_at: datetime

    @classmethod
    def publish(
        cls, list_id: UUID, *, outlet_id: UUID, sellers: Sequence[Seller], by: str, at: datetime
    ) -> "StaffList":
        """The list of these sellers, in the order of their staff numbers."""
        entries = [Listed(seller_id=one.id, staff_number=one.staff_number or "") for one in sellers]
        entries.sort(key=lambda one: one.staff_number)
        return cls(id=list_id, outlet_id=outlet_id, entries=tuple(entries), published_by=by, published_at=at)

    @property
    def named(self) -> tuple[UUID, ...]:
        """The ids of the sellers on it."""
        return tuple(entry.seller_id for entry in self.entries)


def unfit_list(finding: Finding) -> ServiceError:
    """ZON-04: the refusal to publish."""
    if finding.code == STALE:
        return SellerRegisterStale()
    return SalespersonNotQualified(sellers=", ".join(finding.details["sellers"]), pointer="/seller_ids")
