"""The writes of the tree of superior unions (SPEC 5.4). A move or a closing is carried out by a job."""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.actions import shut_out
from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.kit.names import unit_columns
from gonghui.notices.actions import notify
from gonghui.superiors import hooks, plans
from gonghui.superiors.models import Act, ChangeState, TreeChange
from gonghui.superiors.queries import figures_of
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState
from gonghui.unions.rules import can_change_tree

verbs.register(
    superior__added="新增上级工会",
    superior__renamed="上级工会改名",
    superior__moved="调整上级工会",
    superior__closed="撤销上级工会",
    superior__change_begun="开始办理组织变动",
    superior__handed_on="转交下级工会",
    superior__change_failed="组织变动未完成",
)
verbs.facts("superior", act=("变动", Act), successor="接收的工会", accounts="停用账号数", code="代码")

BATCH = 500
"""Grassroots unions that one transaction hands on: some hundreds of milliseconds, in which their officers wait."""

INTERRUPTED = "办理中断，请重新办理；如果一直如此，请联系技术支持。"


def add_superior(above: Union, *, kind: str, name: str, area: str, code: str, by: User) -> TreeChange:
    """Adds a superior union below ``above``. Raises Refused: see `plans.plan_addition`; or ``by`` may not."""
    with transaction.atomic():
        (above,) = _lock(by, above)
        plans.plan_addition(above, kind=kind, name=name, area=area, code=code)
        name = plans.clean(name)
        union = Union.objects.create(
            kind=kind,
            superior=above,
            area=plans.clean(area),
            code=code,
            state=UnionState.APPROVED,
            **unit_columns(name),
        )
        record("superior.added", union, by=by, union=union, new=name, code=code)
        return TreeChange.objects.create(union=union, act=Act.ADDED, new=name, by=by, ended_at=timezone.now())


def rename_superior(union: Union, *, name: str, area: str, version: int, by: User) -> TreeChange:
    """Gives a superior union another name or short name; its history keeps the old ones.

    Raises Refused: see `plans.plan_renaming`; or ``by`` may not.
    """
    with transaction.atomic():
        (union,) = _lock(by, union)
        plans.plan_renaming(union, name=name, area=area, version=version)
        old, new = (union.name, union.area), (plans.clean(name), plans.clean(area))
        for column, value in (unit_columns(new[0]) | {"area": new[1]}).items():
            setattr(union, column, value)
        union.save(update_fields=[*unit_columns(new[0]), "area"])
        changes = [
            [label, before, after]
            for label, before, after in zip(("名称", "简称"), old, new, strict=True)
            if before != after
        ]
        record("superior.renamed", union, by=by, union=union, changes=changes)
        return TreeChange.objects.create(
            union=union, act=Act.RENAMED, old=_both(*old), new=_both(*new), by=by, ended_at=timezone.now()
        )


def move_superior(union: Union, *, above: Union, reason: str, version: int, by: User) -> TreeChange:
    """Begins to move a superior union, with all below it, under another one.

    Raises Refused: see `plans.plan_move`; or ``by`` may not.
    """
    with transaction.atomic():
        union, above = _lock(by, union, above)
        plans.plan_move(union, above=above, reason=reason, version=version)
        return _begin(union, Act.MOVED, above, reason, by, old=str(union.superior), new=str(above))


def close_superior(union: Union, *, successor: Union | None, reason: str, version: int, by: User) -> TreeChange:
    """Begins to close a superior union; ``successor`` takes over what is below it and what waits for it.

    Raises Refused: see `plans.plan_closing`; or ``by`` may not.
    """
    with transaction.atomic():
        union, *others = _lock(by, union, *filter(None, [successor]))
        successor = others[0] if others else None
        plans.plan_closing(union, successor=successor, reason=reason, version=version)
        total = Union.objects.filter(superior=union).count()
        return _begin(union, Act.CLOSED, successor, reason, by, old=union.name, new=str(successor or ""), total=total)


def carry_out(pk: int) -> None:
    """Carries out a change that has begun, for the job: again after a killed worker, from where that was."""
    change = TreeChange.objects.select_related("union").get(pk=pk)
    try:
        if change.act == Act.MOVED:
            _move(pk)
        else:
            while _hand_on(pk) or not _close(pk):
                """The next ones, until it is closed."""
    except Refused as refusal:
        _fail(pk, refusal.sentence)


def give_up(pk: int) -> None:
    """Ends a change whose job is no more."""
    _fail(pk, INTERRUPTED)


def _move(pk: int) -> None:
    with transaction.atomic():
        change = _running(pk)
        if change is None:
            return
        union, above = _locked(change.union, change.other)
        plans.require_movable(union, above)
        union.superior = above
        union.save(update_fields=["superior"])  # a trigger takes along all below it
        record("superior.moved", union, by=change.by, union=union, old=change.old, new=change.new, reason=change.reason)
        _tell(union, f"{union.name}已由{change.old}转到{change.new}", change.reason, [union, above], change)
        _end(change, ChangeState.DONE)


def _hand_on(pk: int) -> int:
    """Hands on the next unions below one that closes, dissolved ones too. Returns how many; 0 when none is left.

    A superior below goes with all that is below it, so that no union is ever seen by a half of its superiors.
    """
    with transaction.atomic():
        change = _running(pk)
        if change is None or change.other is None:
            return 0
        union, successor = _locked(change.union, change.other)
        size = BATCH if union.level == 3 else 1
        rows = Union.objects.filter(superior=union).select_for_update(no_key=True).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:size])
        if not ids:
            return 0
        if union.level == 2:
            plans.require_closable(union, successor)
        Union.objects.filter(pk__in=ids).update(superior=successor)
        hooks.on_handed_on(union, successor, ids)
        record("superior.handed_on", union, by=change.by, union=union, successor=successor.name, count=len(ids))
        change.done += len(ids)
        change.save(update_fields=["done"])
    return len(ids)


def _close(pk: int) -> bool:
    """Closes a union below which nothing is left. Returns False when something has come meanwhile."""
    with transaction.atomic():
        change = _running(pk)
        if change is None:
            return True
        union, *others = _locked(change.union, *filter(None, [change.other]))
        successor = others[0] if others else None
        below = Union.objects.filter(superior=union)
        if successor and below.exists():
            return False
        plans.require_closable(union, successor)
        if successor:
            hooks.on_handed_on(union, successor, None)
        users = list(User.objects.filter(union=union, is_active=True).order_by("pk"))
        told = [union, *others]
        _tell(
            union, f"{union.name}已撤销{f'，由{successor.name}接收' if successor else ''}", change.reason, told, change
        )
        for user in users:
            shut_out(user)
        union.state = UnionState.DISSOLVED
        union.save(update_fields=["state"])
        handed: dict[str, str] = {"successor": successor.name} if successor else {}
        record(
            "superior.closed", union, by=change.by, union=union, accounts=len(users), reason=change.reason, **handed
        )  # fmt: skip
        _end(change, ChangeState.DONE)
    return True


def _begin(
    union: Union, act: Act, other: Union | None, reason: str, by: User, *, old: str, new: str, total: int = 0
) -> TreeChange:
    from gonghui.superiors.tasks import carry_out_change

    change = TreeChange.objects.create(
        union=union, act=act, state=ChangeState.RUNNING, other=other, reason=reason.strip(), by=by, old=old, new=new,
        figures=figures_of(union), total=total,
    )  # fmt: skip
    record("superior.change_begun", union, by=by, union=union, act=act.value, old=old, new=new, reason=change.reason)
    defer(carry_out_change, pk=change.pk)
    return change


def _fail(pk: int, sentence: str) -> None:
    with transaction.atomic():
        change = _running(pk)
        if change is None:
            return
        handed = f"已有 {change.done} 家工会转交完毕，其余没有变动。" if change.done else "没有变动。"
        change.message = f"{handed}{sentence}"
        record("superior.change_failed", change.union, by=change.by, union=change.union, reason=change.message)
        _end(change, ChangeState.FAILED)
        page = reverse("superiors:change", args=[change.pk])
        notify([change.by], f"{change.union.name}的{change.get_act_display()}没有完成", body=change.message, url=page)


def _end(change: TreeChange, state: ChangeState) -> None:
    change.state, change.ended_at = state, timezone.now()
    change.save()


def _tell(union: Union, title: str, reason: str, told: Collection[Union], change: TreeChange) -> None:
    """Tells the accounts of the superior unions concerned, and whoever has begun it."""
    users = User.objects.filter(union__in=told, is_active=True).exclude(pk=change.by.pk)
    notify([*users, change.by], title, body=f"依据：{reason}")


def _lock(by: User, *unions: Union) -> list[Union]:
    """Locks the whole tree against another act on it, then the unions. Raises Refused when ``by`` may not."""
    list(Union.objects.filter(kind=UnionKind.CITY).select_for_update(no_key=True).values("pk"))
    require(can_change_tree, by, sentence="只有市总工会的平台管理员可以变动组织树。需要变动的，请联系市总工会。")
    return _locked(*unions)


def _locked(*unions: Union | None) -> list[Union]:
    """Returns the unions as they are now, locked in the order of their ids. What refers to one waits until the end."""
    ids = [union.pk for union in unions if union]
    rows = Union.objects.filter(pk__in=ids).select_for_update(of=("self",)).select_related("superior").order_by("pk")
    found = {union.pk: union for union in rows}
    return [found[pk] for pk in ids]


def _running(pk: int) -> TreeChange | None:
    """Returns the change, locked; None if it has ended."""
    rows = TreeChange.objects.select_for_update(of=("self",)).select_related("union", "other", "by")
    return rows.filter(pk=pk, state=ChangeState.RUNNING).first()


def _both(name: str, area: str) -> str:
    return f"{name}（{area}）" if area else name
