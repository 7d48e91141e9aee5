"""Who may come (SPEC 6.2): all rules of a programme for many members at once, and how many could."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.timezone import localdate

from gonghui.bookings.codes import Category, RuleKind, Stated
from gonghui.bookings.eligibility.kinds import KINDS, Asked, RuleSpec
from gonghui.bookings.models import EligibilityRule, LedgerEntry, Programme, Share
from gonghui.members.models import Member, Membership
from gonghui.unions.models import Union

COLUMNS = (
    "pk", "has_card", "since", "level2", "born_on", "sex", "honour_level", "migrant_worker", "new_employment",
    "last_year", "barred_until",
)  # fmt: skip

BARRED = "没有因未到被暂停报名"


@dataclass(frozen=True)
class Line:
    """One rule's answer for one member: the rule in words, ✓ or ✗, and what the member has."""

    said: str
    met: bool
    value: str
    statable: bool = False
    """Whether no column of the register decides, but what the officer states in the booking."""


@dataclass(frozen=True)
class Answer:
    """All rules' answers for one member."""

    lines: Sequence[Line]

    @property
    def met(self) -> bool:
        return all(line.met for line in self.lines)

    @property
    def possible(self) -> bool:
        """Whether all rules are met but those that the officer may state."""
        return all(line.met or line.statable for line in self.lines)

    @property
    def why(self) -> str:
        """The rules that are not met, with the values."""
        return "、".join(f"不符合「{line.said}」（{line.value}）" for line in self.lines if not line.met)


@dataclass(frozen=True)
class Survey:
    """How many of the publisher's members could come, and how many meet each rule; None: cannot be counted."""

    members: int
    eligible: int
    lines: Sequence[tuple[str, int | None]]

    @property
    def by_nobody(self) -> list[str]:
        """Rules that nobody meets."""
        return [said for said, count in self.lines if count == 0]

    @property
    def by_everybody(self) -> list[str]:
        """Rules that everybody meets."""
        return [said for said, count in self.lines if self.members and count == self.members]


def answers(
    programme: Programme, ids: Collection[int], stated: Mapping[int, Sequence[str]] | None = None
) -> dict[int, Answer]:
    """Each of these members' answers, in three statements at most, however many they are."""
    rules = list(programme.rules.all())
    asked = asked_of(programme, rules, stated or {})
    rows = with_facts(Member.objects.filter(pk__in=ids), programme.kind).annotate(
        **{f"met_{number}": _met(rule, asked) for number, rule in enumerate(rules)}
    )
    facts = rows.values(*COLUMNS, *(f"met_{number}" for number in range(len(rules))))
    return {row["pk"]: _answer(row, rules, asked) for row in facts}


def asked_of(programme: Programme, rules: Sequence[EligibilityRule], stated: Mapping[int, Sequence[str]]) -> Asked:
    """What the rules are asked for; the names of the districts and bureaus that they name cost a statement."""
    by_fact: dict[str, list[int]] = {}
    for pk, facts in stated.items():
        for fact in facts:
            by_fact.setdefault(fact, []).append(pk)
    named = {pk for rule in rules for pk in rule.parameters.get("unions", [])}
    unions = {one.pk: one.short_name for one in Union.objects.filter(pk__in=named)} if named else {}
    today = localdate()
    return Asked(programme.kind, (programme.begins_on or today).year, today, by_fact, unions)


def rules_said(programme: Programme) -> list[str]:
    """The rules in words, as a programme's page shows them."""
    rules = list(programme.rules.all())
    asked = asked_of(programme, rules, {})
    return [_spec(rule).said(rule.parameters, asked) for rule in rules]


def survey(programme: Programme) -> Survey:
    """Counts the publisher's members who could come, by one statement over all of them (a job's work)."""
    rules = list(programme.rules.all())
    asked = asked_of(programme, rules, {})
    countable = {f"met_{number}": rule for number, rule in enumerate(rules) if _spec(rule).countable}
    members = with_facts(below(programme.publisher), programme.kind).annotate(
        **{name: _met(rule, asked) for name, rule in countable.items()}
    )
    all_met = Q(barred_until=None) | Q(barred_until__lt=asked.today)
    counts = members.aggregate(
        members=Count("pk"),
        eligible=Count("pk", filter=all_met & Q(**dict.fromkeys(countable, True))),
        **{f"of_{name}": Count("pk", filter=Q(**{name: True})) for name in countable},
    )
    lines = [
        (_spec(rule).said(rule.parameters, asked), counts.get(f"of_met_{number}")) for number, rule in enumerate(rules)
    ]
    return Survey(counts["members"], counts["eligible"], lines)


def may_be_stated(programme: Programme) -> list[tuple[str, str]]:
    """What the officer may state, code and label: where a rule, an exception or a category of places asks for it."""
    rules = list(programme.rules.all())
    kept_for = {share.category for share in Share.objects.filter(session__programme=programme).exclude(category="")}
    asked = {
        Stated.FRONT_LINE: RuleKind.FRONT_LINE in {rule.kind for rule in rules} or Category.FRONT_LINE in kept_for,
        Stated.BLOOD_DONOR: any(rule.parameters.get("unless") for rule in rules),
    }
    return [(fact.value, fact.label) for fact in Stated if asked[fact]]


def eligible(programme: Programme, members: QuerySet[Member]) -> Any:
    """Those of the members who meet every rule that columns decide, with the facts of `with_facts`."""
    rules = list(programme.rules.all())
    asked = asked_of(programme, rules, {})
    rows = with_facts(members, programme.kind).filter(Q(barred_until=None) | Q(barred_until__lt=asked.today))
    for rule in rules:
        if _spec(rule).countable:
            rows = rows.filter(_spec(rule).condition(rule.parameters, asked))
    return rows


def below(union: Union) -> QuerySet[Member]:
    """The members of all unions below one."""
    if union.level == 1:
        return Member.objects.filter(union__isnull=False)
    return Member.objects.filter(union__level2=union)


def with_facts(members: QuerySet[Member], kind: str) -> Any:
    """Each member with ``since`` (in the union), ``level2``, and of the ledger ``last_year`` and ``barred_until``."""
    ledger = LedgerEntry.objects.filter(member=OuterRef("pk"), kind=kind).order_by().values("member")
    return members.annotate(
        since=Subquery(Membership.objects.filter(member=OuterRef("pk"), ended_on=None).values("began_on")[:1]),
        level2=F("union__level2__name"),
        last_year=Subquery(ledger.filter(counts=True).annotate(last=Max("year")).values("last")),
        barred_until=Subquery(ledger.annotate(last=Max("barred_until")).values("last")),
    )


def _spec(rule: EligibilityRule) -> RuleSpec:
    return KINDS[RuleKind(rule.kind)]


def _met(rule: EligibilityRule, asked: Asked) -> Case:
    condition = _spec(rule).condition(rule.parameters, asked)
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _answer(row: Mapping[str, Any], rules: Sequence[EligibilityRule], asked: Asked) -> Answer:
    lines = [
        Line(
            _spec(rule).said(rule.parameters, asked),
            row[f"met_{number}"],
            _spec(rule).value(row, rule.parameters, asked),
            statable=not _spec(rule).countable or bool(rule.parameters.get("unless")),
        )
        for number, rule in enumerate(rules)
    ]
    barred: date | None = row["barred_until"]
    if barred and barred >= asked.today:
        lines.append(Line(BARRED, False, f"暂停至 {barred}"))
    return Answer(lines)
