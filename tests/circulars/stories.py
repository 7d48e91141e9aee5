"""A circular on its way: drafted, sent, delivered, read."""

from typing import Any

from gonghui.accounts.models import User
from gonghui.circulars import actions
from gonghui.circulars.actions import Text
from gonghui.circulars.deliveries import actions as deliveries
from gonghui.circulars.models import Circular, Delivery, Depth, Receipt
from gonghui.unions.models import Union
from tests.people import Cast

WORDS: dict[str, Any] = {
    "title": "关于开展夏送清凉的通知",
    "body": "请各单位于七月底前上报。\n\n详见 https://example.com/xialiang",
    "depth": Depth.GRASSROOTS,
}


def drafted(cast: Cast, publisher: Union | None = None, by: User | None = None, **other: Any) -> Circular:
    return actions.save_draft(publisher or cast.district, Text(**WORDS | other), by=by or cast.district_admin)


def sent(cast: Cast, publisher: Union | None = None, by: User | None = None, **other: Any) -> Circular:
    """Sent, and delivered to all."""
    draft = drafted(cast, publisher, by, **other)
    circular = actions.send(draft, version=draft.version, by=by or cast.district_admin)
    delivered(circular)
    return circular


def delivered(circular: Circular) -> Delivery:
    """The newest delivery of a circular, after its job."""
    delivery = circular.deliveries.latest("pk")
    while deliveries.deliver_next(delivery.pk):
        pass
    delivery.refresh_from_db()
    return delivery


def receipt(circular: Circular, union: Union) -> Receipt:
    return Receipt.objects.get(circular=circular, union=union)
