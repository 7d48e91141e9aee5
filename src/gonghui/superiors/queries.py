"""What is at a superior union and below it."""

from django.db.models import QuerySet, Sum

from gonghui.accounts.models import User
from gonghui.superiors.hooks import FIGURES
from gonghui.superiors.models import ChangeState, TreeChange
from gonghui.unions.models import Union, UnionState


def unions_below(union: Union) -> int:
    """How many grassroots unions, without dissolved ones."""
    return Union.objects.grassroots().below(union).standing().count()


def members_below(union: Union) -> int:
    rows = Union.objects.grassroots().filter(state=UnionState.APPROVED).below(union)
    return rows.aggregate(members=Sum("member_count"))["members"] or 0


def accounts_of(union: Union) -> int:
    """Of the union itself: only they lose their access when it closes."""
    return User.objects.filter(union=union, is_active=True).count()


def figures_of(union: Union) -> dict[str, int]:
    """Returns each registered figure, by its label."""
    return {label: count(union) for label, count in FIGURES.items()}


def changes() -> QuerySet[TreeChange]:
    return TreeChange.objects.select_related("union__superior", "other", "by")


def version_of(union: Union) -> int:
    """The newest change of a superior union, 0 for none: what a page was shown with."""
    newest = TreeChange.objects.filter(union=union).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def running() -> QuerySet[TreeChange]:
    return TreeChange.objects.filter(state=ChangeState.RUNNING)
