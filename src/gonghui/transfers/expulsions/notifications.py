"""Who is told of an expulsion: the superior to whom it is reported, and the union when that is acknowledged."""

from collections.abc import Sequence

from django.urls import reverse

from gonghui.notices.actions import notify_officers, settle
from gonghui.reviews.notifications import notify_deciders
from gonghui.transfers.models import Leaving, Transfer
from gonghui.transfers.queries import EXPULSIONS, address_of
from gonghui.unions.models import Union


def _task_of(transfer: Transfer) -> str:
    return f"expulsion:{transfer.pk}"


def notify_superior_of_expulsions(union: Union, expulsions: Sequence[Transfer]) -> None:
    """Asks the union's superior to acknowledge them."""
    notify_deciders(
        [union.superior_id],
        f"{union.name}除名 {len(expulsions)} 名会员，请备案",
        body="除名已经生效，报上级工会备案。请查看决定日期和文号，点“已备案”。",
        url=reverse("transfers:expulsions"),
        tasks=[_task_of(transfer) for transfer in expulsions],
        kind=EXPULSIONS,
    )


def notify_unions_of_acknowledgement(expulsions: Sequence[Transfer]) -> None:
    """Tells the unions that their superior has acknowledged."""
    for union in {transfer.origin_id for transfer in expulsions}:
        names = "、".join(transfer.member.name for transfer in expulsions if transfer.origin_id == union)
        notify_officers([union], "上级工会已备案除名", body=f"会员：{names}。", url=address_of("out"), mail=False)


def settle_expulsions(transfers: Sequence[Transfer]) -> None:
    """Ends what the superior was asked for: it is acknowledged, or undone."""
    settle([_task_of(transfer) for transfer in transfers if transfer.reason == Leaving.EXPELLED])
