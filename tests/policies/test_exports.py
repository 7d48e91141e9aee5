"""One export with full document numbers has no more rows than the city allows (SPEC 5.4)."""

import pytest
from django.urls import reverse

from gonghui.exports.models import Export
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from tests.bookings.stories import booked, published
from tests.exports.stories import taken
from tests.factories import make_member
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db


@pytest.fixture
def eleven(cast) -> list[Member]:
    return [make_member(cast.union, name=f"王{name}") for name in "一二三四五六七八九十明"]


def exported(cast, *, full: bool, by=None) -> int:
    """Returns how many rows left."""
    return len(taken(by or cast.officer, full=full)) - 1


def test_too_many_full_numbers_do_not_leave_at_once_and_the_way_out_is_told(cast, eleven):
    ruled(cast, export_rows=10)
    with pytest.raises(
        Refused, match=r"一次最多导出 10 行完整的证件号码，这次有 11 行，没有导出。.*分次导出，或选择遮盖"
    ):
        exported(cast, full=True)
    assert not Export.objects.exists()
    assert exported(cast, full=False) == 11, "masked as many as ever"
    ruled(cast, export_rows=11)
    assert exported(cast, full=True) == 11


def test_a_district_allows_less_for_its_own_unions(cast, eleven):
    ruled(cast, "district_admin", export_rows=10)
    for by in (cast.officer, cast.district_admin):
        with pytest.raises(Refused, match="一次最多导出 10 行"):
            exported(cast, full=True, by=by)
    assert exported(cast, full=True, by=cast.platform_admin) == 11


def test_the_page_says_so_where_the_export_was_asked_for(cast, client, eleven):
    ruled(cast, export_rows=10)
    client.force_login(cast.officer)
    sent = {"numbers": "full", "confirmed": "1", "purpose": "核对参保名单"}
    answer = client.post(reverse("members:export"), sent)
    assert "一次最多导出 10 行完整的证件号码" in answer.text


def test_the_insurance_list_is_bound_too(cast, client, eleven):
    programme = published(cast, publisher=cast.district, by=cast.district_admin, capacity=20)
    booked(cast.officer, programme, *eleven)
    ruled(cast, export_rows=10)
    client.force_login(cast.district_admin)
    answer = client.post(reverse("bookings:insurance", args=[programme.pk]), {"purpose": "投保旅游意外险"})
    assert "一次最多导出 10 行完整的证件号码" in answer.text
    assert "请按班次分次导出" in answer.text
    assert not Export.objects.exists()
