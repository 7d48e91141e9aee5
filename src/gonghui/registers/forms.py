"""The forms of a register's page."""

from typing import Any

from django import forms

from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.registers.actions import MAX_BYTES, TOO_LARGE

_PLAIN = f"文件超过 {MAX_UPLOAD_BYTES // 1024**2} MB，浏览器没有运行脚本，只能上传更小的文件。请换用新版浏览器，或请运维人员用命令行载入。"


class UploadForm(forms.Form):
    """A file; static/registers.js sends it in pieces, without it the form brings one of up to MAX_UPLOAD_BYTES."""

    file = forms.FileField(
        label="选择文件",
        widget=forms.FileInput(
            attrs={"accept": ".csv,.xlsx,text/csv", "data-max-bytes": MAX_BYTES, "data-too-large": TOO_LARGE}
        ),
        help_text="CSV（UTF-8 或 GBK）到 200 MB，或 Excel 工作簿到 99,999 行。上传后只检查，由您确认再载入。",
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].error_messages["required"] = _PLAIN if too_large else "请先选择文件（.csv 或 .xlsx）。"


class StartForm(forms.Form):
    """The name and size of a file whose pieces follow."""

    name = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=0, max_value=2**53)


class PieceForm(forms.Form):
    number = forms.IntegerField(min_value=0, max_value=MAX_BYTES)
    piece = forms.FileField()


class SearchForm(forms.Form):
    """A part of a name, or a whole code or number. Posted: what is searched for stands in no address."""

    q = forms.CharField(
        max_length=100,
        min_length=2,
        error_messages={"required": "请填写要查询的名称、姓名或号码。", "min_length": "请至少填写两个字。"},
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = label
