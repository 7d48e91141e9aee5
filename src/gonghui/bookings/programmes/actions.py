"""Programmes are written, published and cancelled (SPEC 6.1, 6.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.announcements.actions import announce
from gonghui.bookings.codes import Allocation, FundSource, NoShow, RuleKind
from gonghui.bookings.draws.actions import make_draw
from gonghui.bookings.draws.tiers import clean_tiers
from gonghui.bookings.eligibility.kinds import KINDS
from gonghui.bookings.models import EligibilityRule, Fund, Package, Place, Programme, Session, Venue
from gonghui.bookings.places.freeing import end_places
from gonghui.bookings.places.taking import lock_sessions
from gonghui.bookings.rules import can_manage, can_publish
from gonghui.bookings.sentences import NOT_MANAGER, minute, stated_reason
from gonghui.bookings.states import ACTIVE, EndReason, ProgrammeState, SessionState
from gonghui.kit.errors import Refused
from gonghui.unions.models import Union

verbs.register(
    programme__drafted="新建疗休养体检项目",
    programme__edited="修改疗休养体检项目",
    programme__published="发布疗休养体检项目",
    programme__cancelled="取消疗休养体检项目",
)
verbs.facts("programme", opens_at="报名开始", deadline="截止时间", what="内容")

COLUMNS = (
    "kind", "title", "text", "contact", "allocation", "opens_at", "collects_until", "deadline", "offer_hours",
    "guests_max", "guest_price", "price", "when_moving", "no_show", "no_show_years", "large_groups", "tiers",
    "self_check_price",
)  # fmt: skip
"""What a form of a programme may hold."""

FIXED = ("kind", "allocation", "tiers", "when_moving", "no_show", "no_show_years", "large_groups")
"""By these people have booked: they stay once it is published."""

MAX_TITLE = 60


def create_programme(union: Union, values: Mapping[str, Any], *, by: User) -> Programme:
    """A draft, which its publisher alone sees. Raises Refused when ``by`` may not, or values contradict each other."""
    with transaction.atomic():
        require(can_publish, by, union, sentence="只有市、区和产业局工会的管理员可以发布项目。")
        programme = Programme(publisher=union, created_by=by, **_columns(values))
        _check(programme)
        programme.save()
        record("programme.drafted", programme, by=by, union=union)
        return programme


def edit_programme(programme: Programme, values: Mapping[str, Any], *, by: User) -> Programme:
    """Changes a draft; of a published programme what may change, with a notice to everybody booked.

    Raises Refused: ``by`` may not, it is cancelled, values contradict each other, or one is fixed by the publication.
    """
    with transaction.atomic():
        programme = lock_programme(programme, by)
        old = {name: getattr(programme, name) for name in COLUMNS}
        for name, value in _columns(values).items():
            setattr(programme, name, value)
        changed = [name for name in COLUMNS if getattr(programme, name) != old[name]]
        _check(programme)
        if not changed:
            return programme
        words = [label_of(name) for name in changed]
        if programme.state == ProgrammeState.PUBLISHED:
            _require_free_to_change(programme, changed, old)
            _require_times(programme)
            announce(programme, f"「{programme}」有变更", f"变更内容：{_changes(programme, changed, old)}。", by=by)
        programme.save(update_fields=changed)
        record("programme.edited", programme, by=by, fields=words)
        return programme


def set_funds(programme: Programme, amounts: Mapping[str, Decimal], *, by: User) -> None:
    """What each source pays for a person; announced if it was published."""
    with transaction.atomic():
        programme = lock_programme(programme, by)
        wanted = {source: amount for source, amount in amounts.items() if amount}
        if any(source not in FundSource.values or amount < 0 for source, amount in wanted.items()):
            raise Refused("经费金额不能小于 0。", field="funds")
        if wanted == dict(programme.funds.values_list("source", "amount")):
            return
        programme.funds.all().delete()
        Fund.objects.bulk_create(Fund(programme=programme, source=one, amount=wanted[one]) for one in wanted)
        said = "、".join(f"{FundSource(source).label} {amount} 元" for source, amount in wanted.items())
        _tell_change(programme, f"经费：{said or '无'}", by)


def set_rules(programme: Programme, rules: Sequence[tuple[str, Mapping[str, Any]]], *, by: User) -> None:
    """All conditions anew, in this order. Raises Refused when a parameter is wrong, or it was published: people have
    booked by the rules that they read."""
    with transaction.atomic():
        programme = lock_programme(programme, by)
        if programme.state != ProgrammeState.DRAFT:
            raise Refused("项目已经发布，报名条件不能再改。请取消这个项目后另建一个。")
        kinds = [kind for kind, _ in rules]
        if len(set(kinds)) < len(kinds) or any(kind not in RuleKind.values for kind in kinds):
            raise Refused("每种条件只能用一次，请检查报名条件。", field="rules")
        programme.rules.all().delete()
        EligibilityRule.objects.bulk_create(
            EligibilityRule(
                programme=programme, order=order, kind=kind, parameters=KINDS[RuleKind(kind)].clean(parameters)
            )
            for order, (kind, parameters) in enumerate(rules)
        )
        record("programme.edited", programme, by=by, what="报名条件")


def save_venue(programme: Programme, values: Mapping[str, Any], *, venue: Venue | None = None, by: User) -> Venue:
    """Adds or changes a route or place: ``name``, ``text``, ``address``, ``provider``."""
    with transaction.atomic():
        programme = lock_programme(programme, by)
        return _saved(programme, venue or Venue(programme=programme), values, "线路或地点", by)


def remove_venue(venue: Venue, *, by: User) -> None:
    """Removes a route or place that has neither sessions nor pictures."""
    with transaction.atomic():
        programme = lock_programme(venue.programme, by)
        if Session.objects.filter(venue=venue).exists():
            raise Refused(f"「{venue}」还有班次，不能删除。请先取消这些班次。")
        if pictures := venue.pictures.count():
            raise Refused(f"「{venue}」还有 {pictures} 张图片，没有移除。请先在“图片和资料”中删除，或改到整个项目。")
        record("programme.edited", programme, by=by, what=f"删除线路或地点「{venue}」")
        venue.delete()


def save_package(
    programme: Programme, values: Mapping[str, Any], *, package: Package | None = None, by: User
) -> Package:
    """Adds or changes a 体检套餐: ``name``, ``text``, ``sexes``, ``age_from``, ``age_to``, ``married``."""
    with transaction.atomic():
        programme = lock_programme(programme, by)
        if programme.state != ProgrammeState.DRAFT and package is not None:
            raise Refused("项目已经发布，套餐不能再改，可以增加新的套餐。")
        low, high = values.get("age_from"), values.get("age_to")
        if low is not None and high is not None and high < low:
            raise Refused("套餐的最大年龄不能小于最小年龄。", field="age_to")
        return _saved(programme, package or Package(programme=programme), values, "套餐", by)


def publish_programme(programme: Programme, *, at: datetime | None = None, by: User) -> Programme:
    """Publishes, now or at a time to come; with it the digest of a draw's seed.

    Raises Refused: ``by`` may not, it is no draft, it has no session, or its times contradict each other.
    """
    with transaction.atomic():
        programme = lock_programme(programme, by)
        if programme.state != ProgrammeState.DRAFT:
            raise Refused(f"「{programme}」已经发布，无需再发布。")
        now = timezone.now()
        if at is not None and at < now:
            raise Refused("发布时间已经过去。请选择以后的时间，或留空立即发布。", field="at")
        programme.publishes_at, programme.published_by = at or now, by
        programme.state = ProgrammeState.PUBLISHED
        if not Session.objects.filter(programme=programme, state=SessionState.ON).exists():
            raise Refused("还没有班次，不能发布。请先添加线路或地点和班次。")
        _require_times(programme)
        programme.save(update_fields=["state", "publishes_at", "published_by"])
        if programme.is_draw:
            make_draw(programme)
        record(
            "programme.published", programme, by=by, opens_at=str(programme.opens_at), deadline=str(programme.deadline)
        )
        return programme


def cancel_programme(programme: Programme, *, reason: str, by: User) -> Programme:
    """Cancels all sessions and ends all places; everybody booked is notified with the reason.

    Raises Refused: ``by`` may not, there is no reason, or it is cancelled, a draft, or begun.
    """
    reason = stated_reason(reason, what="取消原因")
    with transaction.atomic():
        programme = lock_programme(programme, by)
        if programme.state == ProgrammeState.DRAFT:
            raise Refused("草稿还没有发布，无需取消。")
        if programme.begins_on and programme.begins_on <= localdate():
            raise Refused("项目已经开始，不能取消。可以逐个取消还没有开始的班次。")
        programme.state, programme.cancelled_for, programme.cancelled_at = (
            ProgrammeState.CANCELLED, reason, timezone.now(),
        )  # fmt: skip
        programme.save(update_fields=["state", "cancelled_for", "cancelled_at"])
        sessions = lock_sessions(Session.objects.filter(programme=programme).values_list("pk", flat=True))
        places = locked_places(sessions)
        announce(programme, f"「{programme}」已取消", f"原因：{reason}。所有预约和候补已取消。", by=by)
        end_places(places, EndReason.CANCELLED, by=by, offered_on=False)
        record("programme.cancelled", programme, by=by, reason=reason, count=len(places))
        return programme


def locked_places(sessions: Mapping[int, Session]) -> list[Place]:
    """The people of locked sessions, with the sessions as they are locked."""
    places = list(Place.objects.filter(session__in=sessions, state__in=ACTIVE).order_by("pk"))
    for place in places:
        place.session = sessions[place.session_id]
    return places


def lock_programme(programme: Programme, by: User) -> Programme:
    """The programme, locked, when ``by`` manages it and it is not cancelled."""
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("publisher")
    programme = rows.get(pk=programme.pk)
    require(can_manage, by, programme, sentence=NOT_MANAGER)
    if programme.state == ProgrammeState.CANCELLED and programme.cancelled_at:
        raise Refused(f"「{programme}」已于 {minute(programme.cancelled_at)} 取消，不能再操作。")
    return programme


def follow_sessions(programme: Programme) -> None:
    """Keeps first and last day of a locked programme; the deadline must come before the first.

    Raises Refused when a published programme's deadline would come after somebody has left.
    """
    days = Session.objects.filter(programme=programme, state=SessionState.ON).aggregate(
        first=Min("begins_on"), last=Max("ends_on")
    )
    programme.begins_on, programme.ends_on = days["first"], days["last"]
    if programme.state == ProgrammeState.PUBLISHED and programme.begins_on:
        _require_times(programme)
    programme.save(update_fields=["begins_on", "ends_on"])


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in COLUMNS}


def _check(programme: Programme) -> None:
    """What must be true of a draft, too. Raises Refused with the field."""
    programme.title = " ".join(programme.title.split())
    if not programme.title or len(programme.title) > MAX_TITLE:
        raise Refused(f"请填写项目名称，不超过 {MAX_TITLE} 个字。", field="title")
    if programme.opens_at and programme.deadline and programme.deadline <= programme.opens_at:
        raise Refused("截止时间应晚于报名开始时间。", field="deadline")
    if programme.allocation == Allocation.DRAW:
        programme.tiers = clean_tiers(programme.tiers)
    else:
        programme.tiers, programme.collects_until = [], None
    until = programme.collects_until
    if until and programme.opens_at and programme.deadline and not programme.opens_at < until <= programme.deadline:
        raise Refused("报名收集截止时间应在报名开始之后、截止时间之前。", field="collects_until")
    if programme.no_show == NoShow.BARRED and not programme.no_show_years:
        raise Refused("请填写未到后几年内不得再报名。", field="no_show_years")
    if programme.no_show != NoShow.BARRED:
        programme.no_show_years = None
    if not 1 <= programme.offer_hours <= 720:
        raise Refused("候补确认时限请填写 1 至 720 小时。", field="offer_hours")
    if programme.guests_max > 9:
        raise Refused("每名会员最多带 9 名家属。", field="guests_max")
    if programme.price < 0:
        raise Refused("费用不能小于 0。", field="price")


def _require_times(programme: Programme) -> None:
    """What must be true of a published programme. Raises Refused with the field."""
    if not programme.opens_at or not programme.deadline:
        raise Refused("请先填写报名开始时间和截止时间。", field="opens_at" if not programme.opens_at else "deadline")
    if programme.is_draw and not programme.collects_until:
        raise Refused("先收集后抽签的项目，请填写报名收集截止时间。", field="collects_until")
    if programme.publishes_at and programme.opens_at < programme.publishes_at:
        raise Refused("报名开始时间不能早于发布时间。", field="opens_at")
    if programme.deadline <= timezone.now():
        raise Refused("截止时间已经过去，请改为以后的时间。", field="deadline")
    if programme.begins_on and localdate(programme.deadline) >= programme.begins_on:
        raise Refused(f"截止时间应早于最早班次的开始日期（{programme.begins_on}）。", field="deadline")


def _require_free_to_change(programme: Programme, changed: Sequence[str], old: Mapping[str, Any]) -> None:
    """Raises Refused for what people have booked by, and for times that have passed."""
    if fixed := [name for name in changed if name in FIXED]:
        words = "、".join(label_of(name) for name in fixed)
        raise Refused(f"项目已经发布，不能再改：{words}。", field=fixed[0])
    for name in ("opens_at", "collects_until"):
        if name in changed and old[name] and old[name] <= timezone.now():
            words = label_of(name)
            raise Refused(f"{words}已过，不能再改。", field=name)


def label_of(name: str) -> str:
    """What a column is called on pages and in notices."""
    return str(getattr(Programme._meta.get_field(name), "verbose_name", name))


def _changes(programme: Programme, changed: Sequence[str], old: Mapping[str, Any]) -> str:
    """What has changed, as the notice says it; long texts by name alone."""

    def said(value: Any) -> str:
        return minute(value) if isinstance(value, datetime) else str("无" if value in (None, "") else value)

    short = {name: f"（{said(old[name])} 改为 {said(getattr(programme, name))}）" for name in changed}
    return "、".join(f"{label_of(name)}{short[name] if len(short[name]) < 80 else ''}" for name in changed)


def _saved(programme: Programme, row: Any, values: Mapping[str, Any], what: str, by: User) -> Any:
    """Saves a row of the programme. Raises Refused for no name, or a name that there is."""
    for name, value in values.items():
        setattr(row, name, value)
    if not (row.name or "").strip():
        raise Refused(f"请填写{what}的名称。", field="name")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(f"这个项目中已有同名的{what}「{row.name}」。", field="name") from error
    _tell_change(programme, f"{what}「{row.name}」", by)
    return row


def _tell_change(programme: Programme, what: str, by: User) -> None:
    """On record; and announced, if it was published."""
    if programme.state == ProgrammeState.PUBLISHED:
        announce(programme, f"「{programme}」有变更", f"变更内容：{what}。", by=by)
    record("programme.edited", programme, by=by, what=what)
