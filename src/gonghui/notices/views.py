"""The bell's page, and the demo's page that replaces a mailbox."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.paging import paginate
from gonghui.kit.redirects import own_page
from gonghui.notices import actions, settings
from gonghui.notices.forms import NoticeFilter, SettingForm
from gonghui.notices.groups import groups_of
from gonghui.notices.hooks import task_kinds
from gonghui.notices.models import Mail, Notice
from gonghui.notices.outbox import is_shown_in_demo


def list_notices(request: Request) -> HttpResponse:
    """The user's notices, newest first, below the groups of those with the same task; or the notices of one group."""
    filters = NoticeFilter(request.GET)
    rows = filters.narrow(Notice.objects.visible_to(request.user))
    kind = next(
        (kind for kind in task_kinds() if filters.is_valid() and kind.code == filters.cleaned_data["kind"]), None
    )
    groups = groups_of(request.user) if filters.is_valid() and not kind else []
    if groups:
        rows = rows.exclude(kind__in=[group.kind.code for group in groups], read_at=None)
    page = paginate(request, rows, order=["-id"])
    context = {"page": page, "filters": filters, "kind": kind, "groups": groups}
    return render(request, "notices/list.html", context, status=filters.status)


@require_http_methods(["GET", "POST"])
def notice_settings(request: Request) -> HttpResponse:
    """「通知设置」."""
    setting = settings.setting_of(request.user)
    subjects = [subject for subject in settings.SUBJECTS if subject not in setting.silent]
    form = SettingForm(request.POST or None, initial={"mail": setting.mail, "subjects": subjects})
    if form.is_valid():
        silent = set(settings.SUBJECTS) - set(form.cleaned_data["subjects"])
        settings.save_setting(request.user, mail=form.cleaned_data["mail"], silent=silent)
        messages.success(request, "通知设置已保存。")
        return redirect("notices:settings")
    return render(request, "notices/settings.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def open_notice(request: Request, pk: int) -> HttpResponse:
    """Marks a notice read and redirects to its page, which must be on this site."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    actions.mark_read(notice)
    return redirect(own_page(request, notice.url) or "notices:list")


@require_POST
def read_all(request: Request) -> HttpResponse:
    count = actions.mark_all_read(request.user)
    messages.success(request, f"已将 {count} 条通知标为已读。" if count else "没有未读通知。")
    return redirect("notices:list")


@login_not_required
def demo_mail(request: HttpRequest) -> HttpResponse:
    """「演示邮箱」: the unsent mail of a demo without a mail server; 404 in any other installation."""
    if not is_shown_in_demo():
        raise Http404
    page = paginate(request, Mail.objects.all(), order=["-id"])
    return render(request, "notices/demo_mail.html", {"page": page})
