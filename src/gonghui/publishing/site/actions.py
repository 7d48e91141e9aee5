"""What the city sets up for its public pages."""

from datetime import date

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.publishing.models import Site
from gonghui.publishing.rules import can_set_up

verbs.register(site__set="修改门户设置")

LABELS = {"second_person": "须由第二人发布", "grey_from": "灰色模式开始", "grey_until": "灰色模式结束"}
LONGEST_GREY_DAYS = 366


def set_site(*, second_person: bool, grey_from: date | None, grey_until: date | None, by: User) -> Site:
    """Saves the settings. Raises Refused: ``by`` is no platform administrator, half a time of grey, or nothing changed."""
    with transaction.atomic():
        site = locked_site()
        require(can_set_up, by, sentence="只有市总工会的平台管理员可以修改门户设置。")
        if (grey_from is None) != (grey_until is None):
            missing = "grey_until" if grey_until is None else "grey_from"
            raise Refused("灰色模式的开始和结束日期要一起填写，或都不填。", field=missing)
        if grey_from and grey_until and not 0 <= (grey_until - grey_from).days < LONGEST_GREY_DAYS:
            raise Refused("灰色模式的结束日期不能早于开始日期，也不能相隔一年以上。", field="grey_until")
        wanted = {"second_person": second_person, "grey_from": grey_from, "grey_until": grey_until}
        changes = [[LABELS[name], _said(getattr(site, name)), _said(value)] for name, value in wanted.items()]
        changes = [change for change in changes if change[1] != change[2]]
        if not changes:
            raise Refused("设置没有变化，没有需要保存的修改。")
        for name, value in wanted.items():
            setattr(site, name, value)
        site.save()
        record("site.set", site, by=by, changes=changes)
    return site


def locked_site() -> Site:
    """Returns the settings under a lock, so that what they allow cannot change meanwhile."""
    Site.objects.get_or_create(pk=1)
    return Site.objects.select_for_update().get(pk=1)


def _said(value: bool | date | None) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:%Y-%m-%d}" if value else ""
