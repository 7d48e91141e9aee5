"""The card maker's file among the lists that leave: a second person approves many rows, as of every list (ADR 57).

The file is there before it may leave, and stays after its day: an approval allows one person to take it, for 24 hours.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.cards.makers import maker_of
from gonghui.cards.models import Order
from gonghui.cards.rules import can_run_desk
from gonghui.cards.states import OrderState
from gonghui.exports import actions as disclosures
from gonghui.exports.kinds import OwnFiles, Plan
from gonghui.exports.models import Export, ExportState
from gonghui.exports.own_files import is_there, written
from gonghui.kit.errors import Refused

KEY = "card_order"
DAYS_KEPT = 180
"""Days after an order's end until its file and results are deleted; they are full personal data."""
ONLY_THE_DESK = "只有市总工会的平台管理员可以办理制卡订单。"
COLUMNS = ("会员编号", "姓名", "证件号码", "移动电话", "住址", "会员服务卡号")
"""What of a person is in every maker's file."""


class OrderExport(OwnFiles):
    """What is asked for: the ``order``. Its file is read by a machine, so it takes no stamp."""

    key, label = KEY, "制卡文件"

    def subject(self, what: Mapping[str, Any]) -> str:
        return str(what["order"])

    def require_right(self, what: Mapping[str, Any], by: User) -> None:
        require(can_run_desk, by, sentence=ONLY_THE_DESK)

    def plan(self, what: Mapping[str, Any], by: User) -> Plan:
        self.require_right(what, by)
        order = Order.objects.get(pk=what["order"])
        require_file(order)
        assert by.union is not None  # noqa: S101 (the rule)
        return Plan(
            title=f"{self.label}（订单 {order.number}）", headings=COLUMNS, total=order.sent, full=True, union=by.union,
            conditions=[("制卡订单", order.number), ("业务", order.label), ("制卡方", maker_of(order.maker).label)],
        )  # fmt: skip

    def begin(self, export: Export) -> None:
        """The file is there already."""
        written(export, export.total)

    def recalled(self, export: Export) -> None:
        """The order keeps its file: the next who wants it asks anew."""

    def place(self, export: Export) -> str:
        return reverse("cards:order", args=[int(export.subject)])


def require_file(order: Order) -> None:
    """Raises Refused when the order has no file that could leave."""
    if order.state == OrderState.BUILDING:
        raise Refused("制卡文件正在生成，请稍候再导出。")
    if order.state == OrderState.CANCELLED:
        raise Refused("这个订单已取消，没有可以导出的文件。")
    if not order.parts.exists():
        raise Refused(f"这个订单已办结超过 {DAYS_KEPT} 天，制卡文件已按期限删除，不能再导出。")


def export_of(order: Order, by: User) -> Export | None:
    """The newest export of the order for somebody."""
    rows = Export.objects.filter(kind=KEY, subject=str(order.pk), by=by).select_related("decides", "decided_by")
    return rows.order_by("-pk").first()


def disclose(order: Order, *, by: User) -> Export:
    """What allows ``by`` to take the order's file, PENDING until a second person approves; asked for where there is none.

    Raises Refused: as `exports.actions.ask`.
    """
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        known = export_of(order, by)
        if known and (known.state == ExportState.PENDING or is_there(known)):
            return known
        purpose = f"交给制卡方办理{order.label}（订单 {order.number}）"
        return disclosures.ask(KEY, {"order": order.pk}, purpose=purpose, by=by)


def recall_disclosures(order: Order, *, by: User) -> None:
    """A cancelled order's file leaves no more, and nobody is asked about it."""
    waiting = Export.objects.filter(kind=KEY, subject=str(order.pk), state__in=[ExportState.PENDING, ExportState.READY])
    for export in waiting.order_by("pk"):
        disclosures.recall(export, reason="制卡订单已取消", by=by)
