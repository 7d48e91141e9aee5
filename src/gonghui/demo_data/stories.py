"""What became of each union, act by act, through the actions that its people would have used."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import APPROVED_WITH, REGISTERED, RETURNED_FOR, XINJIANGWAN, Story
from gonghui.demo_data.employers import RegisteredRow, employer_of
from gonghui.demo_data.members import bring_in
from gonghui.demo_data.national import national_values
from gonghui.demo_data.people import make_user
from gonghui.filings.amendment.actions import submit_amendment
from gonghui.filings.coverage.actions import Values, cover_employer
from gonghui.filings.dissolution.actions import dissolve_union
from gonghui.filings.filing.actions import save_draft, submit_filing
from gonghui.filings.registration.actions import register_employer
from gonghui.filings.relocation.actions import submit_relocation
from gonghui.kit.invent import invent_person, invent_uscc
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Step
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import RegisteredEmployer, Union
from gonghui.unions.union_details import FIXED

COVERED = 2_600
"""Where the seeds of covered employers begin, in the register beyond those of any story."""

REVIEW_DAYS = 3
LIFE_DAYS = 30
"""How long a union had been approved before something more became of it."""

MORE = ("amending", "relocating", "dissolved")

ROUND_DAYS = 9
"""From one submission to the next, after a return."""


def unfold(number: int, story: Story) -> Iterator[datetime]:
    """Yields the time of each act before it acts: registration, filing, decision, members, dissolution."""
    employer, superior = employer_of(number, story), Union.objects.get(code=story.superior)
    decided = story.days + (LIFE_DAYS if story.end in MORE else 0)
    submitted = decided + (0 if story.end in ("unfiled", "pending") else REVIEW_DAYS)
    earlier = ROUND_DAYS * (story.rounds - 1)
    yield days_ago(submitted + earlier + (0 if story.end == "unfiled" else 5), hour=9)
    officer = make_user(story.email or f"union-{number + 1:02}@demo.test", invent_person(2_000 + number).name)
    register_employer(officer, name=employer.name, registered_id=None)
    officer.refresh_from_db()
    union = Union.objects.get(users=officer)
    entrance = next(name for name, kinds in ENTRANCES.items() if kinds[1] == superior.kind)
    values = _values(number, story, employer, superior)
    if story.end == "draft":
        yield days_ago(story.days, hour=16)
        save_draft(union, entrance=entrance, values=values | {"leader": "", "phone": ""}, by=officer)
    if story.end in ("unfiled", "draft"):
        return
    for past in range(earlier, 0, -ROUND_DAYS):
        yield days_ago(submitted + past, hour=11)
        first = values | {
            "address": values["address"].rstrip("0123456789号"),
            "staff_count": values["staff_count"] + 30,
        }
        submit_filing(union, entrance=entrance, values=first, by=officer)
        yield days_ago(submitted + past - REVIEW_DAYS, hour=14)
        _decide(union, superior, Step.Decision.REFUSED, RETURNED_FOR[1])
    yield days_ago(submitted, hour=10)
    submit_filing(union, entrance=entrance, values=values, by=officer)
    if story.end == "pending":
        return
    yield days_ago(decided, hour=15)
    if story.end == "returned":
        _decide(union, superior, Step.Decision.REFUSED, RETURNED_FOR[number % len(RETURNED_FOR)])
        return
    _decide(union, superior, Step.Decision.APPROVED, APPROVED_WITH[number % len(APPROVED_WITH)])
    if story.members:
        yield days_ago(decided - 1, hour=10)
        bring_in(Union.objects.get(pk=union.pk), story.members, story=number, officer=officer)
    if story.covers:
        yield days_ago(decided - 2, hour=10)
        _cover(Union.objects.get(pk=union.pk), number, story.covers, officer)
    if story.end in MORE:
        yield days_ago(story.days, hour=11)
        _more(story.end, union, values, officer)


def _cover(union: Union, number: int, count: int, officer: User) -> None:
    """Employers of the register; of one the name, of another the head count is not the register's, one is not there."""
    first = COVERED + 100 * number
    known = RegisteredEmployer.objects.filter(code__in=[invent_uscc(seed) for seed in range(first, first + count)])
    for place, one in enumerate(known.order_by("pk")):
        name = one.name.replace("有限公司", "实业有限公司") if place == 1 else one.name
        code = invent_uscc(REGISTERED + first) if place == 2 else one.code
        staff = (one.staff_count or 0) + (7 if place == 3 else 0)
        cover_employer(union, Values(code, name, staff), by=officer)


def _more(end: str, union: Union, values: dict[str, Any], officer: User) -> None:
    """What an approved union's officer did next."""
    if end == "amending":
        changed = {key: value for key, value in values.items() if key not in FIXED}
        changed |= {"staff_count": values["staff_count"] + 12, "leader": invent_person(4_000 + union.pk).name}
        submit_amendment(union, values=changed, by=officer)
    elif end == "relocating":
        target = Union.objects.get(code=XINJIANGWAN)
        submit_relocation(union, way="within", target=target, reason="单位搬迁到新江湾城。", by=officer)
    else:
        number = Union.objects.get(pk=union.pk).number or ""
        dissolve_union(union, way="closed", into=None, reason="单位已注销。", confirmed=number, by=officer)


def _values(number: int, story: Story, employer: RegisteredRow, superior: Union) -> dict[str, Any]:
    """The form 「基层工会资料上报」 as its officer would have filled it in; now and then a re-election is overdue."""
    today, leader = timezone.localdate(), invent_person(3_000 + number)
    values = {
        "employer_name": employer.name,
        "code": employer.code,
        "economic_type": employer.economic_type,
        "superior": superior,
        "address": employer.address,
        "industry": employer.industry,
        "name": f"{employer.name}工会",
        "founded_on": today - timedelta(days=1_000 + 97 * number),
        "grassroots_type": "joint" if story.covers or number % 11 == 7 else "single",
        "reelection_on": today + timedelta(days=-40 if number % 13 == 12 else 200 + 31 * number),
        "leader": leader.name,
        "phone": leader.mobile,
        "staff_count": employer.staff_count,
        "merged": number % 17 == 5,
    }
    return values | national_values(number, values)


def _decide(union: Union, superior: Union, decision: str, opinion: str) -> None:
    reviewer = User.objects.filter(union=superior, roles__contains=[Role.REVIEWER]).order_by("pk")[0]
    review = union.reviews.get(closed_at=None)
    decide(review, decision=decision, opinion=opinion, by=reviewer)
