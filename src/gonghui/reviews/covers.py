"""请假代办: a colleague reviews for an absent reviewer (SPEC 1.4, 5.1)."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify
from gonghui.reviews.models import Cover
from gonghui.reviews.rules import can_revoke_cover, can_set_cover

verbs.register(cover__set="设置请假代办", cover__revoked="撤销请假代办")
verbs.facts("cover", absent="请假人", cover="代办人", starts_on="从", ends_on="到")

MAX_COVER_DAYS = 90


def set_cover(absent: User, *, cover: User, starts_on: date, ends_on: date, by: User) -> Cover:
    """Lets ``cover`` review for ``absent``, both days included. Notifies both, except the one who acts.

    Raises Refused when ``by`` may not; for dates that are past, turned round or absurd; when ``cover`` is the absent
    person, disabled, of another union, or a reviewer anyway; and when the days overlap with another cover of the same
    person.
    """
    _check_days(starts_on, ends_on)
    with transaction.atomic():
        ids = [absent.pk, cover.pk]
        rows = User.objects.select_for_update(of=["self"], no_key=True).select_related("union").order_by("pk")
        users = {user.pk: user for user in rows.filter(pk__in=ids)}
        absent, cover = users[absent.pk], users[cover.pk]
        require(
            can_set_cover,
            by,
            absent,
            sentence="代办由审核人本人设置，或由本工会的管理员替审核人设置。只是代办的人不能再请别人代办。",
        )
        _check_cover(absent, cover)
        try:
            with transaction.atomic():
                created = Cover.objects.create(
                    absent=absent, cover=cover, starts_on=starts_on, ends_on=ends_on, made_by=by
                )
        except IntegrityError as error:
            raise Refused(
                f"{absent}在这段日子里已有代办，请先撤销原来的代办，或换一段日期。", field="starts_on"
            ) from error
        days = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        record("cover.set", created, by=by, union=absent.union, absent=str(absent), cover=str(cover), **days)
        until = f"{starts_on:%Y-%m-%d} 到 {ends_on:%Y-%m-%d}"
        _tell(created, by, f"请您代{absent}审核：{until}", f"{absent}的审核由{cover}代办：{until}")
    return created


def revoke_cover(cover: Cover, *, by: User) -> None:
    """Ends a cover at once. Raises Refused when ``by`` may not, or it has already ended."""
    with transaction.atomic():
        cover = (
            Cover.objects.select_for_update(of=["self"], no_key=True).select_related("absent", "cover").get(pk=cover.pk)
        )
        require(can_revoke_cover, by, cover, sentence="代办由请假的人自己撤销，或由本工会的管理员撤销。")
        if cover.revoked_at or cover.ends_on < timezone.localdate():
            raise Refused("这项代办已经结束，不必再撤销。")
        cover.revoked_at = timezone.now()
        cover.save(update_fields=["revoked_at"])
        record(
            "cover.revoked", cover, by=by, union=cover.absent.union, absent=str(cover.absent), cover=str(cover.cover)
        )
        _tell(cover, by, f"您代{cover.absent}审核已提前结束", f"{cover.cover}代您审核已提前结束")


def _check_days(starts_on: date, ends_on: date) -> None:
    """Raises Refused."""
    today = timezone.localdate()
    if starts_on < today:
        raise Refused(f"开始日期不能早于今天（{today:%Y-%m-%d}）。", field="starts_on")
    if ends_on < starts_on:
        raise Refused("结束日期不能早于开始日期。", field="ends_on")
    if starts_on > today + timedelta(days=MAX_COVER_DAYS):
        raise Refused(f"开始日期最远是 {MAX_COVER_DAYS} 天之后，请临近时再设置。", field="starts_on")
    if (ends_on - starts_on).days >= MAX_COVER_DAYS:
        raise Refused(f"一次代办最长 {MAX_COVER_DAYS} 天，请缩短；长期离岗请管理员移交账号。", field="ends_on")


def _check_cover(absent: User, cover: User) -> None:
    """Raises Refused."""
    if cover.pk == absent.pk:
        raise Refused("代办人不能是请假的人自己，请选择一位同事。", field="cover")
    if cover.union_id != absent.union_id:
        raise Refused("代办人应是本工会的账号，请重新选择。", field="cover")
    if not cover.is_active:
        raise Refused(f"{cover}的账号已停用，请选择其他同事。", field="cover")
    if cover.has_role(Role.REVIEWER):
        raise Refused(f"{cover}本身就是审核人，可以直接审核本工会的全部申请，不需要设置代办。", field="cover")


def _tell(cover: Cover, by: User, to_cover: str, to_absent: str) -> None:
    """Returns those of the two who did not act themselves."""
    for person, title in ((cover.cover, to_cover), (cover.absent, to_absent)):
        if person.pk != by.pk:
            notify([person], title, url=reverse("reviews:desk" if person.pk == cover.cover_id else "reviews:covers"))
