"""The side menu, with the manual's words. It only contains pages that exist."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.audit.rules import can_search
from gonghui.cards.rules import can_run_desk
from gonghui.publishing.rules import can_edit
from gonghui.registers.rules import can_load_registers
from gonghui.unions.models import UnionState


class Entry(NamedTuple):
    label: str
    url: str
    icon: str
    active: bool
    apart: bool
    """Whether a line separates it from the entry before."""
    waiting: int = 0
    mine: bool = False
    """Whether the user must act on the waiting rows; otherwise another user must."""


def menu(user: User, path: str, counts: Mapping[str, tuple[int, bool]] = MappingProxyType({})) -> list[Entry]:
    """Returns the entries that ``user`` may use, the one of ``path`` active. ``counts``: see `worklist.menu_counts`."""
    allowed = [entry[:4] for entry in entries(user) if entry[4]]
    matching = {prefix for *_, prefixes in allowed for prefix in prefixes.split() if path.startswith(prefix)}
    nearest = max(matching, key=len, default="")
    return [
        Entry(label, reverse(name), icon, nearest in prefixes.split(), name in _APART, *counts.get(name, ()))
        for label, name, icon, prefixes in allowed
    ]


_APART = {"filings:own", "unions:tree", "statistics:own"}
"""A line separates these from the entry before."""


def section_of(request: HttpRequest) -> str:
    """Returns the address by which ``menu`` marks an entry: the page's own, or that of the list of its view."""
    section = getattr(request, "section", "")
    return reverse(section) if section else request.path


def entries(user: User) -> Iterator[tuple[str, str, str, str, bool]]:
    """Label, URL name, icon, prefixes of the paths below it, and whether ``user`` may use it."""
    union = user.union
    superior = union is not None and not union.is_grassroots
    officer = union is not None and union.is_grassroots
    approved = union is not None and union.state == UnionState.APPROVED
    yield "首页", "home", "home", "/home/", True
    yield "待办审核", "reviews:desk", "clipboard-check", "/reviews/", superior
    yield "组织管理", "filings:own", "building", "/filings/", officer
    yield (
        "组织管理",
        "unions:tree",
        "sitemap",
        "/unions/ /filings/ /policies/ /superiors/ /codelists/ /accounts/unions/",
        superior,
    )
    yield "工作通知", "circulars:received", "mail", "/circulars/", superior or approved
    yield "组织年检", "inspections:home", "calendar-check", "/inspections/", superior or approved
    yield "会员管理", "members:list", "users", "/members/ /transfers/expulsions/ /duplicates/", approved
    yield "会员年检", "inspections:members", "calendar-check", "/inspections/members/", officer and approved
    incoming = "/transfers/incoming/ /transfers/in/ /transfers/uploads/"
    yield "会员转入", "transfers:incoming", "user-plus", incoming, officer and approved
    yield "会员转出审核", "transfers:list", "arrows-exchange", "/transfers/", officer and approved
    yield "信息采集表", "national:home", "table-export", "/national/", superior or approved
    yield "名单导出", "exports:list", "file-export", "/exports/", superior or approved
    yield "会员服务卡管理", "cards:list", "credit-card", "/cards/", superior or approved
    yield "疗休养体检预约平台", "bookings:programmes", "beach", "/bookings/", superior
    yield "疗休养体检预约平台", "bookings:offers", "beach", "/bookings/", officer and approved
    yield "当天名单", "bookings:roster", "beach", "/bookings/", user.is_provider
    yield "制卡", "cards:desk", "printer", "/cards/desk/ /cards/orders/", can_run_desk(user)
    yield "统计分析", "statistics:own", "chart-bar", "/statistics/ /registers/unorganised/", superior
    yield "年报", "yearbooks:list", "report", "/yearbooks/", superior
    yield "账号管理", "accounts:list", "user-circle", "/accounts/users/", superior and user.has_role(Role.ADMIN)
    yield "大统计库", "registers:employers", "database", "/registers/employers/", can_load_registers(user)
    yield "会员库", "registers:members", "book", "/registers/members/", can_load_registers(user)
    yield "门户管理", "publishing:list", "news", "/publishing/", can_edit(user)
    yield "审计查询", "audit:search", "history", "/audit/", can_search(user)
