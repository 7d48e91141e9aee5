"""Lists on their way out: asked for, approved, written, handed out."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from gonghui.accounts.models import Role, User
from gonghui.exports import actions, building
from gonghui.exports.models import Export
from tests.factories import live, make_member, make_user
from tests.people import Cast
from tests.policies.stories import ruled

PURPOSE = "核对参保名单"


def asked(by: User, *, purpose: str = PURPOSE, **what: Any) -> Export:
    """The members that ``by`` sees, in full if nothing else is said."""
    wanted = {"q": "", "union": None, "ticked": [], "full": True, "sensitive": False} | what
    return actions.ask("members", wanted, purpose=purpose, by=by)


def built(by: User, **what: Any) -> Export:
    """Likewise, written by its job."""
    export = asked(by, **what)
    building.build(export.pk)
    return live(export)


def colleague(cast: Cast) -> User:
    """The second officer of `cast.union`."""
    return make_user(cast.union, Role.OFFICER, name="第二经办人")


def pending(cast: Cast, members: int = 2, by: User | None = None, **what: Any) -> Export:
    """Of more members than one alone may have; where nobody else is in the union, its superior is asked."""
    ruled(cast, export_alone_rows=1)
    for _ in range(members):
        make_member(cast.union)
    return asked(by or cast.officer, **what)


def approved(export: Export, by: User) -> Export:
    return actions.decide(live(export), approved=True, rows=live(export).total, by=by)


def ready(cast: Cast, by: User | None = None) -> Export:
    """Approved by a colleague, and written."""
    second = colleague(cast)
    export = pending(cast, by=by)
    approved(export, second)
    building.build(export.pk)
    return live(export)


def lines(content: bytes) -> list[tuple[Any, ...]]:
    """All rows of a sheet, the stamp first."""
    return list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def taken(by: User, **what: Any) -> Sequence[tuple[Any, ...]]:
    """Headings and rows of a list that is asked for, written and handed out."""
    return lines(actions.fetch(built(by, **what), by=by).content)[1:]
