"""「导出」: the figures of a node and of what is below it, as a workbook; it is recorded."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.statistics import duties, employers, figures
from gonghui.statistics.dimensions import DIMENSIONS
from gonghui.statistics.duties import DUTIES
from gonghui.statistics.looks import record_figures
from gonghui.statistics.models import COUNTS, Closing, Figure
from gonghui.statistics.rules import can_see_figures_of
from gonghui.unions.models import Union

_NUMBERS = [str(Figure._meta.get_field(name).verbose_name) for name in COUNTS]  # type: ignore[union-attr]
_DUTIES = [label for duty in DUTIES.values() for label in duty.labels]
HEADINGS = ("内容", "名称", *_NUMBERS, *employers.LABELS, *_DUTIES)


def export_figures(closing: Closing, node: Union, path: Path, *, by: User, dimension: str) -> int:
    """Writes a node's numbers, those of each union below it, by a dimension and by reason; returns how many rows.

    Raises Refused: ``by`` may not, or there was nothing of the node.
    """
    require(can_see_figures_of, by, node, sentence="只有该工会和它的上级工会可以导出它的统计数。")
    whole = figures.of_node(closing, node)
    if whole is None:
        raise Refused(f"{node.name}在 {closing.day:%Y-%m-%d} 没有可以导出的数。请选择以后的日期。")
    title = f"{node.name} 截至 {closing.day:%Y-%m-%d} {closing.get_basis_display()}"
    with transaction.atomic():
        count = excel.export(path, HEADINGS, _rows(closing, node, whole, dimension), title=title)
        record_figures("figure.exported", node, closing, by=by, count=count, grouped=DIMENSIONS[dimension].label)
    return count


def _rows(closing: Closing, node: Union, whole: figures.Numbers, dimension: str) -> Iterator[Sequence[str]]:
    counted = employers.kept(closing)
    of_nodes = employers.of_nodes(counted, node) if counted else {}
    of_duties = duties.of_nodes(closing, node)
    yield _row("本级", whole.label, whole, of_nodes.get(node.pk, ()), of_duties.get(node.pk, {}))
    for row in figures.below(closing, node).order_by("-closing_members", "-id").iterator(chunk_size=2000):
        pk = row.node_id
        yield _row("下级工会", row.node.name, row, of_nodes.get(pk, ()), of_duties.get(pk, {}))
    divided = dict(employers.by_value(counted, node, dimension)) if counted else {}
    by = f"按{DIMENSIONS[dimension].label}"
    for part in figures.by_value(closing, node, dimension):
        yield _row(by, part.label, part, divided.pop(part.value, ()))
    for value, numbers in divided.items():  # where there is no union at all
        label = DIMENSIONS[dimension].labels.get(value, value)
        yield _row(by, label, figures.Numbers(label), numbers)
    for reason in figures.by_reason(closing, node):
        yield _row("变动原因", reason.label, reason)


def _row(
    part: str,
    label: str,
    numbers: Any,
    counted: Sequence[int] = (),
    of_duties: Mapping[str, Sequence[int]] = MappingProxyType({}),
) -> Sequence[str]:
    """``counted``: its employers, ``of_duties``: what its unions had to do, where they are known."""
    own = [str(getattr(numbers, name)) for name in COUNTS]
    done = [str(one) for key in DUTIES for one in of_duties.get(key, ("", ""))]
    return [part, label, *own, *([str(one) for one in counted] or [""] * len(employers.LABELS)), *done]
