"""Parsing of the cards' pages."""

from typing import Any

from django import forms

from gonghui.cards.actions import REASON_LIMIT
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.members.forms import FilterForm

_TOO_LARGE = f"文件超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。请让制卡方分成几个结果文件发送。"


class CandidateFilter(FilterForm):
    """「姓名搜索」 「会员编号搜索」 「身份证号搜索」: as the list of members, of which all are of one state here."""

    status = None  # type: ignore[assignment] # how Django takes a field away


class CodeForm(forms.Form):
    """「9位工会组织机构代码」."""

    code = forms.CharField(
        label="9位工会组织机构代码",
        max_length=20,
        help_text="工会法人资格证书或单位组织机构代码证上的 9 位代码；18 位统一社会信用代码的第 9 至 17 位。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": "请填写 9 位工会组织机构代码，没有的请由系统生成虚拟代码。"},
    )


class AgreeForm(forms.Form):
    """「请输入约定姓名」; what is right is said by `names.check_agreed`."""

    agreed = forms.CharField(
        label="请输入约定姓名",
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )


class ReportForm(forms.Form):
    """Why a card is reported lost, replaced or given back."""

    reason = forms.CharField(
        label="原因",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="上级工会审核时会看到。",
        error_messages={"required": "请填写原因，上级工会审核时会看到。"},
    )


class CardFilter(forms.Form):
    """The filters over the list of cards; they travel sealed, as those of members do."""

    name = forms.CharField(label="姓名搜索", required=False, max_length=50)
    number = forms.CharField(label="会员编号搜索", required=False, max_length=10)
    card = forms.CharField(
        label="卡号搜索", required=False, max_length=24, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


class ResultForm(forms.Form):
    """One result file of the card maker."""

    file = forms.FileField(
        label="选择制卡结果文件",
        widget=forms.FileInput(
            attrs={"accept": ".txt,text/plain", "data-max-bytes": MAX_UPLOAD_BYTES, "data-too-large": _TOO_LARGE}
        ),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].error_messages["required"] = _TOO_LARGE if too_large else "请先选择制卡方返回的结果文件。"
