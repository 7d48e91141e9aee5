"""Parsing of the form of a document."""

from typing import Any

from django import forms

from gonghui.bookings.documents.actions import MAX_TITLE
from gonghui.bookings.programmes.forms import text_field
from gonghui.kit.uploads import MAX_UPLOAD_BYTES

TOO_LARGE = f"文件超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。请压缩图片或拆成几个文件，再上传。"


class DocumentForm(forms.Form):
    """A PDF with its title."""

    file = forms.FileField(
        label="文件",
        help_text="PDF，最大 10 MB、200 页。平台重新生成文件，只保留页面内容，不保留其中的脚本和表单。",
        widget=forms.FileInput(
            attrs={"accept": ".pdf, application/pdf", "data-max-bytes": MAX_UPLOAD_BYTES, "data-too-large": TOO_LARGE}
        ),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )
    title = text_field("名称", MAX_TITLE, required=False, help_text="例如：行程单、体检套餐说明。不填的，用文件名。")

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].error_messages["required"] = TOO_LARGE if too_large else "请先选择文件。"
