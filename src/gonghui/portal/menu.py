"""The side menu, with the manual's words. An entry stands here only when what it leads to works."""

from dataclasses import dataclass

from django.urls import reverse

from gonghui.accounts.models import Role, User


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    icon: str
    active: bool


def menu(user: User, path: str) -> list[Entry]:
    """The entries that ``user`` may use, the one that ``path`` lies under marked."""
    return [
        Entry(label, reverse(name), icon, path.startswith(prefix))
        for label, name, icon, prefix, shown in _entries(user)
        if shown
    ]


def _entries(user: User):
    union = user.union
    superior = union is not None and not union.is_grassroots
    yield "首页", "home", "home", "/home/", True
    yield "账号管理", "accounts:list", "user-circle", "/accounts/users/", superior and user.has_role(Role.ADMIN)
