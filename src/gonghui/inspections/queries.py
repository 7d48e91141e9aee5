"""Reads of the inspection: which window is a union's, who is due, who has confirmed, level by level."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db import connection
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Replace
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.hooks import Banner, WorkItem
from gonghui.accounts.models import Role, User
from gonghui.inspections.models import (
    DEADLINE,
    Confirmation,
    ConfirmationQuerySet,
    Reminder,
    Subject,
    Window,
    WindowQuerySet,
)
from gonghui.notices.hooks import TaskKind
from gonghui.unions.hooks import Condition
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Person, Union, UnionQuerySet, UnionState

_BELOW = {1: "level2", 2: "level3"}
_DONE = Count("standing__union")
"""By a column of the index ``confirmation_one_standing``, which then has all that is asked: the rows hold each a union's
particulars, and are a thousand bytes long.
"""


def windows_of(union: Union, subject: str = Subject.ORGANISATIONS) -> WindowQuerySet:
    """All windows that reach a grassroots union, the newest first."""
    return Window.objects.filter(subject=subject).reaching(union).order_by("-begins_on", "-pk")


def open_window(union: Union, subject: str = Subject.ORGANISATIONS) -> Window | None:
    """The window in which the union can confirm today. There is at most one (Scope's exclusion constraint)."""
    return windows_of(union, subject).open().first()


def coming(union: Union, subject: str = Subject.ORGANISATIONS) -> Window | None:
    """The next window, when none is open."""
    return windows_of(union, subject).filter(closed_at=None, begins_on__gt=localdate()).last()


def home_of(window: Window) -> str:
    """The page of the inspection that the window is of."""
    return _home_of(window.subject)


def _home_of(subject: str) -> str:
    return reverse("inspections:members" if subject == Subject.MEMBERS else "inspections:home")


def task_of(window: Window, union_id: int | None) -> str:
    """What a notice asks for that wants the union's confirmation (``notices.actions.settle``)."""
    return f"inspection:{window.pk}:{union_id}"


def task_kind(subject: str) -> str:
    return f"inspection.{subject}"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [TaskKind(task_kind(subject), f"{subject.label}待完成", _home_of(subject)) for subject in Subject]


def standing(window: Window, union: Union) -> Confirmation | None:
    """The union's confirmation in the window that counts, if there is one."""
    confirmations = Confirmation.objects.standing().filter(window=window, union=union)
    return confirmations.select_related("confirmed_by").first()


def unconfirmed(union: Union, subject: str = Subject.ORGANISATIONS) -> Window | None:
    """The open window that still waits for the union's confirmation."""
    window = open_window(union, subject) if union.state == UnionState.APPROVED else None
    return window if window and not standing(window, union) else None


def banner_shown() -> Replace:
    """As ``Window.banner_shown``, for a query of windows."""
    day = Func("deadline", Value('FMMM"月"FMDD"日"'), function="to_char", output_field=TextField())
    return Replace("banner", Value(DEADLINE), day)  # type: ignore[arg-type] # any expression will do


def hold(window: Window) -> Window:
    """The window as it is, locked until the transaction ends, so that it is not closed or extended (FOR SHARE: many
    transactions hold it at once).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM inspections_window WHERE id = %s FOR SHARE", [window.pk])
    return Window.objects.get(pk=window.pk)


def due(window: Window, node: Union) -> UnionQuerySet:
    """The unions below ``node`` that have to confirm in the window: approved, and in its scope.

    Of a window that is over: as the tree is now, without those that registered later.
    """
    return Union.objects.below(node).filter(_reached(window), _TAKES_PART)


_TAKES_PART = Q(kind=UnionKind.GRASSROOTS, state=UnionState.APPROVED)


def _reached(window: Window) -> Q:
    """In the window's scope, and there before it was over."""
    level2_ids = window.level2_ids
    reached = Q() if level2_ids is None else Q(level2__in=level2_ids)
    return reached & Q(created_at__date__lte=window.last_day) if window.is_over else reached


def not_done(window: Window, node: Union) -> UnionQuerySet:
    """Those of ``due`` that have not confirmed."""
    confirmed = Confirmation.objects.standing().filter(window=window, union=OuterRef("pk"))
    return due(window, node).filter(~Exists(confirmed))


def unions_by_inspection(unions: UnionQuerySet, standing: str, user: Person) -> UnionQuerySet:
    """For ``unions.hooks.CONDITIONS``: those of ``unions`` that have, or have not, confirmed in the inspection that is
    open, else in the last one of the year; none while the year has had none.
    """
    subject, _, wanted = standing.partition("-")
    chosen, seen = Q(pk__in=[]), Q(pk__in=[])
    for window in _inspections_of_the_year(subject, user):
        confirmed = Exists(Confirmation.objects.standing().filter(window=window, union=OuterRef("pk")))
        chosen |= _reached(window) & ~seen & (Q(confirmed) if wanted == DONE else ~Q(confirmed))
        if window.level2_ids is None:
            break
        seen |= Q(level2__in=window.level2_ids)
    return unions.filter(_TAKES_PART).filter(chosen)


def _inspections_of_the_year(subject: str, user: Person) -> list[Window]:
    """Those that have begun and reach the user's unions: the open ones, then the newest."""
    begun = Window.objects.visible_to(user).filter(subject=subject, begins_on__lte=localdate())
    this_year = begun.filter(Q(year=localdate().year) | Q(pk__in=Window.objects.open())).prefetch_related("scopes")
    return sorted(this_year, key=lambda window: (window.is_open, window.begins_on, window.pk), reverse=True)


def confirmed_by_street(subject: str, day: date) -> Iterator[tuple[int, int, int, int]]:
    """How many unions had to confirm in the inspection of a day's year, and how many had at its end: of each union of
    level 3 its id, its superior's, both numbers. Of several inspections the newest that reaches a district or bureau.

    Which unions there are is as now: of a day that is near.
    """
    begun = Window.objects.filter(subject=subject, year=day.year, begins_on__lte=day).prefetch_related("scopes")
    seen: list[int] = []
    for window in begun.order_by("-begins_on", "-pk"):
        standing = Q(
            confirmations__window=window, confirmations__reopened_at=None, confirmations__confirmed_at__date__lte=day
        )
        rows = (
            Union.objects.filter(_reached(window), _TAKES_PART)
            .exclude(level2__in=seen)
            .annotate(standing=FilteredRelation("confirmations", condition=standing))
        )
        counted = rows.values_list("level3", "level2").annotate(Count("pk"), done=_DONE).order_by()
        yield from ((street, above, total, done) for street, above, total, done in counted)
        if window.level2_ids is None:
            return
        seen += window.level2_ids


DONE = "confirmed"
INSPECTION_OF_UNIONS = Condition(
    "年检",
    {
        f"{subject}-{key}": f"{subject.label}{words}"
        for subject in Subject
        for key, words in ((DONE, "已确认"), ("unconfirmed", "未确认"))
    },
    unions_by_inspection,
)


def done(window: Window, node: Union) -> ConfirmationQuerySet:
    """The standing confirmations of ``due``."""
    return Confirmation.objects.standing().filter(window=window, union__in=due(window, node))


class Completion:
    """How far a node is: for pages, which show ``done``/``total`` and ``rate``."""

    def __init__(self, node: Union, total: int = 0, done: int = 0) -> None:
        self.node, self.total, self.done = node, total, done

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def rate(self) -> str:
        """In per cent with one digit, rounded down: 100 only when all are done."""
        return f"{self.done * 1000 // self.total / 10:.1f}%" if self.total else "-"


def completion(window: Window, node: Union) -> tuple[Completion, list[Completion]]:
    """The node's completion, and that of each superior union right below it that the window reaches (none at level 3).

    One pass over the unions below the node.
    """
    rows = due(window, node).annotate(
        standing=FilteredRelation(
            "confirmations", condition=Q(confirmations__window=window, confirmations__reopened_at=None)
        )
    )
    counted = {"total": Count("pk"), "done": _DONE}
    if node.level == 3:
        return Completion(node, **rows.aggregate(**counted)), []
    key = _BELOW[node.level]
    by_branch = {row.pop(key): row for row in rows.values(key).annotate(**counted)}
    whole = Completion(
        node, sum(row["total"] for row in by_branch.values()), sum(row["done"] for row in by_branch.values())
    )
    return whole, [Completion(branch, **by_branch.get(branch.pk, {})) for branch in _branches(window, node)]


def _branches(window: Window, node: Union) -> QuerySet[Union]:
    unions = Union.objects.superiors().standing().filter(superior=node).order_by("code")
    level2_ids = window.level2_ids
    return unions if node.level == 2 or level2_ids is None else unions.filter(pk__in=level2_ids)


def completions(windows: Iterable[Window], node: Union) -> None:
    """Give each of the windows its ``completion`` at ``node``, by two statements for all of them."""
    windows = list(windows)
    unions = Union.objects.grassroots().filter(state=UnionState.APPROVED).below(node)
    ends = {
        f"w{window.pk}": Count("pk", filter=Q(created_at__date__lte=window.last_day) if window.is_over else None)
        for window in windows
    }
    by_level2 = list(unions.values("level2").annotate(**ends)) if windows else []
    standing = Confirmation.objects.standing().filter(window__in=windows, union__in=unions)
    confirmed = {
        (row["window"], row["union__level2"]): row["count"]
        for row in standing.values("window", "union__level2").annotate(count=Count("union"))
    }
    for window in windows:
        reached = [row for row in by_level2 if window.level2_ids is None or row["level2"] in window.level2_ids]
        total = sum(row[f"w{window.pk}"] for row in reached)
        done = sum(confirmed.get((window.pk, row["level2"]), 0) for row in reached)
        window.completion = Completion(node, total, done)  # type: ignore[attr-defined] # for the page only


def shown_window(node: Union, subject: str = Subject.ORGANISATIONS) -> Window | None:
    """For the front page of a superior: the open window, of several that with the first deadline."""
    windows = Window.objects.filter(subject=subject).open()
    return (windows if node.kind == UnionKind.CITY else windows.reaching(node)).order_by("deadline", "pk").first()


def last_reminded(window: Window, union_ids: Iterable[int]) -> dict[int, date]:
    """The newest day on which each of the unions was reminded."""
    reminders = Reminder.objects.filter(window=window, union__in=list(union_ids))
    return {row["union"]: row["last"] for row in reminders.values("union").annotate(last=Max("day"))}


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: the open inspections that the grassroots union has not confirmed."""
    union = user.union
    if union is None or not union.is_grassroots or union.state != UnionState.APPROVED:
        return
    confirmed = Confirmation.objects.standing().filter(window=OuterRef("pk"), union=union)
    for subject in Subject:
        name = "inspections:members" if subject == Subject.MEMBERS else "inspections:home"
        yield WorkItem(
            label=f"{subject.label}待确认",
            rows=windows_of(union, subject).open().filter(~Exists(confirmed)),
            since=Cast("begins_on", DateTimeField()),
            due=F("deadline"),
            menu=name,
            url=reverse(name),
            unit="次",
            button="核对并确认",
            mine=user.has_role(Role.OFFICER),
            banner=Banner("members:list", banner_shown(), "已完成更新") if subject == Subject.MEMBERS else None,
        )


def open_windows_of(union: Union) -> int:
    """How many windows are open that the union lies in, for ``superiors.hooks.FIGURES``."""
    return Window.objects.reaching(union).open().count()


def own_windows(union: Union, successor: Union | None) -> Iterator[str]:
    """Windows that name the district or bureau, for ``superiors.hooks.unfinished``."""
    count = Window.objects.exclude(pk__in=Window.objects.over().values("pk")).filter(scopes__level2=union).count()
    if count:
        yield f"有 {count} 个年检专门指定了它，还没有截止"
