"""Queries of registration, and of a union's particulars."""

from typing import Any

from django.db.models.lookups import StartsWith

from gonghui.filings.models import Filing
from gonghui.kit.names import unit_key
from gonghui.policies.columns.of_unions import collected
from gonghui.unions import union_details
from gonghui.unions.keys import key_of_name
from gonghui.unions.models import RegisteredEmployer, Union, UnionState
from gonghui.unions.queries import holding

MAX_SUGGESTED = 8
_MIN_TYPED = 2


def suggested_employers(text: str) -> list[RegisteredEmployer]:
    """Returns at most SUGGESTED entries of the statistical register whose name contains ``text``.

    Names that begin with it come first. A text of less than two characters has no suggestions.
    """
    key = unit_key(text[:100])
    if len(key) < _MIN_TYPED:
        return []
    begins = StartsWith(key_of_name(), key)
    employers = list(RegisteredEmployer.objects.filter(begins).order_by(key_of_name())[:MAX_SUGGESTED])
    if len(employers) < MAX_SUGGESTED:
        containing = holding(RegisteredEmployer.objects.all(), key).exclude(begins)
        employers += containing.order_by()[: MAX_SUGGESTED - len(employers)]
    return employers


def particulars_of(union: Union) -> tuple[dict[str, Any], Union | None]:
    """Returns the union's packed particulars and superior: the live ones, or the newest filing's before approval."""
    filed = Filing.objects.filter(union=union, review__isnull=False).select_related("superior__superior")
    newest = filed.order_by("-pk").first() or Filing()
    live = union.state in (UnionState.APPROVED, UnionState.DISSOLVED)
    return union_details.current(union, collected().names) if live else newest.values, union.superior or newest.superior
