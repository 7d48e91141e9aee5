"""The job of the tree of superior unions."""

from gonghui.kit.jobs import awaited
from gonghui.superiors import actions, queries


@awaited("imports", waiting=queries.running, give_up=actions.give_up)
def carry_out_change(pk: int) -> None:
    """Moves or closes a superior union."""
    actions.carry_out(pk)
