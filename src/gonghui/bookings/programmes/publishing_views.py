"""Before publishing: what is missing, how many could come. Publishing, and cancelling."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from gonghui.accounts.request import Request
from gonghui.bookings.eligibility.actions import ask_survey, counted
from gonghui.bookings.models import Programme
from gonghui.bookings.pages import form_page, managed
from gonghui.bookings.programmes import actions
from gonghui.bookings.programmes.figures import offers, people_and_unions
from gonghui.bookings.programmes.forms import PublishForm, ReasonForm
from gonghui.bookings.programmes.readiness import missing
from gonghui.bookings.states import ProgrammeState
from gonghui.kit.forms import refused_into


@require_http_methods(["GET", "POST"])
def check(request: Request, pk: int) -> HttpResponse:
    """「核对并发布」: what is missing, who could come; then now, or at a time."""
    programme = managed(request, pk)
    if programme.state != ProgrammeState.DRAFT:
        return redirect("bookings:programme", pk=programme.pk)
    form = PublishForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            programme = actions.publish_programme(programme, at=form.time, by=request.user)
            messages.success(request, "已安排，到时自动发布。" if form.time else "已发布，范围内的工会可以看到。")
            return redirect("bookings:programme", pk=programme.pk)
    context = {
        "missing": [(sentence, _place(programme, where)) for sentence, where in missing(programme)],
        "form": form,
    }
    return render(request, "bookings/check.html", _surveyed(programme) | context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def survey(request: Request, pk: int) -> HttpResponse:
    """「统计」: a job counts how many members could come. The page asks for the result until it is there."""
    programme = managed(request, pk)
    if request.method == "POST":
        ask_survey(programme, by=request.user)
    if request.method == "POST" or not request.htmx:
        return redirect("bookings:check", pk=programme.pk)
    return render(request, "bookings/check.html#survey", _surveyed(programme))


def _surveyed(programme: Programme) -> dict[str, Any]:
    kept = programme.survey or {}
    return {
        "programme": programme,
        "offer": offers([programme])[0],
        "counted": counted(programme),
        "counted_at": parse_datetime(kept.get("counted_at", "")),
        "failed": kept.get("failed", ""),
    }


def _place(programme: Programme, where: str) -> str:
    """The page on which what is missing is added."""
    return reverse(f"bookings:{where}", args=[programme.pk])


@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    """「取消项目」: everybody booked loses the place, and the unions are notified."""
    programme = managed(request, pk)
    people, unions = people_and_unions(programme)
    form = ReasonForm(request.POST or None, help_text="随通知告知已预约、候补的工会。")
    if form.is_valid():
        with refused_into(form):
            actions.cancel_programme(programme, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"已取消，将通知 {unions} 家工会。" if unions else "已取消。没有工会预约。")
            return redirect("bookings:programme", pk=programme.pk)
    return form_page(
        request,
        form,
        programme,
        title="取消项目",
        button="取消项目",
        warning=f"取消后不能恢复：{people} 人的名额、候补或报名全部取消，通知 {unions} 家工会的经办人。"
        if people
        else "取消后不能恢复。还没有人预约。",
        danger=True,
    )
