"""Figures counted member by member and day by day, in the plainest way: what the statement's are compared with."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import localdate

from gonghui.members.models import Member, Membership
from gonghui.statistics.dimensions import AGES, SIZES
from gonghui.unions.models import Employer, Union

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
Key = tuple[int, int | None, str, str]
"""Node, what it stands under, dimension, value."""


class Versions:
    """Every row of a model as it was at the end of any day."""

    def __init__(self, model: Any, key: str = "pk") -> None:
        self.now = {getattr(row, key): row for row in model.objects.all()}
        self.earlier = defaultdict(list)
        own = {row.pk: getattr(row, key) for row in self.now.values()}
        for event in model.events.rel.related_model.objects.order_by("pgh_id"):
            self.earlier[own.get(event.pgh_obj_id)].append(event)

    def at(self, pk: int, day: date) -> Any:
        end = datetime.combine(day + DAY, time(), ZONE)
        return next((event for event in self.earlier[pk] if event.pgh_created_at >= end), self.now[pk])


class Brute:
    def __init__(self) -> None:
        self.last = localdate()
        self.members, self.unions = Versions(Member), Versions(Union)
        self.employers = Versions(Employer, "union_id")
        self.stays: dict[int, list[Membership]] = defaultdict(list)
        for stay in Membership.objects.order_by("pk"):
            self.stays[stay.member_id].append(stay)

    def count(self, opening: date, day: date) -> dict[Key, Counter[str]]:
        """What happened after one day's end and until another's, by node, superior, dimension and value."""
        figures: dict[Key, Counter[str]] = defaultdict(Counter)
        for member, stays in self.stays.items():
            for before, stay, after in zip([None, *stays], stays, [*stays[1:], None], strict=False):
                for name, on, reason in self.happenings(stay, before, after):
                    if on == {"opening": opening, "closing_members": day}.get(name, on):
                        self.add(figures, member, stay, (name, on, reason), opening, day)
            self.reclassify(figures, member, stays, opening, day)
        for union in Union.objects.filter(kind="grassroots"):
            then = self.unions.at(union.pk, day)
            if then.state == "approved" and union.created_at.astimezone(ZONE).date() <= day:
                for key in self.keys(None, union.pk, day):
                    figures[key].update(unions=1, staff=then.staff_count or 0)
        return {key: counter for key, counter in figures.items() if any(counter.values())}

    def add(
        self, figures: Any, member: int, stay: Membership, happened: tuple[str, date, str], opening: date, day: date
    ) -> None:
        name, on, reason = happened
        stock = name in ("opening", "closing_members")
        if not stock and not opening < on <= day:
            return
        seen = max(stay.began_on, on - DAY) if name in ("departed", "moved_out") else on
        for key in self.keys(member, stay.union_id, seen, reason):
            figures[key][name] += 1
            if name == "closing_members":
                figures[key].update(self.parts(member, on))

    def happenings(
        self, stay: Membership, before: Membership | None, after: Membership | None
    ) -> Iterator[tuple[str, date, str]]:
        """Each day of a membership, and what moves the member on it."""
        if stay.union_id is None:
            return
        was_in = before is not None and before.union_id is not None
        yield ("moved_in" if was_in else "joined"), stay.began_on, stay.began_by
        if stay.ended_on:
            will_be_in = after is not None and after.union_id is not None
            yield ("moved_out" if will_be_in else "departed"), stay.ended_on, str(stay.ended_by)
        last = (stay.ended_on or self.last) - DAY
        on = stay.began_on
        while on <= last:
            yield "opening", on, ""
            yield "closing_members", on, ""
            if on > stay.began_on and self.place(stay.union_id, on) != self.place(stay.union_id, on - DAY):
                yield "moved_out", on, "relocated"
                yield "moved_in", on, "relocated"
            on += DAY

    def reclassify(self, figures: Any, member: int, stays: list[Membership], opening: date, day: date) -> None:
        """Whoever stays where he or she is, but counts otherwise than the day before."""
        for stay in stays:
            on = max(stay.began_on, opening) + DAY
            while stay.union_id and on <= day and (stay.ended_on is None or on < stay.ended_on):
                old, new = self.keys(member, stay.union_id, on - DAY), self.keys(member, stay.union_id, on)
                if self.place(stay.union_id, on) == self.place(stay.union_id, on - DAY):
                    for key in new:
                        figures[key]["reclassified"] += 1
                    for key in old:
                        figures[key]["reclassified"] -= 1
                on += DAY

    def place(self, union: int, day: date) -> tuple[int, int]:
        then = self.unions.at(union, day)
        return then.level3_id, then.level2_id

    def keys(self, member: int | None, union: int, day: date, reason: str = "") -> list[Key]:
        level3, level2 = self.place(union, day)
        city = self.unions.now[level2].superior_id
        values = [("", ""), *self.values(member, union, day).items()]
        if reason:
            values.append(("reason", reason))
        above = [(level3, level2), (level2, city), (city, None)]
        return [(union, level3, "", ""), *((*place, *value) for place in above for value in values)]

    def values(self, member: int | None, union: int, day: date) -> dict[str, str]:
        home, employer = self.unions.at(union, day), self.employers.at(union, day)
        values = {
            "industry": employer.industry,
            "employer_kind": employer.employer_kind,
            "economic_type": employer.economic_type,
            "union_type": home.grassroots_type,
            "size": SIZES.of(home.staff_count),
        }
        if member:
            person = self.members.at(member, day)
            age = day.year - person.born_on.year - ((day.month, day.day) < (person.born_on.month, person.born_on.day))
            own = {"sex": person.sex, "education": person.education, "household": person.household}
            values |= {**own, "age": AGES.of(age)}
        return values

    def parts(self, member: int, day: date) -> Counter[str]:
        person = self.members.at(member, day)
        return Counter(
            women=person.sex == "female",
            migrants=person.migrant_worker == "yes",
            new_employment=person.new_employment not in ("", "none"),
            retained=person.standing == "retained",
            cards=person.has_card,
        )
