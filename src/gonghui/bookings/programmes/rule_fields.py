"""The rules of a programme in its form: a box for each kind, and the fields of its parameters."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms

from gonghui.bookings.codes import RuleKind
from gonghui.bookings.eligibility.kinds import KINDS
from gonghui.codelists.queries import offered
from gonghui.kit.errors import Refused
from gonghui.members.codes import Sex
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


class _Level2s(forms.ModelMultipleChoiceField):
    """Districts and bureaus as boxes, by what people call them; their ids."""

    def __init__(self) -> None:
        rows = Union.objects.filter(kind__in=[UnionKind.DISTRICT, UnionKind.BUREAU]).standing().order_by("kind", "code")
        super().__init__(rows, label="区和产业局", required=False, widget=forms.CheckboxSelectMultiple)

    def label_from_instance(self, obj: Any) -> str:
        return obj.short_name

    def clean(self, value: Any) -> list[int]:  # type: ignore[override] # ids, as a rule keeps them
        return [union.pk for union in super().clean(value)]


def _sexes() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="性别", required=False, choices=partial(offered, Sex), widget=forms.CheckboxSelectMultiple
    )


def _number(label: str, least: int, most: int, initial: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        initial=initial,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def _donors() -> forms.BooleanField:
    return forms.BooleanField(label="献血者除外（由经办人注明）", required=False)


@dataclass(frozen=True)
class RuleFields:
    """How the parameters of a kind are asked for. What they must be is said by `eligibility.kinds`."""

    kind: RuleKind
    asks: Mapping[str, Callable[[], forms.Field]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [f"{self.kind}_{parameter}" for parameter in self.asks]

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that were given."""
        found = {parameter: values.get(f"{self.kind}_{parameter}") for parameter in self.asks}
        return {parameter: value for parameter, value in found.items() if value not in (None, "", [], False)}

    def initial(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {f"{self.kind}_{parameter}": value for parameter, value in parameters.items()}

    def problem(self, values: Mapping[str, Any]) -> tuple[str, str] | None:
        """The field and the sentence of what is wrong in a rule that is ticked."""
        try:
            KINDS[self.kind].clean(self.parameters(values))
        except Refused as refused:
            name = f"{self.kind}_{refused.field}" if refused.field in self.asks else f"rule_{self.kind}"
            return name, refused.sentence
        return None


RULES: dict[str, RuleFields] = {
    rule.kind: rule
    for rule in (
        RuleFields(RuleKind.CARD),
        RuleFields(RuleKind.MEMBER_MONTHS, {"months": lambda: _number("满几个月", 1, 600)}),
        RuleFields(RuleKind.LEVEL2S, {"unions": _Level2s}),
        RuleFields(
            RuleKind.AGE,
            {"low": lambda: _number("最小年龄（周岁）", 16, 100), "high": lambda: _number("最大年龄（周岁）", 16, 100)},
        ),
        RuleFields(RuleKind.SEX, {"sexes": _sexes}),
        RuleFields(RuleKind.MODEL_WORKER),
        RuleFields(RuleKind.FRONT_LINE),
        RuleFields(RuleKind.MIGRANT_WORKER),
        RuleFields(RuleKind.NEW_EMPLOYMENT),
        RuleFields(
            RuleKind.NEAR_RETIREMENT,
            {
                "years": lambda: _number("距退休几年以内", 1, 15),
                "male": lambda: _number("男性退休年龄", 50, 70, 60),
                "female": lambda: _number("女性退休年龄", 45, 70, 55),
            },
        ),
        RuleFields(RuleKind.NOT_WITHIN_YEARS, {"years": lambda: _number("几年内", 1, 50), "unless": _donors}),
        RuleFields(
            RuleKind.NOT_IN_CYCLE,
            {
                "first": lambda: _number("周期开始年度", 1990, 2100),
                "last": lambda: _number("周期结束年度", 1990, 2100),
                "unless": _donors,
            },
        ),
    )
}


def rule_fields() -> Iterator[tuple[str, forms.Field]]:
    """All fields by name, made anew for each form."""
    for rule in RULES.values():
        yield f"rule_{rule.kind}", forms.BooleanField(label=rule.kind.label, required=False)
        for parameter, make in rule.asks.items():
            yield f"{rule.kind}_{parameter}", make()
