"""Parsing of the desk's filters, and of a leave cover."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.timezone import make_aware

from gonghui.accounts.models import Role, User
from gonghui.accounts.queries import colleagues
from gonghui.kit.forms import ListFilter, date_input
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Step
from gonghui.reviews.queries import late_since, past_deciders
from gonghui.unions.models import Union


def _kinds() -> list[tuple[str, str]]:
    return [("", "全部"), *((kind.code, kind.label) for kind in KINDS.values())]


class DeskFilter(ListFilter):
    """Filters of the pending list; they are in the address, so that the next review keeps them."""

    kind = forms.ChoiceField(label="类型", required=False, choices=_kinds)
    q = forms.CharField(label="单位或事项", required=False, max_length=100)
    late = forms.BooleanField(label="等待 5 天以上", required=False)
    no_doubts = forms.BooleanField(label="核查无疑点", required=False)

    @property
    def query(self) -> str:
        """Returns the filters as received, for an address, with the page size but without the page number."""
        return self.query_with()

    def query_with(self, **changes: str) -> str:
        """Returns ``query`` with other values; an empty value drops the filter."""
        values = {name: self.data.get(name, "") for name in (*self.fields, "size")} | changes
        return urlencode([(name, text) for name, text in values.items() if text])

    @property
    def narrows(self) -> bool:
        """Whether any filter is set."""
        return any(self.data.get(name) for name in self.fields if name != "tab")

    def named(self, steps: QuerySet[Step]) -> QuerySet[Step]:
        """Returns ``steps`` filtered by name only; none while the name is invalid."""
        if not self.is_valid() and "q" in self.errors:
            return steps.none()
        text = self.cleaned_data["q"]
        matches = Q(review__title__icontains=text) | Q(review__union__name__icontains=text)
        return steps.filter(matches) if text else steps

    def narrowed(self, steps: QuerySet[Step], values: Mapping[str, Any]) -> QuerySet[Step]:
        steps = self.named(steps)
        if values["kind"]:
            steps = steps.filter(review__kind=values["kind"])
        if values.get("late"):
            steps = steps.filter(review__submitted_at__lte=late_since())
        if values.get("no_doubts"):
            steps = steps.filter(review__doubts=0)
        return steps


class DoneFilter(DeskFilter):
    """Filters of 「已审核」: decision, reviewer, dates."""

    late = no_doubts = None  # type: ignore[assignment] # of what is decided
    tab = forms.CharField(required=False, widget=forms.HiddenInput)
    decision = forms.ChoiceField(label="审批结果", required=False, choices=[("", "全部"), *Step.Decision.choices])
    reviewer = forms.ModelChoiceField(label="审批人", required=False, queryset=User.objects.none(), empty_label="全部")
    since = forms.DateField(label="从", required=False, widget=date_input())
    until = forms.DateField(label="到", required=False, widget=date_input())

    def __init__(self, *args: Any, union: Union, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["reviewer"]).queryset = past_deciders(union).order_by("name", "pk")

    def narrowed(self, steps: QuerySet[Step], values: Mapping[str, Any]) -> QuerySet[Step]:
        steps = super().narrowed(steps, values)
        if values["decision"]:
            steps = steps.filter(decision=values["decision"])
        if values["reviewer"]:
            steps = steps.filter(reviewer=values["reviewer"])
        if values["since"]:
            steps = steps.filter(decided_at__gte=make_aware(datetime.combine(values["since"], time())))
        if values["until"]:
            steps = steps.filter(decided_at__lte=make_aware(datetime.combine(values["until"], time.max)))
        return steps


def filters_of(query: QueryDict, union: Union) -> DeskFilter:
    """Returns the filters of the requested tab."""
    return DoneFilter(query, union=union) if query.get("tab") == "done" else DeskFilter(query)


class CoverForm(forms.Form):
    """The absent reviewer, the cover, and the dates."""

    absent = forms.ModelChoiceField(label="请假人", queryset=User.objects.none(), empty_label=None)
    cover = forms.ModelChoiceField(label="代办人", queryset=User.objects.none(), empty_label="请选择")
    starts_on = forms.DateField(label="开始日期", widget=date_input())
    ends_on = forms.DateField(label="结束日期", widget=date_input(), help_text="含当天，最长 90 天，到期自动结束。")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reviewers = User.objects.filter(union=by.union, is_active=True, roles__contains=[Role.REVIEWER])
        absent = cast(forms.ModelChoiceField, self.fields["absent"])
        absent.queryset = reviewers.order_by("name", "pk") if by.has_role(Role.ADMIN) else reviewers.filter(pk=by.pk)
        absent.initial = by.pk
        cover = cast(forms.ModelChoiceField, self.fields["cover"])
        cover.queryset = User.objects.filter(union=by.union, is_active=True).order_by("name", "pk")
        if not by.has_role(Role.ADMIN):
            cover.queryset = colleagues(by)
