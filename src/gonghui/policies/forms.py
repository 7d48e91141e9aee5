"""The form of a union's rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from gonghui.policies.fields import CARDS, Number, PolicyField
from gonghui.policies.queries import PRESET, Standing


class PolicyForm(forms.Form):
    """A field for each rule that the union may set; ``standings`` are all of them. Empty: as above.

    Only the kind of a value is checked here: what may be set is decided by the one action.
    """

    def __init__(self, standings: Mapping[str, Standing], data: Mapping[str, Any] | None, *, is_city: bool) -> None:
        super().__init__(data, initial={name: _shown(standing.own) for name, standing in standings.items()})
        self.standings = standings
        for name, standing in standings.items():
            if (is_city or standing.field.below) and not standing.is_demanded:
                self.fields[name] = _field(standing)

    @property
    def sent(self) -> dict[str, Any]:
        """The values of the fields that were sent; what was not is left as it is."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}

    @property
    def cards(self) -> Iterator[tuple[str, Sequence[BoundField], Sequence[Standing]]]:
        """Each card's title, its fields, and what is decided elsewhere."""
        for card, inside in by_card(self.standings.values()):
            own = [self[standing.field.name] for standing in inside if standing.field.name in self.fields]
            yield card, own, [standing for standing in inside if standing.field.name not in self.fields]


def by_card(standings: Iterable[Standing]) -> Iterator[tuple[str, Sequence[Standing]]]:
    for card in CARDS:
        yield card, [standing for standing in standings if standing.field.card == card]


def _shown(value: Any) -> Any:
    """A value as its field has it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _field(standing: Standing) -> forms.Field:
    field, above = standing.field, f"{standing.above_name}：{standing.above_text}"
    if isinstance(field, Number):
        most = field.highest if standing.above_name == PRESET else min(field.highest, standing.above)
        hint = f"{field.help}{field.lowest} 至 {most:,} {field.unit}，不填的按{above}。"
        return forms.IntegerField(
            label=f"{field.label}（{field.unit}）",
            help_text=hint,
            required=False,
            widget=forms.TextInput(
                attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": standing.above}
            ),
        )
    return _switch(field, above)


def _switch(field: PolicyField, above: str) -> forms.Field:
    return forms.TypedChoiceField(
        label=field.label,
        help_text=field.help,
        required=False,
        choices=[("", f"按{above}"), ("yes", field.text(True)), ("no", field.text(False))],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
