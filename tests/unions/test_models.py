"""The rules of the tree that the database enforces."""

import pytest
from django.db import IntegrityError, transaction

from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_union

pytestmark = pytest.mark.server


def test_ancestors_follow_the_superior(cast):
    assert (cast.union.level2, cast.union.level3) == (cast.district, cast.street)
    cast.union.superior = cast.company
    cast.union.save()
    cast.union.refresh_from_db()
    assert (cast.union.level2, cast.union.level3) == (cast.bureau, cast.company)


@pytest.mark.parametrize("kind", [UnionKind.STREET, UnionKind.COMPANY, UnionKind.GRASSROOTS])
def test_wrong_level_is_refused_by_the_database(cast, kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_union(kind, cast.city)


def test_one_city(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_union(UnionKind.CITY)


@pytest.mark.parametrize(
    ("user", "visible"),
    [
        ("platform_admin", 10),
        ("district_admin", 5),
        ("reviewer", 2),
        ("bureau_admin", 3),
        ("officer", 1),
        ("claimant", 0),
    ],
)
def test_visible_is_ones_own_and_all_below(cast, user, visible):
    assert Union.objects.visible_to(getattr(cast, user)).count() == visible
