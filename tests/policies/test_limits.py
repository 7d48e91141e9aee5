"""How often a union may look for people, as the city or stricter the district has set it (SPEC 3.5, 3.6, 5.4)."""

import pytest

from gonghui.kit.errors import Refused
from gonghui.members.by_code.actions import search
from gonghui.members.lookups import Door, Named, ask
from gonghui.members.validation import document_key
from tests.factories import make_member, org_code, resident_id
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db(transaction=True)  # misses are counted in a transaction of their own


def miss(cast, serial: int, *, union: str = "union") -> None:
    """A registered number under another name."""
    number = resident_id(serial)
    make_member(cast.far, name="王小明", number=number)
    people = [Named((document_key("resident_id", number),), "李大力")]
    by = cast.officer if union == "union" else cast.far_officer
    ask(getattr(cast, union), people, by=by, door=Door.ADD)


def test_the_misses_of_a_day_are_the_city_s_number(cast):
    ruled(cast, lookup_misses=5)
    for serial in range(5):
        miss(cast, 700 + serial)
    with pytest.raises(Refused, match="每天 5 次"):
        miss(cast, 710)
    ruled(cast, lookup_misses=20)
    miss(cast, 711)


def test_a_district_s_stricter_number_binds_its_own_unions_alone(cast):
    ruled(cast, "district_admin", lookup_misses=5, code_lookups=1)
    for serial in range(5):
        miss(cast, 700 + serial)
    with pytest.raises(Refused, match="每天 5 次"):
        miss(cast, 710)
    search(cast.union, org_code(4321), by=cast.officer)
    with pytest.raises(Refused, match="每天 1 个"):
        search(cast.union, org_code(4322), by=cast.officer)
    for serial in (4321, 4322):
        search(cast.far, org_code(serial), by=cast.far_officer)
