"""Helpers of the pages of an officer's own union."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from gonghui.accounts.request import Request, own_union
from gonghui.reviews.queries import open_review
from gonghui.unions import union_details
from gonghui.unions.models import Union


def facts_of(union: Union, keys: Any = tuple(union_details.LABELS)) -> list[tuple[str, str]]:
    union = Union.objects.select_related("superior__superior", "employer").get(pk=union.pk)
    words = union_details.shown(union_details.current(union), union_details.superior_path(union.superior), union)
    return [(union_details.LABELS[key], words[key]) for key in keys]


def not_now(request: Request, union: Union) -> HttpResponse:
    """Redirects to the union's page, with the reason."""
    if review := open_review(union):
        message = f"「{review.title}」有一项申请正在等待审核，办结或撤回后才能提交新的申请。"
    else:
        message = f"本工会的状态是「{union.get_state_display()}」，审核通过的工会才能办理。"
    messages.error(request, message)
    return redirect("filings:own")


def own_grassroots(request: Request) -> Union:
    """Returns the officer's union. Raises Http404 for other users."""
    union = own_union(request)
    if not union.is_grassroots:
        raise Http404
    return union
