"""Writes of a dissolution, and of the city's restoration within 30 days (SPEC 2.5)."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User, UserQuerySet
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.coverage.actions import free_covered, hold_codes, take_covered_back
from gonghui.filings.deadlines import DEADLINES
from gonghui.filings.guards import lock_for_change, require_nothing_under_way
from gonghui.filings.models import Amendment, Dissolution, Filing
from gonghui.filings.reason import require_reason
from gonghui.filings.reminders.actions import settle_deadlines
from gonghui.filings.rules import can_restore
from gonghui.kit.errors import Refused
from gonghui.members.memberships import move_all, restore_members
from gonghui.members.models import Member
from gonghui.notices.actions import notify_officers
from gonghui.reviews.notifications import notify_deciders
from gonghui.unions.hooks import Blocker, blockers
from gonghui.unions.models import CoveredEmployer, Employer, Union, UnionState
from gonghui.unions.queries import coverage_of, named

verbs.register(union__dissolved="撤销工会", union__restored="恢复工会")
verbs.facts("union", kind="撤销方式")


@dataclass(frozen=True)
class Impact:
    """The effect of a dissolution: members, members with a card, 涵盖单位, and what must end first."""

    members: int
    cards: int
    covered: int
    blockers: list[Blocker]


def impact_of(union: Union) -> Impact:
    """Returns the effect, for the page before the confirmation."""
    cards = Member.objects.filter(union=union, has_card=True).count()
    return Impact(union.member_count, cards, coverage_of(union).employers, blockers(union))


def find_heir(union: Union, text: str) -> Union:
    """Returns the union to merge into, by 工会编号, full name, or code.

    Raises Refused when no union matches, it is ``union`` itself, or it is not approved.
    """
    heir = named(text)
    if heir is None:
        sentence = (
            "没有找到这家工会。请填写对方的工会编号、工会全称或统一社会信用代码；已撤销的和未审核通过的工会不能并入。"
        )
        raise Refused(sentence, field="into")
    if heir.pk == union.pk:
        raise Refused("不能合并到本工会自己，请填写另一家工会。", field="into")
    return heir


def dissolve_union(union: Union, *, way: str, into: Union | None, reason: str, confirmed: str, by: User) -> Dissolution:
    """Ends an approved union at once, without a review: its members move ``into`` another one, or into no union.

    ``confirmed`` is the 工会编号 that the officer typed. Raises Refused when the number differs, the reason or a valid
    receiving union is missing, something is under way, or ``by`` may not.
    """
    reason = require_reason(reason, "撤销原因")
    with transaction.atomic():
        # Locks both unions first, in the order of their ids: two unions may merge into each other at the same time.
        _lock_in_order(union, into)
        union = lock_for_change(union, by)
        heir = _require_heir(union, way, into)
        if confirmed.strip() != union.number:
            raise Refused(f"确认撤销请输入本工会的工会编号 {union.number}，现在输入的不一致。", field="confirmed")
        require_nothing_under_way(union, "撤销")
        # Members leave while the union is still approved: the hooks on a membership's end check its union.
        act = uuid4()
        members = move_all(union, to=heir, act=act)
        free_covered(union, heir, act=act, by=by)
        union.refresh_from_db(fields=["member_count"])
        union.state = UnionState.DISSOLVED
        union.save(update_fields=["state"])
        # The code is free from now on: the receiving union or a new union may use it.
        _release_code(union)
        Amendment.objects.filter(union=union, review=None).delete()
        settle_deadlines(union, [deadline.column for deadline in DEADLINES.values()])
        dissolution = Dissolution.objects.create(
            union=union, way=way, into=heir, reason=reason, member_count=members, act=act, dissolved_by=by
        )
        record("union.dissolved", union, by=by, union=union, kind=dissolution.get_way_display(), count=members)
        _tell_of_end(dissolution)
    return dissolution


def restore_union(dissolution: Dissolution, *, reason: str, by: User) -> Dissolution:
    """Undoes a dissolution: the union is approved again, with its members that have not joined another union.

    Raises Refused when 30 days are over, it is restored already, another union uses its code, or ``by`` may not.
    """
    reason = require_reason(reason, "恢复原因")
    with transaction.atomic():
        _lock_in_order(dissolution.union, dissolution.into)
        dissolution = (
            Dissolution.objects.select_for_update(of=("self",)).select_related("union", "into").get(pk=dissolution.pk)
        )
        union = dissolution.union
        _require_restorable(dissolution, by)
        _take_code_back(union)
        union.state = UnionState.APPROVED
        union.save(update_fields=["state"])
        act = uuid4()
        returned = len(restore_members(union, undone=dissolution.act, act=act))
        take_covered_back(union, dissolution.into, act=dissolution.act, by=by)
        dissolution.restored_by, dissolution.restored_at = by, timezone.now()
        dissolution.restored_count, dissolution.restore_reason, dissolution.restore_act = returned, reason, act
        dissolution.save()
        record("union.restored", union, by=by, union=union, count=returned, reason=reason)
        _tell_of_restoration(dissolution, by)
    return dissolution


def _lock_in_order(*unions: Union | None) -> None:
    """Locks both unions in one order, so that two acts on the same unions do not deadlock."""
    ids = [union.pk for union in unions if union]
    list(Union.objects.select_for_update().filter(pk__in=ids).order_by("pk").values("pk"))


def _require_heir(union: Union, way: str, into: Union | None) -> Union | None:
    if way != Dissolution.Way.MERGED:
        return None
    if into is None:
        raise Refused("请填写合并到哪一家工会。", field="into")
    into = Union.objects.get(pk=into.pk)
    if into.pk == union.pk:
        raise Refused("不能合并到本工会自己，请填写另一家工会。", field="into")
    if not into.is_grassroots or into.state != UnionState.APPROVED:
        raise Refused(
            f"{into.name}的状态是「{into.get_state_display()}」，不能并入。请填写一家审核通过的基层工会。", field="into"
        )
    return into


def _release_code(union: Union) -> None:
    employer = Employer.objects.select_for_update().get(union=union)
    employer.former_code, employer.code = employer.code or employer.former_code, None
    employer.save(update_fields=["code", "former_code"])


def _take_code_back(union: Union) -> None:
    employer = Employer.objects.select_for_update().get(union=union)
    code = employer.former_code
    holder = Employer.objects.filter(code=code).select_related("union").first() if code else None
    if holder or (code and Filing.objects.filter(code=code, code_held=True).exists()):
        name = holder.union.name if holder else "另一家正在填报的单位"
        raise Refused(f"代码 {code} 在撤销之后已由{name}使用，不能恢复。请先处理那家单位的填报。")
    hold_codes()
    if code and CoveredEmployer.objects.standing().of_subjects([code]).exists():
        raise Refused(f"代码 {code} 的单位在撤销之后已由另一家工会涵盖，不能恢复。请先由那家工会移除这家单位。")
    employer.code, employer.former_code = code or None, ""
    try:
        with transaction.atomic():
            employer.save(update_fields=["code", "former_code"])
    except IntegrityError as error:
        raise Refused(f"代码 {code} 刚刚由另一家单位使用，不能恢复。") from error


def _require_restorable(dissolution: Dissolution, by: User) -> None:
    require(can_restore, by, sentence="只有市总工会的平台管理员可以恢复已撤销的工会。")
    if dissolution.restored_at:
        raise Refused(f"{dissolution.union.name}已由 {dissolution.restored_by} 恢复，不必重复操作。")
    if not dissolution.restorable_days:
        raise Refused(f"撤销已超过 {Dissolution.RESTORE_DAYS} 天，不能恢复。这家单位可以重新注册、填报。")
    superior = dissolution.union.superior
    if superior and superior.state == UnionState.DISSOLVED:
        raise Refused(f"原来的上级{superior.name}已撤销，不能恢复到它下面。这家单位可以重新注册，向现在的上级填报。")


def _tell_of_end(dissolution: Dissolution) -> None:
    union, heir = dissolution.union, dissolution.into
    way = f"合并到{heir.name}" if heir else dissolution.get_way_display()
    title = f"{union.name}已撤销（{way}）"
    notify_officers([union.pk], title, body="市总工会可以在 30 天内恢复。", url=reverse("filings:own"))
    page = reverse("filings:union", args=[union.pk])
    notify_deciders([union.superior_id], title, also=_administrators(union), url=page, mail=False)
    if heir:
        body = f"转入会员 {dissolution.member_count} 人，请在会员管理中核对。"
        notify_officers([heir.pk], f"{union.name}已合并到本工会", body=body, url=reverse("members:list"))


def _tell_of_restoration(dissolution: Dissolution, by: User) -> None:
    union, heir = dissolution.union, dissolution.into
    body = f"恢复会员 {dissolution.restored_count} 人，撤销时有 {dissolution.member_count} 人。"
    title = f"{union.name}已由{by.union}恢复"
    notify_officers([union.pk], title, body=body, url=reverse("filings:own"))
    page = reverse("filings:union", args=[union.pk])
    notify_deciders([union.superior_id], title, also=_administrators(union), body=body, url=page, mail=False)
    if heir:
        heir_title = f"{union.name}已恢复，{dissolution.restored_count} 名会员转回该工会"
        notify_officers([heir.pk], heir_title, url=reverse("members:list"))


def _administrators(union: Union) -> UserQuerySet:
    """Returns the reviewers of the union's superior."""
    return User.objects.administrators().filter(union=union.superior_id)
