"""The city opens a section to a district or bureau, and closes it."""

import re

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.publishing import notifications
from gonghui.publishing.local.locking import locked_section
from gonghui.publishing.models import LocalSection
from gonghui.publishing.rules import LOCAL_KINDS, can_set_up
from gonghui.publishing.site.actions import locked_site
from gonghui.unions.models import Union, UnionState

verbs.register(section__opened="开通区局栏目", section__closed="关闭区局栏目")
verbs.facts("section", slug="网址")

MAY_NOT = "只有市总工会的平台管理员可以开通和关闭区局栏目。"
MAX_REASON = 200
MAX_SLUG = 30
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+){0,9}")


def open_section(union: Union, *, slug: str = "", by: User) -> LocalSection:
    """Opens its section to a district or bureau: a new one at an address that it keeps, or the closed one as it was.

    Raises Refused: ``by`` may not, no district or bureau, open already, or a wrong or taken address.
    """
    with transaction.atomic():
        locked_site()  # so that two do not take one address
        require(can_set_up, by, sentence=MAY_NOT)
        union = Union.objects.select_for_update().get(pk=union.pk)
        if union.kind not in LOCAL_KINDS or union.state != UnionState.APPROVED:
            raise Refused(f"「{union}」不是在用的区总工会或产业局工会，不能开通栏目。")
        local = LocalSection.objects.select_related("union").filter(union=union).first()
        if local is None:
            local = LocalSection.objects.create(union=union, slug=_free(slug))
        elif local.is_open:
            raise Refused(f"「{union}」的栏目已经开通。请刷新页面查看。")
        else:
            local.is_open = True
            local.save(update_fields=["is_open"])
        record("section.opened", local, by=by, union=union, slug=local.slug)
        notifications.tell_opened(local)
    return local


def close_section(local: LocalSection, *, reason: str, by: User) -> LocalSection:
    """Takes the section with all that is in it off the public pages and out of its editors' hands; nothing is changed in
    it, so that opening it again brings all back. Raises Refused: ``by`` may not, closed already, or no reason.
    """
    with transaction.atomic():
        local = locked_section(local.pk)
        require(can_set_up, by, sentence=MAY_NOT)
        if not local.is_open:
            raise Refused(f"「{local}」的栏目已经关闭。请刷新页面查看。")
        reason = " ".join(reason.split())
        if not reason:
            raise Refused("请填写关闭原因，该会的管理员会在通知中看到。", field="reason")
        if len(reason) > MAX_REASON:
            raise Refused(f"关闭原因有 {len(reason)} 个字，请缩短到 {MAX_REASON} 个字以内。", field="reason")
        local.is_open = False
        local.save(update_fields=["is_open"])
        record("section.closed", local, by=by, union=local.union, reason=reason)
        notifications.tell_closed(local, reason)
    return local


def _free(slug: str) -> str:
    """Returns the address for a new section. Raises Refused."""
    slug = slug.strip().lower()
    if not _SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        raise Refused(
            f"网址只能由小写字母、数字和连字符组成，以字母开头，最长 {MAX_SLUG} 个字符，例如 yangpu。", field="slug"
        )
    taken = LocalSection.objects.select_related("union").filter(slug=slug).first()
    if taken:
        raise Refused(f"网址 {slug} 已用于「{taken}」的栏目，请换一个。", field="slug")
    return slug
