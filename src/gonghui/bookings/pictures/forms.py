"""Parsing of the forms of a picture."""

from typing import Any

from django import forms

from gonghui.bookings.models import Picture, Programme, Venue
from gonghui.bookings.programmes.forms import text_field
from gonghui.kit.pictures import MAX_ALT
from gonghui.kit.sanitizing.encoding import TOO_LARGE
from gonghui.kit.uploads import MAX_UPLOAD_BYTES


class DescriptionForm(forms.Form):
    """What a picture shows."""

    alt = text_field(
        "图片说明",
        MAX_ALT,
        help_text="显示在图片下面，也读给看不到图片的人听。写图上有什么，例如：晨雾中的竹海步道。",
    )
    venue = forms.ModelChoiceField(
        Venue.objects.none(),
        label="显示在",
        required=False,
        empty_label="整个项目",
        error_messages={"invalid_choice": "这条线路或这个地点已经移除。请重新选择。"},
        help_text="只关于一条线路或一个地点的，选定后显示在它的介绍下面。",
    )

    def __init__(self, data: Any = None, *, programme: Programme, picture: Picture | None = None, **more: Any) -> None:
        names = ("alt", "venue")
        super().__init__(data, initial={name: getattr(picture, name) for name in names} if picture else None, **more)
        field: Any = self.fields["venue"]
        field.queryset = programme.venues.order_by("pk")


class PictureForm(DescriptionForm):
    """A picture with its file."""

    file = forms.FileField(
        label="图片",
        help_text="JPEG、PNG 或 WebP，最大 10 MB。横的、至少 1600 像素宽的最好看；拍摄地点等信息不会保留。",
        widget=forms.FileInput(
            attrs={
                "accept": "image/jpeg, image/png, image/webp",
                "data-max-bytes": MAX_UPLOAD_BYTES,
                "data-too-large": TOO_LARGE,
            }
        ),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )
    field_order = ["file", "alt", "venue"]

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].error_messages["required"] = TOO_LARGE if too_large else "请先选择图片。"
