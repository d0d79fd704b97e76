"""In which order the public registry is shown: by code or name, never by what products promise (PRD-09)."""

from chassis.errors import Invalid


class DisplaySortForbidden(Invalid):
    """PRD-09."""

    code = "DISPLAY_SORT_FORBIDDEN"
    zh = "不得仅按{key}对产品排序展示;请按 {allowed} 排序。"
    en = "Products are not ranked by {key} alone; sort by {allowed}."


#: PRD-09: what would rank products by what they promise or have brought.
RANKING_KEYS = frozenset({"benchmark", "past_return", "yield"})
SORT_KEYS = ("code", "name")


class SortKeyUnknown(Invalid):
    """There is no such order."""

    code = "SORT_KEY_UNKNOWN"
    zh = "不支持的排序字段 {key};请按 {allowed} 排序。"
    en = "There is no order by {key}; sort by {allowed}."


def check_sort(key: str) -> str:
    """PRD-09: the key; raises :class:`DisplaySortForbidden`, :class:`SortKeyUnknown`."""
    if key in RANKING_KEYS:
        raise DisplaySortForbidden(key=key, allowed=", ".join(SORT_KEYS))
    if key not in SORT_KEYS:
        raise SortKeyUnknown(key=key, allowed=", ".join(SORT_KEYS))
    return key
