"""The filter of the audit search."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.timezone import make_aware

from gonghui.audit.hooks import VERBS, unions_meant
from gonghui.audit.models import EntryQuerySet
from gonghui.audit.queries import concerning
from gonghui.kit.forms import ListFilter, date_input
from gonghui.kit.names import clean_email

MAX_UNIONS = 50
"""Maximum number of unions or accounts that one search may match; above it the user must enter more."""


def _verbs() -> list[tuple[str, str]]:
    return [("", "全部"), *sorted(VERBS.items(), key=lambda item: item[1])]


def _text(label: str, length: int, placeholder: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=length,
        widget=forms.TextInput(attrs={"placeholder": placeholder, "autocomplete": "off"}),
    )


class EntryFilter(ListFilter):
    """Filters of 「审计查询」, all by indexed columns. A first query finds the unions and accounts, a second one their
    entries: in one statement the planner cannot estimate how few they are.
    """

    verb = forms.ChoiceField(label="操作", required=False, choices=_verbs)
    union = _text("工会", 100, "工会名称或编号")
    actor = _text("操作人", 254, "姓名或邮箱")
    member = _text("涉及会员", 10, "会员编号")
    since = forms.DateField(label="从", required=False, widget=date_input())
    until = forms.DateField(label="到", required=False, widget=date_input())

    def clean_union(self) -> list[int]:
        """Returns the ids of the matching unions."""
        text = self.cleaned_data["union"]
        ids = unions_meant(text) if text else []
        if text and not ids:
            raise forms.ValidationError("没有找到这家工会。请填写工会名称中连续的几个字，或填写工会编号。")
        if len(ids) > MAX_UNIONS:
            raise forms.ValidationError(f"名称中有这几个字的工会超过 {MAX_UNIONS} 家，请填写得更完整，或填写工会编号。")
        return ids

    def clean_actor(self) -> list[int]:
        """Returns the ids of the matching accounts."""
        text = self.cleaned_data["actor"]
        accounts = get_user_model().objects.filter(Q(email=clean_email(text)) | Q(name=text)).order_by("pk")
        ids = list(accounts.values_list("pk", flat=True)[: MAX_UNIONS + 1]) if text else []
        if text and not ids:
            raise forms.ValidationError("没有找到这个人。请填写账号的完整姓名或完整邮箱。")
        if len(ids) > MAX_UNIONS:
            raise forms.ValidationError(f"叫这个姓名的账号超过 {MAX_UNIONS} 个，请填写邮箱。")
        return ids

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.add_error("until", "结束日期不能早于开始日期。")
        return values

    def narrowed(self, entries: EntryQuerySet, values: Mapping[str, Any]) -> EntryQuerySet:
        conditions: dict[str, Callable[[Any], Q]] = {
            "verb": lambda verb: Q(verb=verb),
            "union": lambda ids: _one_or_more("union_id", ids),
            "actor": lambda ids: _one_or_more("actor", ids),
            "member": concerning,
            "since": lambda day: Q(at__gte=make_aware(datetime.combine(day, time()))),
            "until": lambda day: Q(at__lte=make_aware(datetime.combine(day, time.max))),
        }
        return entries.filter(*(condition(values[name]) for name, condition in conditions.items() if values[name]))


def _one_or_more(column: str, ids: list[int]) -> Q:
    return Q(**{column: ids[0]}) if len(ids) == 1 else Q(**{f"{column}__in": ids})
