"""The filters of 「未建会名单」, and what is ticked in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q

from gonghui.accounts.models import User
from gonghui.codelists.queries import labels
from gonghui.kit.documents import Invalid, check_unit_code
from gonghui.kit.forms import ListFilter
from gonghui.kit.names import unit_key
from gonghui.registers.models import EmployerMark, Mark
from gonghui.unions.codes import Industry
from gonghui.unions.keys import subject_code
from gonghui.unions.models import RegisteredEmployer, RegisteredEmployerQuerySet
from gonghui.unions.queries import holding, superiors_below

SIZES: Mapping[str, tuple[str, Q]] = {
    "25": ("25 人及以上", Q(staff_count__gte=25)),
    "1000-": ("1000 人及以上", Q(staff_count__gte=1000)),
    "300-999": ("300 至 999 人", Q(staff_count__range=(300, 999))),
    "100-299": ("100 至 299 人", Q(staff_count__range=(100, 299))),
    "25-99": ("25 至 99 人", Q(staff_count__range=(25, 99))),
    "1-24": ("24 人及以下", Q(staff_count__lt=25)),
    "unknown": ("人数不明", Q(staff_count=None)),
}
UNKNOWN, UNMARKED = "unknown", "none"


class UnorganisedFilter(ListFilter):
    """By place, size, industry, mark, and a part of the name or a whole code. Who has nothing below has no choice of place."""

    q = forms.CharField(label="单位名称或代码", required=False, max_length=100)
    superior = forms.ChoiceField(
        label="所在街镇",
        required=False,
        widget=forms.Select(attrs={"data-search": True}),
        error_messages={"invalid_choice": "所选的街镇不在您的管辖范围内，或已经不存在。"},
    )
    staff = forms.ChoiceField(
        label="职工人数",
        required=False,
        choices=[("", "全部"), *((key, label) for key, (label, _) in SIZES.items())],
    )
    industry = forms.ChoiceField(
        label="行业", required=False, choices=lambda: [("", "全部"), *labels(Industry).items(), (UNKNOWN, "未填写")]
    )
    mark = forms.ChoiceField(label="标记", required=False, choices=[("", "全部"), (UNMARKED, "未标记"), *Mark.choices])

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.superiors = {str(union.pk): union for union in superiors_below(user)}
        if not self.superiors:
            del self.fields["superior"]
            return
        paths = [("", "全部"), *((pk, union.path) for pk, union in self.superiors.items())]
        if user.union and user.union.level == 1:  # where the place is not known, it is the city's
            paths.append((UNKNOWN, "街镇不明"))
        cast(forms.ChoiceField, self.fields["superior"]).choices = paths

    @property
    def employers(self) -> RegisteredEmployerQuerySet:
        """Those that are shown and exported."""
        return self.narrow(RegisteredEmployer.objects.visible_to(self.user).without_union())

    def searched(self) -> Iterator[tuple[str, str]]:
        """Label and words of each active filter."""
        for name, value in self.cleaned_data.items():
            if value:
                choices = dict(getattr(self.fields[name], "choices", ()))
                yield str(self.fields[name].label), str(choices.get(value, value))

    def narrowed(self, rows: RegisteredEmployerQuerySet, values: Mapping[str, Any]) -> RegisteredEmployerQuerySet:
        if place := values.get("superior"):
            rows = rows.filter(street=None) if place == UNKNOWN else rows.below(self.superiors[place])
        if size := values["staff"]:
            rows = rows.filter(SIZES[size][1])
        if industry := values["industry"]:
            rows = rows.filter(industry="" if industry == UNKNOWN else industry)
        if kind := values["mark"]:
            marked = EmployerMark.objects.filter(employer=OuterRef("pk"))
            rows = rows.filter(~Exists(marked)) if kind == UNMARKED else rows.filter(mark__kind=kind)
        return _named(rows, values["q"]) if values["q"] else rows


def _named(rows: RegisteredEmployerQuerySet, text: str) -> RegisteredEmployerQuerySet:
    try:
        code = check_unit_code(text)
    except Invalid:
        return holding(rows, unit_key(text))
    return rows.filter(code__in={code, subject_code(code)})


_TICK = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)


def ticked(texts: Iterable[str]) -> dict[int, int]:
    """The ids that were ticked, each with the version of the mark that was shown: one per field, or several by commas."""
    found = (_TICK.fullmatch(part) for text in texts for part in text.split(","))
    return {int(one[1]): int(one[2]) for one in found if one}
