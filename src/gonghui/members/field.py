"""The description of one field of a member. ``fields.py`` lists them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any

from django.db.models import TextChoices

from gonghui.codelists.queries import label as code_label
from gonghui.kit.excel import CellKind
from gonghui.kit.sealing import opened

MAX_LENGTH = 100
CARD_ADDRESS = 40  # what the card maker takes (SPEC 4.2); longer is stored, and the form says so


Problem = tuple[str, str, str]
"""(field, what is wrong, what would be right); both texts without a full stop. Neither repeats a document number."""


class Empty(Enum):
    """The meaning of an empty input in the form, or of an empty cell in a workbook."""

    REFUSED = auto()
    TOLD = auto()
    """The document number contains the value; if it does not, an empty input is refused."""
    KEPT = auto()
    """An empty cell keeps the value of a known person. A new person gets the field's ``default``."""


class Group(StrEnum):
    """The headings of the form."""

    BASICS = "基本信息"
    IDENTITY = "身份信息"
    CONTACT = "联系方式"
    OTHER = "其他信息"
    PERSON = "个人情况"
    WORK = "工作情况"
    MEMBERSHIP = "会籍与荣誉"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. A coded field has ``codes``; a field with a ``mask`` is stored sealed and shown masked."""

    label: str
    name: str = ""  # as in MemberValues
    columns: tuple[str, ...] = ()  # of the register and of the staging table; the first holds the value
    kind: CellKind = CellKind.TEXT  # how what is typed is cleaned: form and workbook give one value
    codes: type[TextChoices] | None = None
    mask: Callable[[str], str] | None = None
    max_length: int = MAX_LENGTH
    empty: Empty = Empty.KEPT
    default: str = ""
    identifies: bool = False  # by it a person is found: with another one, a workbook's row is about somebody else
    returns: bool = True  # who comes back gets what the workbook says, or (False) keeps what the register has
    on_card: bool = False  # a card shows it: changed by the superior's review (SPEC 3.8)
    by_policy: bool = False  # a column of the national form: the city decides whether it is collected (SPEC 3.10)
    requirable: bool = True  # everybody has a value, so that the city may require it
    of_union: bool = False  # belongs to the time in one union: a move clears it
    group: Group = Group.OTHER
    help: str = ""  # in the form
    nothing: str = "-"  # what the member's page shows for none
    headings: str = ""  # what rosters call it, beside its label; parted by spaces
    hint: str = ""  # with {default}: the label of the default
    example: str = ""
    width: int = 0

    @property
    def sealed(self) -> bool:
        return self.mask is not None

    @property
    def sensitive(self) -> bool:
        """Masked altogether, and exported only with a reason."""
        return self.mask is mask_all

    @property
    def sql_type(self) -> str:
        """Of its columns in the staging table."""
        if self.sealed:
            return "bytea"
        return "date" if self.kind == CellKind.DATE else "text"

    @property
    def is_number(self) -> bool:
        """Whether pages set it as digits."""
        return self.kind in (CellKind.CODE, CellKind.DATE)

    def text(self, value: Any, *, full: bool) -> str:
        """Returns a value as shown, "" for none: a code's label; masked, unless ``full``, if the field has a mask."""
        text = "" if value is None else code_label(self.codes, value) if self.codes else str(value)
        return text if full or not self.mask else self.mask(text)

    def value_in(self, row: Any) -> Any:
        """The value in a member or in an earlier version of one."""
        return opened(row, self.columns[0]) if self.sealed else getattr(row, self.columns[0])


def with_mask_remark(old: str, new: str) -> str:
    """The new text of two values that differ, with a remark where they differ only behind the mask."""
    return f"{new}（与原来不同）" if old == new else new


def mask_all(text: str) -> str:
    """Shows only that there is a value."""
    return "***" if text else ""
