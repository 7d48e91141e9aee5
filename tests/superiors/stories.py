"""The tree, changed as the city changes it."""

from gonghui.superiors import actions
from gonghui.superiors.models import TreeChange
from gonghui.superiors.queries import version_of
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_unions, new_union
from tests.people import Cast


def second_district(cast: Cast) -> Union:
    (district,) = make_unions(
        [new_union(UnionKind.DISTRICT, cast.city, name="虹口区总工会", area="虹口区", code="011")]
    )
    return district


def renamed(cast: Cast, union: Union, name: str, *, area: str = "") -> TreeChange:
    return actions.rename_superior(
        union, name=name, area=area or union.area, version=version_of(union), by=cast.platform_admin
    )


def begun_move(cast: Cast, union: Union, above: Union, **other) -> TreeChange:
    values = {"reason": "沪工〔2026〕8号", "version": version_of(union), "by": cast.platform_admin} | other
    return actions.move_superior(union, above=above, **values)


def begun_closing(cast: Cast, union: Union, successor: Union | None, **other) -> TreeChange:
    values = {"reason": "沪工〔2026〕9号", "version": version_of(union), "by": cast.platform_admin} | other
    return actions.close_superior(union, successor=successor, **values)


def ended(change: TreeChange) -> TreeChange:
    """The change after its job."""
    actions.carry_out(change.pk)
    change.refresh_from_db()
    return change
