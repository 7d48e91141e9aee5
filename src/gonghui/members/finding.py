"""People by what is typed into the search box of every page."""

from gonghui.accounts.models import User
from gonghui.kit.documents import compact
from gonghui.kit.names import initials, name_key
from gonghui.members.models import Member, MemberQuerySet
from gonghui.members.queries import NUMBER_DIGITS, document_keys, leading, leading_keys
from gonghui.unions.keys import Initials
from gonghui.unions.queries import holding


def way_to_find(text: str) -> str:
    """Returns the kind of the text: 会员编号, 证件号码, 拼音首字母 or 姓名."""
    number = compact(text)
    if number.isdecimal() and len(number) == NUMBER_DIGITS:
        return "会员编号"
    if any(char.isdecimal() for char in number):
        return "证件号码"
    return "拼音首字母" if initials(text) else "姓名"


def find_members(user: User, text: str, most: int) -> list[Member]:
    """Returns at most ``most`` visible members, by 会员编号, whole document number, name, or initials of the name.

    Each search is one statement with an index. An unknown number and a number out of scope both give an empty list, in
    the same time.
    """
    rows: MemberQuerySet = Member.objects.visible_to(user).select_related("union")
    way, number = way_to_find(text), compact(text)
    if way == "会员编号":
        rows = rows.filter(number=leading(number))
    elif way == "证件号码":
        rows = rows.filter(document_hash__in=leading_keys(document_keys(text)))
    elif letters := initials(text):
        rows = rows.alias(initials=Initials("pinyin")).filter(initials__startswith=letters)
    else:
        key = name_key(text)
        rows = holding(rows, key) if len(key) > 1 else rows.none()
    return list(rows[:most])
