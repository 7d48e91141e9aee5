"""Annual inspections: which unions have confirmed, in the windows that are open or were."""

import json
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

from django.utils.timezone import localdate

from gonghui.demo_data.city.members import Person
from gonghui.demo_data.city.world import Grassroots, World
from gonghui.inspections.models import Confirmation, MemberList, Subject, Window
from gonghui.kit.documents import mask_mobile, mask_number
from gonghui.kit.sealing import purpose
from gonghui.unions import union_details
from gonghui.unions.models import UnionState

LAST_YEAR = 0.93
"""Of those that were there, so many confirmed last year; of this year's window a district's own share, see `_share`."""


def confirm(world: World, union: Grassroots, people: Sequence[Person], windows: Sequence[Window]) -> None:
    """The union's confirmations, one a window at most."""
    if union.state != UnionState.APPROVED or not union.approved_at:
        return
    chance = world.chance("inspections", union)
    for window in windows:
        first = max(world.clock.days_since(union.approved_at) - 3, 0)
        begun, last = _days_ago(world, window)
        levels = window.level2_ids
        reached = levels is None or union.superior.level2.pk in levels
        share = LAST_YEAR if window.is_over else _share(world, union, window)
        day = min(begun, first) - round((min(begun, first) - last) * chance.random() ** 0.7)
        confirms = chance.random() < share and reached and first > last and not (union.busy and not window.is_over)
        if confirms and (window.subject == Subject.ORGANISATIONS or people):
            _confirm(world, union, people, window, max(day, last))


def _days_ago(world: World, window: Window) -> tuple[int, int]:
    today = world.clock.midnight.date()
    return (today - window.begins_on).days - 1, max((today - window.last_day).days, 1)


def _share(world: World, union: Grassroots, window: Window) -> float:
    """Some districts are ahead of others, and members take longer than particulars."""
    ahead = world.plan.chance(f"ahead {union.superior.level2.code}", 0).uniform(0.35, 0.92)
    return ahead if window.subject == Subject.ORGANISATIONS else ahead * 0.6


def _confirm(world: World, union: Grassroots, people: Sequence[Person], window: Window, days: int) -> None:
    chance = world.chance(f"confirmed {window.subject} {window.year}", union)
    at = world.clock.at(days, chance, since=window.begins_on)
    pk = world.rows.id_on(Confirmation, at)
    of_members = window.subject == Subject.MEMBERS
    here = [one for one in people if one.joined < at]
    data = _figures(here, at.date()) if of_members else _particulars(union, len(here) or union.size)
    world.rows.add(
        Confirmation,
        id=pk,
        window_id=window.pk,
        union_id=union.pk,
        data=data,
        confirmed_by_id=union.officer.pk,
        confirmed_at=at,
    )
    if of_members:
        owner, packed = uuid4(), zlib.compress(json.dumps([_line(one) for one in here], ensure_ascii=False).encode())
        sealed = purpose(MemberList, "rows_sealed").seal_bytes(packed, owner)
        world.rows.add(
            MemberList, id=world.rows.next_id(MemberList), confirmation_id=pk, seal_id=owner, rows_sealed=sealed
        )
    about = (Confirmation, pk, f"{union.name}：{window}")
    world.audit("inspection.confirmed", at + timedelta(seconds=1), union.officer, union.pk, about, window=str(window))


def _particulars(union: Grassroots, members: int) -> dict[str, object]:
    return union_details.pack(union.values, union.row) | {
        "number": union.row.number,
        "superior_path": union_details.superior_path(union.superior.union),
        "member_count": members,
    }


def _figures(people: Sequence[Person], day: date) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for person in people:
        counts.update(("total", person.values.sex, f"document:{person.values.document_type}"))
        counts["card"] += person.has_card
        if person.retained_for and person.standing_on and person.standing_on <= day:
            counts["retained"] += 1
    return dict(counts)


def _line(person: Person) -> list[object]:
    """As ``inspections.members.check.keep_list`` keeps it."""
    values = person.values
    return [
        person.number, values.name, values.sex, mask_number(values.document_number), mask_mobile(values.mobile), values.position,
        person.has_card,
    ]  # fmt: skip


def windows_of_city() -> list[Window]:
    """All windows that have begun, the oldest first."""
    return list(Window.objects.filter(begins_on__lt=localdate()).prefetch_related("scopes").order_by("begins_on"))
