"""Who is asked about an export, and what waits for a union."""

from collections.abc import Iterator

from django.db.models import F
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User, UserQuerySet
from gonghui.exports.models import Export, ExportState
from gonghui.exports.rules import DECIDING, may_decide
from gonghui.notices.hooks import TaskKind
from gonghui.unions.models import Union

TASK_KIND = "export"


def task_of(export: Export) -> str:
    return f"export:{export.pk}"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [TaskKind(TASK_KIND, "名单导出待批准", reverse("exports:list"))]


def deciders(*unions: Union, but: User) -> UserQuerySet:
    """The active accounts of these unions that may be the second person; not ``but``, who wants the list."""
    users: UserQuerySet = User.objects.filter(is_active=True, roles__overlap=DECIDING, union__in=unions)
    return users.exclude(pk=but.pk)


def deciding_union(union: Union, *, but: User) -> Union | None:
    """The union itself where there is a second person; else the nearest above it that has one."""
    path = [union]
    while path[-1].superior is not None:
        path.append(path[-1].superior)
    able = set(deciders(*path, but=but).values_list("union", flat=True))
    return next((one for one in path if one.pk in able), None)


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: what the union is to approve, but for what oneself has asked for."""
    if user.union is None:
        return
    yield WorkItem(
        label="名单导出待批准",
        rows=Export.objects.filter(decides=user.union, state=ExportState.PENDING).exclude(by=user).order_by("at"),
        since=F("at"),
        menu="exports:list",
        url=f"{reverse('exports:list')}?state={ExportState.PENDING}",
        button="批准",
        mine=may_decide(user),
    )
