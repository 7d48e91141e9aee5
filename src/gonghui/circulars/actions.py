"""The writes of who sends a circular: drafted, sent, recalled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.circulars.deliveries import actions as deliveries
from gonghui.circulars.models import MAX_BODY, MAX_REASON, MAX_TITLE, Circular, CircularState, Depth, Occasion
from gonghui.circulars.queries import addressed, branches_of, kinds_down_to
from gonghui.circulars.rules import can_send
from gonghui.kit.errors import Refused
from gonghui.unions.models import Union

verbs.register(
    circular__saved="保存工作通知",
    circular__sent="发送工作通知",
    circular__recalled="收回工作通知",
    circular__discarded="作废工作通知草稿",
)
verbs.facts("circular", depth=("发送范围", Depth))

MAY_NOT = "只有上级工会的管理员可以发送工作通知。需要发送的，请联系本工会的管理员。"


@dataclass(frozen=True)
class Text:
    """What a draft says. ``branches``: ids of unions directly below the publisher; none means all."""

    title: str
    body: str
    depth: int
    branches: Collection[int] = ()
    confirm: bool = False
    due_on: date | None = None


def save_draft(publisher: Union, text: Text, *, draft: Circular | None = None, version: int = 0, by: User) -> Circular:
    """Saves a new draft, or a later version of one.

    Raises Refused when ``by`` may not, something is missing or makes no sense, or the draft was sent or changed since
    ``version``.
    """
    with transaction.atomic():
        if draft:
            draft = _lock(draft, by, version)
            publisher = draft.publisher
            draft.version += 1
        else:
            require(can_send, by, publisher, sentence=MAY_NOT)
            draft = Circular(publisher=publisher)
        branches = _require_sound(publisher, text)
        draft.title, draft.body = " ".join(text.title.split()), text.body.strip()
        draft.depth, draft.confirm, draft.due_on = text.depth, text.confirm, text.due_on
        draft.saved_by, draft.saved_at = by, timezone.now()
        draft.save()
        draft.branches.set(branches)
        record("circular.saved", draft, by=by, union=publisher, depth=draft.depth)
    return draft


def send(circular: Circular, *, version: int, by: User) -> Circular:
    """Sends a draft: a job gives it to each union and notifies its accounts.

    Raises Refused when ``by`` may not, it was sent or changed since ``version``, its deadline has passed meanwhile, or
    nobody would get it.
    """
    with transaction.atomic():
        circular = _lock(circular, by, version)
        branches = list(circular.branches.values_list("pk", flat=True))
        _require_due(circular.due_on)
        total = addressed(circular.publisher, circular.depth, branches).count()
        if not total:
            raise Refused("所选范围内没有可以接收的工会，没有发送。请修改发送范围。")
        circular.state, circular.total = CircularState.SENT, total
        circular.sent_by, circular.sent_at = by, timezone.now()
        circular.save()
        record("circular.sent", circular, by=by, union=circular.publisher, depth=circular.depth, count=total)
        deliveries.start(circular, Occasion.SENT, by=by)
    return circular


def recall(circular: Circular, *, reason: str, by: User) -> Circular:
    """Takes a circular back: from now on those who got it read the reason in place of its text.

    Raises Refused when ``by`` may not, it is not sent or recalled already, it is still being delivered, or there is no
    reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Refused(f"请填写收回的原因，不超过 {MAX_REASON} 个字。", field="reason")
    with transaction.atomic():
        circular = deliveries.lock(circular, by)
        deliveries.require_sent(circular)
        circular.state = CircularState.RECALLED
        circular.recalled_by, circular.recalled_at, circular.recalled_for = by, timezone.now(), reason
        circular.save()
        record("circular.recalled", circular, by=by, union=circular.publisher, reason=reason)
        deliveries.start(circular, Occasion.RECALLED, by=by)
    return circular


def discard(circular: Circular, *, version: int, by: User) -> None:
    """Ends a draft. Raises Refused when ``by`` may not, or it was sent or changed since ``version``."""
    with transaction.atomic():
        circular = _lock(circular, by, version)
        circular.state = CircularState.DISCARDED
        circular.save(update_fields=["state"])
        record("circular.discarded", circular, by=by, union=circular.publisher)


def _lock(circular: Circular, by: User, version: int) -> Circular:
    """Returns the draft, locked. Raises Refused when ``by`` may not, it is none any more, or it was changed."""
    circular = deliveries.lock(circular, by)
    if circular.state == CircularState.DISCARDED:
        raise Refused("这份草稿已作废，不能再修改或发送。")
    if circular.state != CircularState.DRAFT:
        raise Refused(f"这条通知已由{circular.sent_by}发送，不能再修改。内容有误的，请收回后重新起草。")
    if version != circular.version:
        raise Refused(
            f"您打开页面之后，{circular.saved_by}修改了这份草稿，所以没有办理。请刷新页面，看过现在的内容再办理。"
        )
    return circular


def _require_sound(publisher: Union, text: Text) -> list[Union]:
    """Returns the branches. Raises Refused for what is missing, too long, or cannot be."""
    if not 2 <= len(" ".join(text.title.split())) <= MAX_TITLE:
        raise Refused(f"标题应为 2 至 {MAX_TITLE} 个字。", field="title")
    if not 1 <= len(text.body.strip()) <= MAX_BODY:
        raise Refused(f"请填写内容，不超过 {MAX_BODY:,} 个字。", field="body")
    if text.depth not in Depth.values or not kinds_down_to(publisher, text.depth):
        raise Refused("请选择发送范围。", field="depth")
    if text.due_on and not text.confirm:
        raise Refused("不需要签收的通知没有签收截止日期，请勾选“需要签收”，或不填日期。", field="due_on")
    _require_due(text.due_on)
    branches = list(branches_of(publisher).filter(pk__in=list(text.branches)))
    if len(branches) != len(set(text.branches)):
        raise Refused("只能发给本工会直接管辖的工会，请重新选择。", field="branches")
    return branches


def _require_due(due_on: date | None) -> None:
    if due_on and due_on < localdate():
        raise Refused("签收截止日期已经过去，请选择今天或以后的日期。", field="due_on")
