"""Queries of the imports' pages."""

from collections.abc import Iterator

from django.db.models import F
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, BatchQuerySet, ImportState
from gonghui.unions.hooks import Blocker
from gonghui.unions.models import Union


def past_imports(union: Union, kind: str) -> BatchQuerySet:
    """Returns the union's imports of one kind, for 「历史导入记录」; the caller orders by ``-id``."""
    return Batch.objects.light().filter(union=union, kind=kind).select_related("uploaded_by")


def is_running(union: Union) -> bool:
    """Returns whether an import of the union, of any kind, is running: one at a time is allowed (SPEC 3.4)."""
    return Batch.objects.filter(union=union, state=ImportState.QUEUED).exists()


def waiting_imports(union: Union) -> BatchQuerySet:
    """Returns the union's imports that wait for an officer and still have their file, oldest first."""
    waiting = Batch.objects.light().filter(
        union=union, state__in=[ImportState.INVALID, ImportState.AWAITING_CONFIRMATION]
    )
    return waiting.filter(file_sealed__isnull=False).order_by("pk")


def blocking_import(union: Union) -> Iterator[Blocker]:
    """Yields the union's running import, for ``unions.hooks.blockers``."""
    for batch in Batch.objects.light().filter(union=union, state=ImportState.QUEUED):
        yield Blocker(f"导入文件「{batch.filename}」正在处理", reverse("imports:batch", args=[batch.pk]))


def work(user: User) -> Iterator[WorkItem]:
    """Yields the union's workbooks with errors or to be confirmed, by kind, for ``accounts.hooks.worklist``."""
    for key, kind in KINDS.items():
        if user.union is None or not kind.can_import(user):
            continue
        yield WorkItem(
            label=f"{kind.title}待改正或确认",
            rows=waiting_imports(user.union).filter(kind=key),
            since=F("uploaded_at"),
            menu=kind.menu or kind.home,
            url=reverse("imports:upload", args=[key]),
            unit="份",
            button="继续",
        )
