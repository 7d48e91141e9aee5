"""Parsing of the audit search."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.timezone import make_aware

from gonghui.audit.models import EntryQuerySet
from gonghui.audit.subjects import concerning
from gonghui.audit.verbs import VERBS
from gonghui.kit.forms import EmailInput, ListFilter


def _date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _verbs() -> list[tuple[str, str]]:
    return [("", "全部"), *sorted(VERBS.items(), key=lambda item: item[1])]


class EntryFilter(ListFilter):
    """Filters of 「审计查询」: all by indexed columns."""

    verb = forms.ChoiceField(label="操作", required=False, choices=_verbs)
    actor = forms.EmailField(label="操作人邮箱", required=False, widget=EmailInput)
    member = forms.CharField(
        label="涉及会员", required=False, max_length=10, widget=forms.TextInput(attrs={"placeholder": "会员编号"})
    )
    since = forms.DateField(label="从", required=False, widget=_date_input())
    until = forms.DateField(label="到", required=False, widget=_date_input())

    def narrowed(self, entries: EntryQuerySet, values: Mapping[str, Any]) -> EntryQuerySet:
        if values["verb"]:
            entries = entries.filter(verb=values["verb"])
        if values["actor"]:
            # The person first, then the entries: in one statement the planner cannot know how few of them there are.
            person = get_user_model().objects.filter(email=values["actor"]).first()
            entries = entries.filter(actor=person) if person else entries.none()
        if values["member"]:
            entries = entries.filter(concerning(values["member"]))
        if values["since"]:
            entries = entries.filter(at__gte=make_aware(datetime.combine(values["since"], time())))
        if values["until"]:
            entries = entries.filter(at__lte=make_aware(datetime.combine(values["until"], time.max)))
        return entries
