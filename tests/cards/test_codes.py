"""「9位工会组织机构代码」 (SPEC 4.2): the union's own, or a virtual one that no unit can have."""

import pytest
from django.db import IntegrityError, connection, transaction

from gonghui.audit.models import Entry
from gonghui.cards.codes import draw_virtual_code, nczy_code, save_code, suggested_code
from gonghui.cards.models import UnionCode
from gonghui.kit.documents import check_org_code
from gonghui.kit.errors import Refused
from tests.factories import live, org_code

pytestmark = pytest.mark.django_db


def test_the_code_is_checked_saved_and_recorded(cast):
    saved = save_code(cast.union, f" {org_code(5001).lower()} ", by=cast.officer)
    assert (saved.code, saved.virtual) == (org_code(5001), False)
    assert Entry.objects.filter(verb="unioncode.saved", data__code=saved.code, actor=cast.officer).exists()
    assert save_code(cast.union, org_code(5002), by=cast.officer).code == org_code(5002)  # 「修改」
    assert UnionCode.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"), [("70005001", "应为 9 位"), ("700050011", "校验位不正确"), ("7000500？X", "由 8 位")]
)
def test_a_code_that_cannot_be_is_refused(cast, text, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        save_code(cast.union, text, by=cast.officer)
    assert refusal.value.field == "code"
    assert not UnionCode.objects.exists()


def test_another_unions_code_is_refused_without_its_name(cast):
    save_code(cast.neighbour, org_code(5001), by=cast.neighbour_officer)
    with pytest.raises(Refused, match="已由另一家工会使用") as refusal:
        save_code(cast.union, org_code(5001), by=cast.officer)
    assert cast.neighbour.name not in refusal.value.sentence


def test_a_virtual_code_has_a_check_digit_that_holds_and_is_of_the_custom_range(cast):
    own_code = draw_virtual_code(cast.union, by=cast.officer)
    neighbours_code = draw_virtual_code(cast.neighbour, by=cast.neighbour_officer)
    assert own_code != neighbours_code
    for code in (own_code, neighbours_code):
        assert check_org_code(code) == code
        assert code.startswith("PDY")
    assert save_code(cast.union, own_code, by=cast.officer).virtual
    assert save_code(cast.union, own_code, by=cast.officer).code == own_code  # saved again


def test_a_union_that_asks_again_gets_the_same_virtual_code(cast):
    first = draw_virtual_code(cast.union, by=cast.officer)
    assert draw_virtual_code(cast.union, by=cast.officer) == first
    save_code(cast.union, org_code(5001), by=cast.officer)
    assert draw_virtual_code(cast.union, by=cast.officer) == first


def test_a_virtual_code_that_the_system_did_not_make_for_the_union_is_refused(cast):
    neighbours_code = draw_virtual_code(cast.neighbour, by=cast.neighbour_officer)
    for code in (neighbours_code, "PDY000994"):
        with pytest.raises(Refused):
            save_code(cast.union, code, by=cast.officer)
    assert not UnionCode.objects.exists()


def test_when_the_range_is_used_up_it_is_said(cast):
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('cards_virtual_code', 99999)")
    with pytest.raises(Refused, match="已经用完"):
        draw_virtual_code(cast.union, by=cast.officer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('cards_virtual_code', 1, false)")


def test_only_the_unions_officer_has_to_do_with_it(cast):
    for by in (cast.neighbour_officer, cast.reviewer, cast.newcomer):
        with pytest.raises(Refused):
            save_code(cast.union, org_code(5001), by=by)
        with pytest.raises(Refused):
            draw_virtual_code(cast.union, by=by)


def test_the_database_itself_keeps_the_range_apart(cast):
    for code, virtual in (("PDY000010", False), (org_code(5001), True), ("12345", False)):
        with pytest.raises(IntegrityError), transaction.atomic():
            UnionCode.objects.create(union=cast.union, code=code, virtual=virtual, set_by=cast.officer)


def test_the_employers_code_is_suggested_and_nczy_is_the_level_2_superiors(cast):
    union = live(cast.union)
    assert suggested_code(union) == union.employer.code
    union.employer.code = "91310110MA1K000019"
    assert suggested_code(union) == "MA1K00001"
    assert nczy_code(union) == "010"
