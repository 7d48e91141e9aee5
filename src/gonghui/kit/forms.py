"""How every form field looks: one template for a field, one for the summary of errors. And ids that came as text."""

from collections.abc import Iterable

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms and fields drawn by the templates under templates/forms/, with Tabler's classes."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def row_id(text: object) -> int | None:
    """The id that was sent, if it can be one of a row; None for any nonsense (``²``, a million digits)."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None


def row_ids(texts: Iterable[str]) -> list[int]:
    """All ids that were sent, one a field or (from ticks that outlast pages) many in one, parted by commas."""
    found = (row_id(one) for text in texts for one in text.split(","))
    return list(dict.fromkeys(pk for pk in found if pk))
