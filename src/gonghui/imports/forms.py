"""Parsing of an uploaded file."""

from typing import Any

from django import forms

from gonghui.kit.uploads import MAX_UPLOAD_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TOO_LARGE = (
    f"文件超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。"
    "请删除图片和多余的格式（可把数据复制到新下载的模板中），或拆分成几个文件分别上传。"
)


class UploadForm(forms.Form):
    """One workbook. What is wrong inside it is for the engine to say."""

    file = forms.FileField(
        label="选择导入文件",
        widget=forms.FileInput(
            attrs={
                "accept": f".xlsx,{XLSX}",
                "data-max-bytes": MAX_UPLOAD_BYTES,  # said before an hour's upload, not after it
                "data-too-large": _TOO_LARGE,
            }
        ),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = "请先选择填写好的 Excel 文件（.xlsx）。"
        self.fields["file"].error_messages["required"] = _TOO_LARGE if too_large else missing
