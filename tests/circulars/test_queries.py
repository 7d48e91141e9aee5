"""Who has read a circular, by branch; what waits for a union."""

import pytest

from gonghui.circulars import queries
from gonghui.circulars.actions import send
from gonghui.circulars.models import Receipt
from gonghui.circulars.receipts.actions import confirm
from gonghui.kit.errors import Refused
from gonghui.portal.worklist import waiting
from tests.circulars.stories import delivered, drafted, sent
from tests.superiors.stories import begun_closing

pytestmark = pytest.mark.django_db


def items(user) -> list[tuple[str, int]]:
    return [(one.item.label, one.count) for one in waiting(user).work]


def test_the_counts_of_the_branches_add_up(cast):
    circular = sent(cast, cast.city, cast.platform_admin, confirm=True)
    confirm(circular, by=cast.officer)
    rows = Receipt.objects.filter(circular=circular)
    branches = queries.readings_by_branch(rows, cast.city)
    assert [(union, one.total, one.confirmed) for union, one in branches] == [
        (cast.bureau, 3, 0),
        (cast.district, 5, 1),
    ]
    assert sum(one.total for _, one in branches) == queries.reading(rows).total == 8
    below = queries.readings_by_branch(rows.visible_to(cast.district_admin), cast.district)
    assert {union: one.total for union, one in below} == {cast.street: 2, cast.other_street: 2}


def test_it_waits_for_the_union_until_it_is_confirmed(cast):
    circular = sent(cast, confirm=True)
    assert ("工作通知待办理", 1) in items(cast.officer)
    assert ("工作通知待办理", 1) in items(cast.reviewer)
    confirm(circular, by=cast.officer)
    assert ("工作通知待办理", 1) not in items(cast.officer)
    assert ("工作通知待办理", 1) in items(cast.reviewer)


def test_a_superior_does_not_close_while_its_circular_is_on_its_way(cast):
    draft = drafted(cast, cast.other_street, cast.other_reviewer)
    circular = send(draft, version=draft.version, by=cast.other_reviewer)
    with pytest.raises(Refused, match="它的工作通知还在发送"):
        begun_closing(cast, cast.other_street, cast.street)
    delivered(circular)
    begun_closing(cast, cast.other_street, cast.street)
