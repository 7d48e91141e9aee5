"""Parsing of a group booking, and of what is changed afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from gonghui.bookings.catalogue.queries import SessionLine
from gonghui.bookings.codes import Mode, Relation, Stated
from gonghui.bookings.models import Package
from gonghui.bookings.places.people import Guest, Person
from gonghui.bookings.sentences import MAX_REASON
from gonghui.kit.forms import row_id
from gonghui.members.codes import DocumentType


class BookingForm(forms.Form):
    """Of the whole group: which session, and what becomes of it where there is no room. ``key``: see `Booking`."""

    session = forms.TypedChoiceField(
        label="班次", coerce=int, error_messages={"required": "请选择班次。", "invalid_choice": "请选择表中的班次。"}
    )
    mode = forms.ChoiceField(
        label="名额不足时",
        choices=Mode.choices,
        initial=Mode.ALL,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择名额不足时怎么办。"},
    )
    waits = forms.BooleanField(label="没有约上的人员候补", required=False, initial=True)
    splittable = forms.BooleanField(
        label="候补可拆分",
        required=False,
        help_text="有几个名额先上几人；不勾选的，凑够全部名额才通知，期间不让后面的单位先上。",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, lines: Sequence[SessionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].choices = [(line.session.pk, str(line.session)) for line in lines]  # type: ignore[attr-defined]
        self.chosen = str(self["session"].value() or "")


def people_of(data: QueryDict, ids: Sequence[int], packages: Sequence[Package], guests_max: int) -> list[Person]:
    """What was typed of each member: facts that are stated, package, marriage, guests. Nothing is judged here."""
    return [
        Person(
            pk,
            stated=[fact for fact in data.getlist(f"stated-{pk}") if fact in Stated.values],
            package_id=row_id(data.get(f"package-{pk}", "")) if packages else None,
            married={"yes": True, "no": False}.get(data.get(f"married-{pk}", "")),
            guests=[guest for number in range(guests_max) if (guest := _guest(data, pk, number))],
        )
        for pk in ids
    ]


def _guest(data: Mapping[str, str], pk: int, number: int) -> Guest | None:
    """A guest of whom anything was typed: half a guest is refused with its sentence, not dropped."""
    name, document = (data.get(f"guest-{pk}-{number}-{part}", "").strip() for part in ("name", "document"))
    if not name and not document:
        return None
    return Guest(
        name,
        data.get(f"guest-{pk}-{number}-type", DocumentType.RESIDENT_ID),
        document,
        data.get(f"guest-{pk}-{number}-relation", Relation.OTHER),
    )


class WithdrawForm(forms.Form):
    """Reason and costs: both are asked for after the deadline."""

    reason = forms.CharField(label="退出原因", max_length=MAX_REASON, required=False)
    cost_note = forms.CharField(
        label="费用处理",
        max_length=MAX_REASON,
        required=False,
        help_text="已发生的费用由谁承担，例如“车票 300 元由个人承担”。",
    )

    def __init__(self, *args: Any, late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if late:
            for field in self.fields.values():
                field.required = True
        else:
            del self.fields["cost_note"]


class ChangeForm(forms.Form):
    """Another session of the programme."""

    session = forms.TypedChoiceField(
        label="改到",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择班次。", "invalid_choice": "请选择列出的班次。"},
    )

    def __init__(self, *args: Any, lines: Sequence[SessionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].choices = [  # type: ignore[attr-defined]
            (line.session.pk, f"{line.session}（本会可用 {line.free} 个，候补 {line.waiting} 人）") for line in lines
        ]


class SubstituteForm(forms.Form):
    """A colleague by 会员编号, and what is stated of him or her."""

    number = forms.CharField(
        label="顶替会员的会员编号",
        max_length=20,
        help_text="本工会的会员，要符合项目的全部条件；会员编号见会员管理。",
        error_messages={"required": "请填写会员编号。"},
    )
    stated = forms.MultipleChoiceField(
        label="情况说明", choices=Stated.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class ContestForm(forms.Form):
    """An objection to 「未到」."""

    text = forms.CharField(
        label="情况说明",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="说明本人实际参加的情况；登记之后 14 天内可以提出，由发布项目的工会处理。",
        error_messages={"required": "请填写情况说明。"},
    )
