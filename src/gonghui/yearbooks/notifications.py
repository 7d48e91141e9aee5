"""Who is told of a sheet: those who may sign it."""

from collections import defaultdict
from collections.abc import Collection

from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.notices.hooks import TaskKind
from gonghui.reviews.notifications import notify_deciders
from gonghui.yearbooks.models import Sheet
from gonghui.yearbooks.rules import signing_union

TASK_KIND = "yearbook"


def task_of(sheet: Sheet) -> str:
    """What a notice asks for that wants the sheet signed (``notices.actions.settle``)."""
    return f"yearbook:{sheet.pk}"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [TaskKind(TASK_KIND, "年报待签报", reverse("yearbooks:list"))]


def tell_to_sign(sheets: Collection[Sheet], what: str, *, why: str = "") -> None:
    """Notifies whoever may sign the sheets, all of one year, in the caller's transaction."""
    if not sheets:
        return
    tasks = defaultdict(list)
    for sheet in sheets:
        tasks[signing_union(sheet)].append(task_of(sheet))
    first = next(iter(sheets))
    administrators = User.objects.filter(union__in=tasks, is_active=True, roles__contains=[Role.ADMIN]).order_by("pk")
    notify_deciders(
        tasks,
        f"《{first.yearbook}》{what}",
        also=administrators,
        body=why,
        url=reverse("yearbooks:sheet", args=[first.pk]) if len(sheets) == 1 else reverse("yearbooks:list"),
        tasks=lambda user: tasks.get(user.union_id or 0, []),
        kind=TASK_KIND,
    )
