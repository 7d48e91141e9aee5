"""The forms of the acts on the tree. Each is filled in, looked at with its effects, and confirmed."""

from typing import Any, cast

from django import forms

from gonghui.superiors.plans import KINDS_BELOW, MAX_NAME, MAX_REASON
from gonghui.superiors.queries import version_of
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


class SuperiorChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.path)


def _name(label: str, help_text: str = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=MAX_NAME, help_text=help_text, widget=widget, **more)


class _Named(forms.Form):
    name = _name("名称", "全称，例如“杨浦区总工会”。")
    area = _name("简称", "选择和列表中显示的地名或系统，例如“杨浦区”。不填的，显示全称。", required=False)


class AddForm(_Named):
    kind = forms.ChoiceField(label="类别")
    code = forms.CharField(
        label="代码",
        max_length=6,
        help_text="数字，区总工会和产业局 3 位，街镇和公司 6 位（前 3 位是上级的代码）。以后不能修改。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, union: Union, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, UnionKind(kind).label) for kind in KINDS_BELOW[union.kind]]
        cast(forms.ChoiceField, self.fields["kind"]).choices = kinds
        self.order_fields(["kind", "name", "area", "code"])


class _Versioned(forms.Form):
    """Carries the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, union: Union, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version_of(union)


class RenameForm(_Named, _Versioned):
    def __init__(self, *args: Any, union: Union, **kwargs: Any) -> None:
        super().__init__(*args, union=union, **kwargs)
        self.fields["name"].initial, self.fields["area"].initial = union.name, union.area


class _Reasoned(_Versioned):
    reason = forms.CharField(
        label="依据",
        max_length=MAX_REASON,
        help_text="批复的文号或会议决定，记入变动记录，并告知有关的工会。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MoveForm(_Reasoned):
    above = SuperiorChoice(Union.objects.none(), label="新的上级", empty_label="请选择")

    def __init__(self, *args: Any, union: Union, **kwargs: Any) -> None:
        super().__init__(*args, union=union, **kwargs)
        kinds = [kind for kind, below in KINDS_BELOW.items() if union.kind in below]
        _offer(self, "above", Union.objects.filter(kind__in=kinds).exclude(inferiors=union))


class CloseForm(_Reasoned):
    successor = SuperiorChoice(
        Union.objects.none(),
        label="接收的工会",
        required=False,
        empty_label="不转交（下面没有工会，也没有等待审核的申请时）",
        help_text="下面的工会和等待审核的申请全部转给它。",
    )

    def __init__(self, *args: Any, union: Union, **kwargs: Any) -> None:
        super().__init__(*args, union=union, **kwargs)
        _offer(self, "successor", Union.objects.filter(kind=union.kind).exclude(pk=union.pk))


def _offer(form: forms.Form, name: str, unions: Any) -> None:
    """Offers those that are not closed, to be searched by name, before the reason."""
    field = cast(forms.ModelChoiceField, form.fields[name])
    field.queryset = unions.standing().select_related("superior").order_by("code")
    field.widget.attrs |= {"data-search": "", "class": "form-select"}
    form.order_fields([name, "reason"])
