"""The side menu, with the manual's words. An entry stands here only when what it leads to works."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.audit.rules import can_search
from gonghui.cards.rules import can_run_desk
from gonghui.unions.models import UnionState


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    icon: str
    active: bool


def menu(user: User, path: str) -> list[Entry]:
    """The entries that ``user`` may use, the one that ``path`` lies under marked."""
    shown = [entry[:4] for entry in _entries(user) if entry[4]]
    nearest = max((len(one) for *_, prefix in shown for one in _each(prefix) if path.startswith(one)), default=0)
    return [
        Entry(label, reverse(name), icon, any(path.startswith(one) and len(one) == nearest for one in _each(prefix)))
        for label, name, icon, prefix in shown
    ]


def section_of(request: HttpRequest) -> str:
    """The address by which ``menu`` marks an entry: the page's own, or that of the page under which its view puts it."""
    section = getattr(request, "section", "")
    return reverse(section) if section else request.path


def _each(prefix: str | tuple[str, ...]) -> tuple[str, ...]:
    return (prefix,) if isinstance(prefix, str) else prefix


def _entries(user: User) -> Iterator[tuple[str, str, str, str | tuple[str, ...], bool]]:
    union = user.union
    superior = union is not None and not union.is_grassroots
    officer = union is not None and union.is_grassroots
    approved = union is not None and union.state == UnionState.APPROVED
    yield "首页", "home", "home", "/home/", True
    yield "待办审核", "reviews:desk", "clipboard-check", "/reviews/", superior
    yield "组织管理", "filings:own", "building", "/filings/", officer
    yield "组织管理", "unions:tree", "sitemap", ("/unions/", "/filings/", "/policies/", "/accounts/unions/"), superior
    yield "组织年检", "inspections:home", "calendar-check", "/inspections/", superior or approved
    yield "会员管理", "members:list", "users", "/members/", approved
    yield "会员年检", "inspections:members", "calendar-check", "/inspections/members/", officer and approved
    incoming = ("/transfers/incoming/", "/transfers/in/", "/transfers/uploads/")
    yield "会员转入", "transfers:incoming", "user-plus", incoming, officer and approved
    yield "会员转出审核", "transfers:list", "arrows-exchange", "/transfers/", officer and approved
    yield "会员服务卡管理", "cards:list", "credit-card", "/cards/", superior or approved
    yield "制卡", "cards:desk", "printer", ("/cards/desk/", "/cards/orders/"), can_run_desk(user)
    yield "账号管理", "accounts:list", "user-circle", "/accounts/users/", superior and user.has_role(Role.ADMIN)
    yield "审计查询", "audit:search", "history", "/audit/", can_search(user)
