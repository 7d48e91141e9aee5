"""Parsing of the desk's filters."""

from django import forms
from django.db.models import QuerySet

from gonghui.reviews.kinds import KINDS
from gonghui.reviews.models import Step


def _kinds() -> list[tuple[str, str]]:
    return [("", "全部"), *((kind.code, kind.label) for kind in KINDS.values())]


class DeskFilter(forms.Form):
    """Filters of 「待办审核」; they travel in the address, so "the next one" keeps them."""

    kind = forms.ChoiceField(label="类型", required=False, choices=_kinds)
    q = forms.CharField(label="单位名称", required=False, max_length=100)

    def narrow(self, steps: QuerySet[Step]) -> QuerySet[Step]:
        """``steps`` under the filters that are right; a wrong one counts as empty."""
        self.is_valid()
        if kind := self.cleaned_data.get("kind"):
            steps = steps.filter(review__kind=kind)
        if text := self.cleaned_data.get("q", "").strip():
            steps = steps.filter(review__title__icontains=text)
        return steps
