"""Which columns are collected, on which day (SPEC 2.7, 3.10)."""

from datetime import date

from django.db.models import QuerySet
from django.utils.timezone import localdate

from gonghui.policies.models import ColumnPolicy, ColumnPolicyState, Requirement


def confirmed(subject: str, on: date | None = None) -> ColumnPolicy | None:
    """Returns the policy that is in force on a day (default: today); None if nothing was ever asked for."""
    rows = ColumnPolicy.objects.filter(subject=subject, state=ColumnPolicyState.CONFIRMED)
    return rows.filter(valid_from__lte=on or localdate()).order_by("-valid_from", "-pk").first()


def preceding(policy: ColumnPolicy) -> dict[str, str]:
    """Returns the requirements that hold before a policy, drafted or confirmed, takes effect."""
    rows = ColumnPolicy.objects.filter(subject=policy.subject, state=ColumnPolicyState.CONFIRMED)
    rows = rows.filter(valid_from__lte=policy.valid_from).exclude(pk=policy.pk)
    if policy.confirmed_at:  # two of one day: the later one holds
        rows = rows.exclude(valid_from=policy.valid_from, pk__gt=policy.pk)
    before = rows.order_by("-valid_from", "-pk").first()
    return before.requirements if before else {}


def requirements(subject: str, on: date | None = None) -> dict[str, Requirement]:
    """Returns the collected columns of a subject, each OPTIONAL or REQUIRED, by one statement."""
    policy = confirmed(subject, on)
    return {name: Requirement(value) for name, value in policy.requirements.items()} if policy else {}


def coming(subject: str) -> list[ColumnPolicy]:
    """Returns the confirmed policies whose first day has not come, the next one first."""
    rows = ColumnPolicy.objects.filter(subject=subject, state=ColumnPolicyState.CONFIRMED)
    return list(rows.filter(valid_from__gt=localdate()).order_by("valid_from", "pk").select_related("confirmed_by"))


def drafts_of(subject: str) -> QuerySet[ColumnPolicy]:
    """Returns the one that is being prepared, or none."""
    states = (ColumnPolicyState.COUNTING, ColumnPolicyState.DRAFT)
    return ColumnPolicy.objects.filter(subject=subject, state__in=states).select_related("drafted_by")
