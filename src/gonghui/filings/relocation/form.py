"""Parsing of a relocation."""

from typing import Any

from gonghui.filings.reason import reason_field
from gonghui.filings.superior_choice import SuperiorForm, check_superior

TARGET_LABELS = {
    "district": ("转入区总工会", "转入街镇(开发区)工会"),
    "bureau": ("转入产业局", "转入二级产业局公司工会"),
}


class RelocationForm(SuperiorForm):
    """New superior and reason (SPEC 2.4). ``entrance`` is the side of the tree with the possible superiors."""

    reason = reason_field("转移原因", help_text="转出、转入双方的上级工会审核时都会看到。")

    def __init__(self, *args: Any, entrance: str, **kwargs: Any) -> None:
        super().__init__(*args, entrance=entrance, search=True, labels=TARGET_LABELS, **kwargs)
        self.order_fields(["level2", "superior", "reason"])

    def clean(self) -> dict[str, Any]:
        check_superior(self)
        return self.cleaned_data
