"""「审计查询」: who did what, when, from where (SPEC 7.2)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gonghui.audit.forms import EntryFilter
from gonghui.audit.models import Entry
from gonghui.audit.verbs import VERBS
from gonghui.kit.paging import paginate
from gonghui.kit.request import Request

# How the data of an entry reads; a key that is not here stands as it is.
_WORDS = {
    "round": "轮次",
    "opinion": "意见",
    "kind": "类型",
    "part": "角色",
    "in_place_of": "代",
    "absent": "请假人",
    "cover": "代办人",
    "starts_on": "从",
    "ends_on": "到",
    "successor": "接任人",
    "unlocked": "解除锁定",
    "second_factor": "移除动态口令",
    "list": "清单",
    "count": "数量",
    "number": "编号",
    "rows": "行数",
    "fields": "修改的项目",
    "purpose": "用途",
    "full": "完整号码",
    "email": "邮箱",
    "roles": "角色",
    "old": "原值",
    "new": "新值",
    "reason": "原因",
    "problems": "错误数",
    "in_register": "在大统计库中",
    "employers": "单位数",
    "unions": "工会数",
    "added": "新增",
    "returned": "重新入会",
    "changed": "修改",
    "requested": "申请转入",
    "sent": "导出人数",
    "left_out": "未导出",
    "foreign": "外籍",
    "digest": "校验值",
    "version": "版本",
}


@require_GET
def search(request: Request) -> HttpResponse:
    """The newest entries first, for the city's platform administrators."""
    if not request.user.is_platform_admin:
        raise Http404
    filters = EntryFilter(request.GET)
    page = paginate(request, filters.narrow(Entry.objects.visible_to(request.user)), order=("-at", "-id"), size=50)
    for entry in page.rows:
        entry.words = VERBS.get(entry.verb, entry.verb)
        entry.facts = [(_WORDS.get(key, key), _said(value)) for key, value in entry.data.items()]
    return render(request, "audit/search.html", {"page": page, "filters": filters}, status=filters.status)


def _said(value: Any) -> Any:
    """A value of an entry's data as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else value
