"""Who was shown figures and whom they count: recorded (SPEC 7.2)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.statistics.cells import Cell, Line
from gonghui.statistics.models import Closing
from gonghui.statistics.rules import can_see_figures_of
from gonghui.unions.models import Union

verbs.register(figure__exported="导出统计数", figure__looked_at="查看统计数背后的名单")
verbs.looks(figure__looked_at=verbs.EACH)
verbs.facts("figure", day="截至", basis="口径", grouped="分组", number="数")


def record_figures(verb: str, node: Union, closing: Closing, *, by: User, **facts: Any) -> None:
    """Records what somebody has of a node's figures, in the caller's transaction."""
    day, basis = closing.day.isoformat(), closing.get_basis_display()
    record(verb, node, by=by, union=by.union, day=day, basis=basis, **facts)


def show_people(cell: Cell, lines: Sequence[Line], *, by: User) -> None:
    """Records who is shown of whom. Raises Refused: ``by`` may not see the figures of the node."""
    require(can_see_figures_of, by, cell.node, sentence="只有该工会和它的上级工会可以查看它的统计数。")
    if lines:
        people = [line.member.pk for line in lines]
        with transaction.atomic():
            record_figures(
                "figure.looked_at", cell.node, cell.closing, by=by, people=people, count=len(lines), number=cell.title
            )
