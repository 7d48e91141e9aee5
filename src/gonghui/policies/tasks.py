"""The job of the policies."""

from gonghui.kit.jobs import awaited
from gonghui.policies.columns import actions
from gonghui.policies.models import ColumnPolicy, ColumnPolicyState


@awaited(
    "imports", waiting=lambda: ColumnPolicy.objects.filter(state=ColumnPolicyState.COUNTING), give_up=actions.give_up
)
def count_gaps(pk: int) -> None:
    """Counts how many rows the draft of a column policy would make incomplete."""
    actions.count(pk)
