"""The bell's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gonghui.kit.paging import paginate
from gonghui.notices.models import Notice


def list_notices(request: HttpRequest) -> HttpResponse:
    """All that one was told, the newest first."""
    page = paginate(request, Notice.objects.visible_to(request.user), order=["-id"])
    return render(request, "notices/list.html", {"page": page})
