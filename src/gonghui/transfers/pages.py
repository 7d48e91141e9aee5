"""Shared by the pages of the transfers, which but for the expulsions exist for grassroots unions only."""

from django.contrib import messages
from django.http import Http404

from gonghui.accounts.request import Request, own_union
from gonghui.transfers.bulk_result import BulkResult
from gonghui.transfers.rules import can_see_transfers
from gonghui.unions.models import Union


def officers_union(request: Request) -> Union:
    union = own_union(request)
    if not can_see_transfers(request.user):
        raise Http404
    return union


def show_result(request: Request, outcome: BulkResult, message: str) -> None:
    if outcome.done:
        messages.success(request, message.format(len(outcome.done)))
    for remark in outcome.remarks():
        messages.warning(request, remark)
