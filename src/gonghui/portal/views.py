"""The public pages, the signed-in front page, and the probes."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from gonghui.accounts.request import Request
from gonghui.filings.registration import latest_claim
from gonghui.inspections import queries as inspections
from gonghui.kit.paging import paginate
from gonghui.notices.models import Notice
from gonghui.portal import probes
from gonghui.portal.models import News
from gonghui.portal.queries import last_opinion, newest
from gonghui.reviews.queries import waiting_count

_SHOWN_NEWS, _SHOWN_NOTICES = 7, 5


@login_not_required
def portal(request: HttpRequest) -> HttpResponse:
    """The city's public home page (SPEC 1.1)."""
    return render(request, "portal/portal.html", {"news": newest()[:_SHOWN_NEWS]})


@login_not_required
def news_list(request: HttpRequest) -> HttpResponse:
    """「更多」: all that is published."""
    page = paginate(request, News.objects.published(), order=["-id"], size=20)
    return render(request, "portal/news_list.html", {"page": page})


@login_not_required
def news_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of news, on its own page."""
    return render(request, "portal/news_item.html", {"item": get_object_or_404(News.objects.published(), pk=pk)})


@login_not_required
def platform(request: HttpRequest) -> HttpResponse:
    """The platform's own front page, 「登录」 and 「注册」 at top right (SPEC 1.2)."""
    return render(request, "portal/platform.html")


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Help for who registers, signs in, or has lost a password."""
    return render(request, "portal/help.html")


def home(request: Request) -> HttpResponse:
    """The signed-in front page: for an officer the state of the union and the next step, for a superior what waits."""
    union = request.user.union
    unread = Notice.objects.visible_to(request.user).filter(read_at=None).order_by("-id")
    context: dict[str, Any] = {"notices": unread[:_SHOWN_NOTICES]}
    if union is None:
        context["claim"] = claim = latest_claim(request.user)
        context["opinion"] = last_opinion(claim.review) if claim else None
        return render(request, "portal/home_claim.html", context)
    if union.is_grassroots:
        context["review"] = review = union.reviews.filter(kind="filing").order_by("-id").first()
        context["opinion"] = last_opinion(review) if review else None
        context["inspection"] = inspections.unconfirmed(union)
        return render(request, "portal/home_union.html", context | {"union": union})
    context |= {"waiting": waiting_count(request.user), "inspection": inspections.shown_rate(union)}
    return render(request, "portal/home_superior.html", context)


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the platform can work: each part with what is wrong in words; 503 when one is."""
    findings = probes.findings()
    ready = all(finding == probes.FINE for finding in findings.values())
    return JsonResponse(
        {"ready": ready, **findings}, status=200 if ready else 503, json_dumps_params={"ensure_ascii": False}
    )


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)
