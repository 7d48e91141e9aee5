"""Each user's settings and named searches of each list (SPEC 1.6).

They belong to the account, in all its browsers. They change no data of others, so the audit does not record them.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from gonghui.accounts.models import Density, ListSetting, SavedView, User
from gonghui.kit.errors import Refused
from gonghui.kit.lists import lists_of
from gonghui.kit.paging import SIZES
from gonghui.kit.request import AnyRequest

MAX_COLUMNS = 16
"""Maximum number of columns that the style sheet can hide (table.css)."""

MAX_PATH, MAX_QUERY, MAX_NAME, MAX_VIEWS = 200, 2000, 20, 12
MAX_SETTINGS, MAX_ALL_VIEWS = 100, 60
"""Maximum numbers that are loaded with an account, the newest first."""

_PASSING = {"page", "near", "size", "new", "decided"}


def kept_with() -> dict[str, ArraySubquery]:
    """Adds to a query of users their newest settings and named searches, so that a page needs no query for them."""

    def newest(model: type[ListSetting] | type[SavedView], most: int, *names: str) -> ArraySubquery:
        rows = model.objects.filter(user=OuterRef("pk")).order_by("-pk")
        return ArraySubquery(rows.values(json=JSONObject(**{name: name for name in names}))[:most])

    return {
        "kept_settings": newest(ListSetting, MAX_SETTINGS, "path", "density", "hidden", "size"),
        "kept_views": newest(SavedView, MAX_ALL_VIEWS, "id", "path", "name", "query"),
    }


def setting_of(request: AnyRequest) -> ListSetting:
    """Returns the setting of the requested list, or the default one. Cached for the request."""
    setting = getattr(request, "list_setting", None)
    if setting is None:
        stored = (values for values in request.user.kept_settings if values["path"] == request.path)
        setting = ListSetting(user=request.user, **next(stored, {"path": request.path}))
        request.list_setting = setting  # type: ignore[attr-defined]
    return setting


def save_setting(user: User, path: str, *, density: str, hidden: Iterable[int], size: int | None) -> None:
    """Stores the settings of a list for ``user``; ignores values that no list has."""
    values: dict[str, Any] = {
        "density": density if density in Density.values else Density.COMPACT,
        "hidden": sorted({position for position in hidden if 1 < position <= MAX_COLUMNS}),
        "size": size if size in SIZES else None,
    }
    ListSetting.objects.update_or_create(user=user, path=path[:MAX_PATH], defaults=values)


def save_view(user: User, path: str, *, name: str, query: str) -> SavedView:
    """Stores a named search. Raises Refused without a name or a condition, for a name in use, and past MAX_VIEWS."""
    name = " ".join(name.split())
    conditions = _conditions(query)
    if not name or len(name) > MAX_NAME:
        raise Refused(f"请给常用筛选起一个名称，不超过 {MAX_NAME} 个字。", field="name")
    if not conditions or len(conditions) > MAX_QUERY:
        raise Refused("请先设置查询条件并查询，再存为常用筛选。")
    if SavedView.objects.filter(user=user).count() >= MAX_ALL_VIEWS:
        raise Refused(f"您已保存 {MAX_ALL_VIEWS} 个常用筛选，请先在各列表中删除不用的。")
    if SavedView.objects.filter(user=user, path=path).count() >= MAX_VIEWS:
        raise Refused(f"每个列表最多保存 {MAX_VIEWS} 个常用筛选，请先删除不用的。")
    try:
        with transaction.atomic():
            return SavedView.objects.create(user=user, path=path[:MAX_PATH], name=name, query=conditions)
    except IntegrityError as error:
        raise Refused(f"已经有名为“{name}”的常用筛选，请换一个名称。", field="name") from error


def views_of(request: AnyRequest) -> list[SavedView]:
    """Returns the user's named searches of the requested list, oldest first."""
    stored = [values for values in request.user.kept_views if values["path"] == request.path]
    return [SavedView(user=request.user, **values) for values in reversed(stored)]


def _conditions(query: str) -> str:
    return urlencode(
        [(key, value) for key, values in parse_qs(query).items() if key not in _PASSING for value in values]
    )


def was_kept(request: AnyRequest) -> bool:
    """Whether the address is a named search of the account, or a list as it was left: not one that somebody has typed."""
    asked = _conditions(request.META["QUERY_STRING"])
    if not asked:
        return False
    if any(view.query == asked for view in views_of(request)):
        return True
    return _conditions(lists_of(request).address(request.path).partition("?")[2]) == asked


def remove_view(view: SavedView) -> None:
    """Deletes a named search."""
    view.delete()
