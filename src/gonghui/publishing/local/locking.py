"""The section of a district or bureau, locked before what is in it: it is not closed while somebody writes."""

from typing import TypeVar

from django.db.models import QuerySet

from gonghui.accounts.models import User
from gonghui.accounts.rules import refresh
from gonghui.kit.errors import Refused
from gonghui.publishing.models import Article, Download, LocalSection
from gonghui.publishing.rules import own_local

Part = TypeVar("Part", Article, Download)


def locked_own(by: User) -> LocalSection:
    """Returns the section that ``by`` edits, locked. Raises Refused where there is none."""
    refresh(by)
    local = own_local(by)
    if local is None:
        raise Refused("您的工会没有开通门户栏目，不能撰写。需要开通的，请与市总工会联系。")
    return locked_section(local.pk)


def locked_section(pk: int) -> LocalSection:
    """Returns the section as it is now, locked."""
    return LocalSection.objects.select_related("union").select_for_update(of=("self",)).get(pk=pk)


def locked_part(rows: QuerySet[Part], part: Part) -> Part:
    """Returns an article or a download as it is now, locked, after its section."""
    local = locked_section(part.local_id) if part.local_id else None
    locked = rows.select_for_update(of=("self",)).get(pk=part.pk)
    locked.local = local
    return locked
