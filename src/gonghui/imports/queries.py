"""Reads of the imports' pages."""

from gonghui.imports.models import Batch, BatchQuerySet, State
from gonghui.unions.models import Union


def past_imports(union: Union, kind: str) -> BatchQuerySet:
    """The union's imports of one kind, for 「历史导入记录」; order by ``-id``."""
    return Batch.objects.light().filter(union=union, kind=kind).select_related("uploaded_by")


def is_running(union: Union) -> bool:
    """Whether an import of the union is in work: of any kind, since one at a time is allowed (SPEC 3.4)."""
    return Batch.objects.filter(union=union, state=State.QUEUED).exists()
