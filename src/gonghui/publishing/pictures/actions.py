"""Pictures of articles: uploaded, encoded anew, never changed."""

from django.core.files import File
from django.db import transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.kit.pictures import stated_alt
from gonghui.kit.sanitizing.encoding import encode
from gonghui.publishing.models import Picture, Rendition
from gonghui.publishing.rules import can_edit

verbs.register(picture__added="上传门户图片")
verbs.facts("picture", width="宽", height="高")

ADDED_A_DAY = 300
"""Pictures that one union adds."""
MAY_NOT = "只有市总工会的管理员，和已开通门户栏目的区局的管理员，可以上传门户图片。"


def add_picture(file: File, *, alt: str, by: User) -> Picture:
    """Adds a picture with the words for who cannot see it. Raises Refused: ``by`` may not, no words, or as ``encode``."""
    require(can_edit, by, sentence=MAY_NOT)
    alt = stated_alt(alt)
    added = Picture.objects.filter(added_at__gte=today_began(), added_by__union=by.union_id)
    if added.count() >= ADDED_A_DAY:
        raise Refused(f"本会今天已上传 {ADDED_A_DAY} 张图片，没有接收这一张。请明天再上传。")
    encoded = encode(file.read())
    with transaction.atomic():
        require(can_edit, by, sentence=MAY_NOT)
        picture = Picture.objects.create(alt=alt, width=encoded.width, height=encoded.height, added_by=by)
        Rendition.objects.bulk_create(Rendition(picture=picture, **vars(one)) for one in encoded.files)
        record("picture.added", picture, by=by, width=picture.width, height=picture.height)
    return picture
