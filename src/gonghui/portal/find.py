"""The search box for everything: commands, pages of the manual, unions, their requests, orders, members (SPEC 1.6).

Results are within the user's scope. Each part is one statement with an index that stops at MAX_SHOWN rows. Members are
searched only on Enter, recorded and counted: suggestions while typing never search personal data.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.dateparse import parse_date

from gonghui.accounts.limits import Limit, spend
from gonghui.accounts.models import Role, User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.cards.models import Batch, Order
from gonghui.cards.rules import can_run_desk
from gonghui.inspections.rules import can_manage_windows
from gonghui.kit.crypto import Purpose
from gonghui.kit.documents import compact, mask_number
from gonghui.kit.errors import Refused
from gonghui.kit.names import initials, unit_key
from gonghui.members.finding import find_members, way_to_find
from gonghui.members.rules import can_add_members
from gonghui.portal.chapters import chapters
from gonghui.portal.menu import entries
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import matter
from gonghui.reviews.models import Review, ReviewState
from gonghui.unions.models import Union
from gonghui.unions.queries import abbreviated, first_matching

verbs.register(search__members="搜索会员")
verbs.looks(search__members=verbs.EACH)
verbs.facts("search", way="查找方式", found="找到")

MAX_TEXT = 100
MAX_SHOWN = 8
LIMIT = Limit("search", 600, timedelta(hours=1))
"""Limit of searches for members by one account: more than a person types."""

_QUERY = Purpose("portal.find.query")


@dataclass(frozen=True)
class Hit:
    """One result: its name, a distinguishing detail, its address."""

    label: str
    note: str
    url: str


@dataclass(frozen=True)
class Group:
    """The results of one sort."""

    label: str
    icon: str
    hits: Sequence[Hit]


def token(text: str, user: User) -> str:
    """Returns the search sealed for an address, which must not contain a name; only ``user`` can read it."""
    return urlsafe_b64encode(_QUERY.seal(json.dumps(text), UUID(int=user.pk))).decode().rstrip("=")


def text_of(sealed: str, user: User) -> str:
    """Returns the text of a `token` of this user; "" for any other token."""
    try:
        return str(json.loads(_QUERY.open(urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)), UUID(int=user.pk))))
    except (ValueError, TypeError):
        return ""


def suggest(user: User, text: str) -> list[Group]:
    """Returns the suggestions while typing: everything except members."""
    text = text.strip()[:MAX_TEXT]
    if not text:
        return [Group("功能", "arrow-right", list(commands(user))[:MAX_SHOWN])]
    unions = find_unions(user, text)
    groups = [
        Group("功能", "arrow-right", [hit for hit in commands(user) if text in hit.label][:MAX_SHOWN]),
        Group("工会", "building", [_union_hit(union) for union in unions]),
        Group("待审核的申请", "clipboard-check", list(_requests(user, unions))),
        Group("办卡批次和订单", "credit-card", [*_batches(unions), *_orders(user, text)]),
        Group("操作手册", "book", list(_pages(text))),
    ]
    return [group for group in groups if group.hits]


def search_members(user: User, text: str) -> None:
    """Records and counts a search, without the text, which is personal data. Raises Refused after too many."""
    if spend(LIMIT, str(user.pk)) is None:
        raise Refused("一小时内搜索会员的次数已达到上限，请稍后再试；需要成批查找的，请在会员管理中按条件查询。")
    people = [member.pk for member in find_members(user, text, MAX_SHOWN)]
    with transaction.atomic():
        record("search.members", by=user, union=user.union, people=people, way=way_to_find(text), found=len(people))


def members(user: User, text: str) -> Group:
    """Returns the members that match ``text``: masked, each with the union."""
    hits = [
        Hit(
            f"{member.name}　{member.number}",
            f"{member.union}　{mask_number(member.document_number)}",
            reverse("members:view", args=[member.pk]),
        )
        for member in find_members(user, text, MAX_SHOWN)
    ]
    return Group("会员", "users", hits)


def find_unions(user: User, text: str) -> list[Union]:
    """Finds unions by name or a part of it, 工会编号, code, or initials."""
    rows = Union.objects.visible_to(user)
    if letters := initials(text):
        rows = abbreviated(rows, letters)
    elif len(unit_key(text)) < 2:
        return []
    else:
        rows = first_matching(rows, text, MAX_SHOWN)
    return list(rows.select_related("superior__superior")[:MAX_SHOWN])


def commands(user: User) -> Iterator[Hit]:
    """Returns the pages that the user can open."""
    for label, name, _, _, may in entries(user):
        if may:
            yield Hit(label, "打开", reverse(name))
    union = user.union
    if union and can_add_members(user, union):
        yield Hit("新增会员", "会员管理", reverse("members:add"))
        yield Hit("模板导入会员", "会员管理", reverse("imports:upload", args=["members"]))
        yield Hit("组织机构代码导入会员", "会员管理", reverse("members:by_code"))
        yield Hit("从其他工会转入会员到本工会", "会员转入", reverse("transfers:bring_in"))
        yield Hit("添加办卡会员", "会员服务卡管理", reverse("cards:add"))
        yield Hit("修改工会资料", "组织管理", reverse("filings:amend"))
        yield Hit("组织转移", "组织管理", reverse("filings:relocate"))
    if union and not union.is_grassroots:
        yield Hit("已撤销的工会", "组织管理", reverse("filings:dissolutions"))
        if union.level < 3:
            yield Hit("下级待办", "待办审核", reverse("reviews:below"))
        yield Hit("请假代办", "待办审核", reverse("reviews:covers"))
        if user.has_role(Role.ADMIN):
            yield Hit("新增账号", "账号管理", reverse("accounts:create"))
    if can_manage_windows(user):
        yield Hit("开启年检", "组织年检", reverse("inspections:open"))
    yield Hit("账号与安全", "修改姓名、密码、邮箱和动态口令", reverse("accounts:settings"))
    yield Hit("通知", "全部通知", reverse("notices:list"))


def _union_hit(union: Union) -> Hit:
    superior = union.superior.path if union.superior else union.get_kind_display()
    url = reverse("filings:union" if union.is_grassroots else "unions:node", args=[union.pk])
    return Hit(union.name, f"{union.number or union.code or ''}　{superior}".strip(), url)


def _requests(user: User, unions: Sequence[Union]) -> Iterator[Hit]:
    rows = Review.objects.visible_to(user).filter(union__in=unions, state=ReviewState.PENDING)
    for review in rows.select_related("union").order_by("-pk")[:MAX_SHOWN] if unions else ():
        note = "　".join(
            filter(None, (KINDS[review.kind].label, matter(review), f"{review.submitted_at:%Y-%m-%d} 提交"))
        )
        yield Hit(review.union.name, note, reverse("reviews:review", args=[review.pk]))


def _batches(unions: Sequence[Union]) -> Iterator[Hit]:
    rows = Batch.objects.filter(union__in=unions).select_related("union").order_by("-pk")
    for batch in rows[:MAX_SHOWN] if unions else ():
        note = f"{batch}　{batch.count} 人　{batch.state_label}"
        yield Hit(batch.union.name, note, reverse("cards:batch", args=[batch.pk]))


def _orders(user: User, text: str) -> Iterator[Hit]:
    number = compact(text)
    if can_run_desk(user) and len(number) == 12 and (day := parse_date(f"{number[:4]}-{number[4:6]}-{number[6:8]}")):
        for order in Order.objects.filter(day=day, serial=int(number[8:])):
            yield Hit(f"制卡订单 {order.number}", order.get_state_display(), reverse("cards:order", args=[order.pk]))


def _pages(text: str) -> Iterator[Hit]:
    count = 0
    for chapter in chapters():
        address = reverse("manual_chapter", args=[chapter.slug])
        sections = ((title, f"{address}#{anchor}") for anchor, title in chapter.sections)
        for title, url in [(chapter.title, address), *sections]:
            if text in title and count < MAX_SHOWN:
                count += 1
                yield Hit(title, f"第 {chapter.number} 章 {chapter.title}", url)
