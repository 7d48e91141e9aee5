"""Queries of the transfers: the tabs of 「会员转出审核」 and 「会员转入」, their counts, the blockers of a union."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import Role, User
from gonghui.attachments.hooks import RequestsWithBundles
from gonghui.attachments.models import Attachment, Bundle
from gonghui.attachments.queries import section
from gonghui.audit import verbs
from gonghui.audit.hooks import References
from gonghui.notices.hooks import TaskKind
from gonghui.policies.queries import in_force
from gonghui.reviews.hooks import Section
from gonghui.reviews.models import Review
from gonghui.transfers.models import Leaving, Transfer, TransferQuerySet, TransferState, Way
from gonghui.unions.hooks import Blocker
from gonghui.unions.models import Union

verbs.facts("transfer", transfers="")  # ids of transfers, which several verbs record

OUT = {"waiting": "待审核转出", "out": "转出记录", "done": "已审核"}
"""The tabs of 「会员转出审核」."""

IN = {"offered": "待接收转入", "asked": "转入申请", "received": "已接收"}
"""The tabs of 「会员转入」."""

EXPULSIONS = "transfer.expelled"
"""The kind of notice that asks a superior to acknowledge an expulsion."""

COUNTED = ("waiting", "offered")
"""The tabs that wait for the union's answer: they show their counts."""


def listed(user: User, tab: str) -> TransferQuerySet:
    """Returns the rows of a tab; each uses one index, (origin or target, way)."""
    union = user.union
    rows = Transfer.objects.visible_to(user)
    match tab:
        case "waiting":
            return rows.filter(origin=union, way=Way.REQUEST, state=TransferState.WAITING)
        case "offered":
            return rows.filter(target=union, way=Way.OFFER, state=TransferState.WAITING)
        case "asked":
            return rows.filter(target=union, way=Way.REQUEST)
        case "out":
            return rows.filter(origin=union, way__in=[Way.OFFER, Way.LEAVE])
        case "received":
            return rows.filter(target=union, way=Way.OFFER).exclude(state=TransferState.WAITING)
    return rows.filter(origin=union, way=Way.REQUEST).exclude(state=TransferState.WAITING)


def expulsions(user: User) -> TransferQuerySet:
    """The expulsions of the unions that a superior sees, undone ones too; none for a grassroots union."""
    if user.union is None or user.union.is_grassroots:
        return Transfer.objects.none()
    rows: TransferQuerySet = Transfer.objects.filter(reason=Leaving.EXPELLED)
    return rows.filter(origin__in=Union.objects.visible_to(user))


def unacknowledged(rows: TransferQuerySet) -> TransferQuerySet:
    """Those that wait for 「已备案」."""
    return rows.filter(acknowledged_at=None, state=TransferState.LEFT)


def tabs_of(user: User, tabs: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Returns code, label and count of each tab; 0 where no count is shown."""
    return [(tab, label, listed(user, tab).count() if tab in COUNTED else 0) for tab, label in tabs.items()]


def address_of(tab: str) -> str:
    """Returns the address of a tab."""
    return f"{reverse('transfers:incoming' if tab in IN else 'transfers:list')}?tab={tab}"


def task_kind(way: str) -> str:
    return f"transfer.{way}"


def task_kinds() -> list[TaskKind]:
    """Returns the kind of transfers that the union must answer, for ``notices.hooks.task_kinds``."""
    return [
        TaskKind(task_kind(Way.REQUEST), "会员转出待审核", address_of("waiting")),
        TaskKind(task_kind(Way.OFFER), "会员转入待接收", address_of("offered")),
        TaskKind(EXPULSIONS, "除名待备案", reverse("transfers:expulsions")),
    ]


def due_days(unions: Collection[int]) -> dict[int, date]:
    """Returns, by union, the deadline of a request made today. The superiors' policies decide it."""
    return {union: localdate() + timedelta(days=days) for union, days in in_force("transfer_days", unions).items()}


REQUESTS = RequestsWithBundles(
    visible=lambda user: (
        Q(_attached_to(Transfer.objects.visible_to(user)))
        | Q(
            _attached_to(Transfer.objects.filter(Exists(Review.objects.visible_to(user).filter(pk=OuterRef("review")))))
        )
        | Q(_attached_to(expulsions(user)))
    ),
    closed=lambda before: (
        _attached_to(Transfer.objects.filter(decided_at__lt=before))
        & ~_attached_to(Transfer.objects.filter(Q(decided_at=None) | Q(decided_at__gte=before)))
    ),
)
"""For ``attachments.hooks.REQUESTS``. Of members released together, the last transfer decides."""


def _attached_to(transfers: QuerySet[Transfer]) -> Exists:
    return Exists(transfers.filter(attachments=OuterRef("pk")))


def attached(transfer: Transfer) -> Section | None:
    """Returns the attachments of the transfer, for its page."""
    return section(Bundle.objects.filter(pk=transfer.attachments_id)) if transfer.attachments_id else None


def attached_to_review(review: Review, user: User) -> Section | None:
    """Returns the attachments that the requesting union has sent, for ``reviews.hooks.sections``."""
    transfer = Transfer.objects.filter(review=review, attachments__isnull=False).first()
    return attached(transfer) if transfer else None


def departing(members: Sequence[int]) -> Mapping[int, str]:
    """Returns the members requested by another union or offered to one, for ``members.hooks.pending_departures``."""
    rows = Transfer.objects.waiting().filter(member__in=members)
    return dict.fromkeys(rows.values_list("member", flat=True), "正在办理会员转出")


def audited(number: str) -> References:
    """Yields the member's transfers, their reviews and uploads, for ``audit.hooks.references_to_member``."""
    mine = Transfer.objects.filter(member__number=number)
    yield "transfers.transfer", mine.values_list("pk", flat=True)
    scans = Attachment.objects.filter(bundle__transfers__in=mine)
    yield "attachments.attachment", scans.values_list("pk", flat=True)
    yield "reviews.review", mine.filter(review__isnull=False).values_list("review", flat=True)
    yield "transfers.upload", mine.filter(upload__isnull=False).values_list("upload", flat=True)


def blocking_transfers(union: Union) -> Iterator[Blocker]:
    """Yields the pending transfers of the union, for ``unions.hooks.blockers`` (manual 2: 带转出审核人员禁止转移)."""
    waiting = Transfer.objects.waiting()
    for rows, words, tab in (
        (waiting.filter(origin=union, way=Way.REQUEST), "名会员的转出申请待审核", "waiting"),
        (waiting.filter(origin=union, way=Way.OFFER), "名会员已转出、等待对方工会接收", "out"),
        (waiting.filter(target=union, way=Way.REQUEST), "名会员的转入申请正在审核", "asked"),
        (waiting.filter(target=union, way=Way.OFFER), "名会员由其他工会转来、待本工会接收", "offered"),
    ):
        if count := rows.count():
            yield Blocker(f"{count} {words}", address_of(tab))


def work(user: User) -> Iterator[WorkItem]:
    """Yields the transfers that wait for the user's union, until they escalate, for ``accounts.hooks.worklist``."""
    if user.union is None:
        return
    if not user.union.is_grassroots:
        waiting = unacknowledged(Transfer.objects.filter(reason=Leaving.EXPELLED, origin__superior=user.union))
        yield WorkItem(
            label="除名待备案",
            rows=waiting.order_by("pk"),
            since=F("decided_at"),
            menu="members:list",
            url=reverse("transfers:expulsions"),
            unit="人",
            button="备案",
            mine=user.has_role(Role.REVIEWER),
        )
        return
    for tab, label, menu, button in (
        ("waiting", "会员转出申请待审核", "transfers:list", "审核"),
        ("offered", "转入会员待接收", "transfers:incoming", "接收"),
    ):
        yield WorkItem(
            label=label,
            rows=listed(user, tab).filter(review=None).order_by("pk"),
            since=F("asked_at"),
            due=F("due_on"),
            menu=menu,
            url=address_of(tab),
            unit="人",
            button=button,
            mine=user.has_role(Role.OFFICER),
        )
