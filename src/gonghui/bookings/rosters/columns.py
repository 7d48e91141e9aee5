"""The columns of a roster: what each says of a place."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.timezone import localtime

from gonghui.bookings.codes import Stated
from gonghui.bookings.models import Place
from gonghui.codelists.queries import label
from gonghui.kit.documents import mask_mobile, mask_number
from gonghui.members.codes import DocumentType, Sex

MAX_BLANKS = 10


@dataclass(frozen=True)
class ColumnOfRoster:
    """Heading and text; ``usual``: whether it is ticked at first."""

    label: str
    text: Callable[[Place], str]
    usual: bool = True


def _sex(place: Place) -> str:
    return label(Sex, place.member.sex) if place.member else ""


def _document(place: Place) -> str:
    return label(DocumentType, place.member.document_type if place.member else place.document_type)


COLUMNS: dict[str, ColumnOfRoster] = {
    "session": ColumnOfRoster("班次", lambda place: place.session.when),
    "venue": ColumnOfRoster("线路或地点", lambda place: place.session.venue.name),
    "name": ColumnOfRoster("姓名", lambda place: place.member.name if place.member else place.guest_name),
    "sex": ColumnOfRoster("性别", _sex),
    "document": ColumnOfRoster("证件类型", _document, usual=False),
    "number": ColumnOfRoster("证件号码（遮盖）", lambda place: mask_number(place.document_number)),
    "mobile": ColumnOfRoster(
        "手机（遮盖）", lambda place: mask_mobile(place.member.mobile) if place.member else "", False
    ),
    "union": ColumnOfRoster("工会", lambda place: place.union.name),
    "guest": ColumnOfRoster(
        "家属", lambda place: f"{place.guest_of}的{place.get_relation_display()}" if place.guest_of else ""
    ),
    "package": ColumnOfRoster("套餐", lambda place: place.package.name if place.package else "", usual=False),
    "stated": ColumnOfRoster("注明", lambda place: "、".join(Stated(one).label for one in place.stated), usual=False),
    "bus": ColumnOfRoster("车次", lambda place: place.bus),
    "state": ColumnOfRoster("状态", lambda place: place.get_state_display()),
    "signed_in": ColumnOfRoster(
        "签到时间",
        lambda place: f"{localtime(place.signed_in_at):%m-%d %H:%M}" if place.signed_in_at else "",
        usual=False,
    ),
    "booking": ColumnOfRoster("预约编号", lambda place: place.booking.number, usual=False),
}
