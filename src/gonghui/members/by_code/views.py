"""「组织机构代码导入会员」 (SPEC 3.5; manual 4.1, the third way)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.kit.documents import Invalid, check_unit_code
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.paging import paginate
from gonghui.members.by_code import actions as code_import
from gonghui.members.models import CodeImport
from gonghui.members.rules import can_add_members
from gonghui.members.states import CodeImportState
from gonghui.reviews.actions import withdraw as withdraw_review
from gonghui.unions.models import Union
from gonghui.unions.union_details import above_staff

HISTORY = 10


@never_cache
@require_GET
def by_code(request: Request) -> HttpResponse:
    """The search by code, the people bound to it (masked for another employer's code), and earlier imports."""
    union = _officers_union(request)
    typed = request.GET.get("code", "")[:50].strip()
    context = {
        "typed": typed or union.employer.code or "",
        "asked": bool(typed),
        "problem": "",
        "history": _history(union),
    }
    if typed:
        try:
            code = check_unit_code(typed)
            members = code_import.search(union, code, by=request.user)
        except (Invalid, Refused) as refused:
            context["problem"] = refused.sentence
        else:
            page = paginate(request, members, order=("id",), size=20)
            context |= {
                "code": code,
                "page": page,
                "own": code_import.is_own(union, code),
                "most": code_import.MAX_IMPORT_MEMBERS,
            }
            context["above_staff"] = above_staff(union.working_count + page.total, union.staff_count)
    return render(request, "members/by_code.html", context, status=422 if context["problem"] else 200)


@require_POST
def start(request: Request) -> HttpResponse:
    """「确认导入」 of the ticked people, or of all."""
    union = _officers_union(request)
    ids = (
        None
        if request.POST.get("which") == "all"
        else [pk for text in request.POST.getlist("member")[:1000] if (pk := row_id(text))]
    )
    try:
        code = check_unit_code(request.POST.get("code", "")[:50])
    except Invalid as invalid:
        raise Refused(invalid.sentence) from invalid
    if ids == []:
        raise Refused("请先勾选要导入的人员，或点“全部导入”。")
    new_import = code_import.start_import(union, code, ids, by=request.user)
    if new_import.state == CodeImportState.PENDING:
        messages.success(request, f"已提交上级工会审核，通过后导入 {new_import.total} 人。")
    elif new_import.state == CodeImportState.RUNNING:
        messages.success(request, f"已开始导入 {new_import.total} 人，进度和结果列在下面。")
    else:
        add_message = messages.success if new_import.done == new_import.total else messages.warning
        add_message(request, new_import.message)
    if ids and (missing := len(set(ids)) - new_import.total) > 0:
        messages.warning(request, f"选中的另有 {missing} 人已加入其他工会或不再与这个代码绑定，没有导入。")
    return redirect(f"{reverse('members:by_code')}?code={code}")


@never_cache
@require_GET
def progress(request: Request) -> HttpResponse:
    """Only the history; the page requests it again while an import is running."""
    union = _officers_union(request)
    history = _history(union)
    response = render(request, "members/code_history.html", {"history": history})
    if not any(entry.is_running for entry in history):
        response["HX-Refresh"] = "true"
    return response


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Withdraws an import that is under review."""
    waiting = CodeImport.objects.filter(union=_officers_union(request), review__isnull=False).select_related("review")
    pending = get_object_or_404(waiting, pk=pk)
    if pending.review is None:  # for mypy: the filter ensures it
        raise Http404
    withdraw_review(pending.review, by=request.user)
    messages.success(request, "已撤回，没有导入任何人。")
    return redirect("members:by_code")


def _officers_union(request: Request) -> Union:
    union = own_union(request)
    if not can_add_members(request.user, union):
        raise PermissionDenied
    return union


def _history(union: Union) -> list[CodeImport]:
    return list(CodeImport.objects.filter(union=union).defer("chosen").select_related("by").order_by("-pk")[:HISTORY])
