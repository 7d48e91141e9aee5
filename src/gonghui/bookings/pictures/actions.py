"""Pictures of a programme and of its venues: added, put in order, described, removed (SPEC 6.1).

Nobody is notified: what people have booked by does not change.
"""

import hashlib
from collections.abc import Sequence

from django.core.files import File
from django.db import models, transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.models import MAX_PICTURES, Picture, Programme, Rendition, Venue
from gonghui.bookings.programmes.actions import lock_programme
from gonghui.bookings.rules import can_manage
from gonghui.bookings.sentences import NOT_MANAGER
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.kit.pictures import stated_alt
from gonghui.kit.sanitizing.encoding import encode

verbs.register(
    programme__pictured="添加项目图片",
    programme__captioned="修改项目图片说明",
    programme__arranged="调整项目图片次序",
    programme__unpictured="删除项目图片",
)
verbs.facts("programme", picture="图片", venue="线路或地点")

ADDED_A_DAY = 200
"""Of one publisher: each is some hundred kilobytes."""

GONE = "这张图片刚刚已经删除。请刷新页面查看。"


class Move(models.TextChoices):
    """Where a picture goes: a place among those beside which it is shown, or to the front of all."""

    EARLIER = "earlier", "前移"
    LATER = "later", "后移"
    COVER = "cover", "设为封面"


def add_picture(programme: Programme, file: File, *, alt: str, venue: Venue | None = None, by: User) -> Picture:
    """Adds a picture behind the others; the first is the cover.

    Raises Refused: ``by`` may not, no words, too many, there already, or as ``encode``.
    """
    alt = stated_alt(alt)
    data = file.read()
    sha256 = hashlib.sha256(data).hexdigest()
    _require_room(programme, sha256, by)  # before the expensive work, and again under the lock
    encoded = encode(data)
    with transaction.atomic():
        programme = lock_programme(programme, by)
        _require_room(programme, sha256, by)
        picture = Picture.objects.create(
            programme=programme,
            venue=_own(programme, venue),
            order=programme.pictures.count() + 1,
            alt=alt,
            width=encoded.width,
            height=encoded.height,
            sha256=sha256,
            added_by=by,
        )
        Rendition.objects.bulk_create(Rendition(picture=picture, **vars(one)) for one in encoded.files)
        record("programme.pictured", programme, by=by, picture=alt, venue=_of(picture))
    return picture


def describe_picture(picture: Picture, *, alt: str, venue: Venue | None = None, by: User) -> Picture:
    """Changes its words, and which venue it shows; none: the whole programme. Raises Refused: ``by`` may not, no words."""
    alt = stated_alt(alt)
    with transaction.atomic():
        picture = _locked(picture, by)
        old, before = picture.alt, picture.venue
        picture.alt, picture.venue = alt, _own(picture.programme, venue)
        if (old, before) != (picture.alt, picture.venue):
            picture.save(update_fields=["alt", "venue"])
            record("programme.captioned", picture.programme, by=by, old=old, new=alt, venue=_of(picture))
    return picture


def move_picture(picture: Picture, to: Move, *, by: User) -> None:
    """Changes the order. Raises Refused when ``by`` may not; one that is at the end already stays there."""
    with transaction.atomic():
        picture = _locked(picture, by)
        rows = list(Picture.objects.filter(programme=picture.programme_id).order_by("order"))
        place = rows.index(picture)
        beside = [at for at, one in enumerate(rows) if one.venue_id == picture.venue_id]
        here = beside.index(place)
        if to == Move.COVER:
            rows.insert(0, rows.pop(place))
        elif other := {Move.EARLIER: beside[:here][-1:], Move.LATER: beside[here + 1 :][:1]}[to]:
            rows[place], rows[other[0]] = rows[other[0]], rows[place]
        if _number(rows):
            record("programme.arranged", picture.programme, by=by, picture=picture.alt)


def remove_picture(picture: Picture, *, by: User) -> None:
    """Removes it for good; those behind it move up. Raises Refused: ``by`` may not, or it is removed already."""
    with transaction.atomic():
        picture = _locked(picture, by)
        record("programme.unpictured", picture.programme, by=by, picture=picture.alt, venue=_of(picture))
        Picture.objects.filter(pk=picture.pk).delete()
        _number(list(Picture.objects.filter(programme=picture.programme_id).order_by("order")))


def _require_room(programme: Programme, sha256: str, by: User) -> None:
    require(can_manage, by, programme, sentence=NOT_MANAGER)
    if same := programme.pictures.filter(sha256=sha256).first():
        raise Refused(f"这张图片已经在这个项目中，说明是“{same}”，没有再次上传。", field="file")
    if programme.pictures.count() >= MAX_PICTURES:
        raise Refused(f"一个项目最多 {MAX_PICTURES} 张图片，已经满了。请先删除一张，再上传。", field="file")
    today = Picture.objects.filter(programme__publisher=programme.publisher_id, added_at__gte=today_began())
    if today.count() >= ADDED_A_DAY:
        raise Refused(f"本工会今天已上传 {ADDED_A_DAY} 张图片，没有接收这一张。请明天再上传。", field="file")


def _locked(picture: Picture, by: User) -> Picture:
    """The picture as it is now, with its programme locked."""
    programme = lock_programme(picture.programme, by)
    found = Picture.objects.select_related("venue").filter(pk=picture.pk).first()
    if found is None:
        raise Refused(GONE)
    found.programme = programme
    return found


def _own(programme: Programme, venue: Venue | None) -> Venue | None:
    if venue is not None and venue.programme_id != programme.pk:
        raise Refused("请选择这个项目的线路或地点。", field="venue")
    return venue


def _of(picture: Picture) -> str:
    return picture.venue.name if picture.venue else "整个项目"


def _number(rows: Sequence[Picture]) -> bool:
    """Numbers the pictures from one, in one statement, at whose end the constraint is asked. Whether any has moved."""
    moved = [(row, order) for order, row in enumerate(rows, 1) if row.order != order]
    for row, order in moved:
        row.order = order
    Picture.objects.bulk_update([row for row, _ in moved], ["order"])
    return bool(moved)
