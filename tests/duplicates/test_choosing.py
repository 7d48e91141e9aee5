"""Whose value is kept, field by field: what is asked, what fits together, and what the record of the act says."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.audit.verbs import said
from gonghui.duplicates.actions import Wish, answer, merge, undo
from gonghui.duplicates.choosing import all_of, choices, suggested
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import Merge, Pair, Record
from gonghui.duplicates.queries import version_of
from gonghui.duplicates.states import PairState
from gonghui.kit.errors import Refused
from gonghui.members.models import Alias, Member
from tests.duplicates.stories import BORN, alike, found, fresh, merged, paired, picked
from tests.duplicates.test_views import address, body, signed_in
from tests.factories import change_member, resident_id
from tests.members.test_merging import picture
from tests.people import Cast
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db
MAIN, OTHER = Record.MAIN, Record.OTHER
_serial = itertools.count()


def right(*unions) -> Pair:
    """A pair with ID numbers that say the birth date."""
    numbers = [resident_id(next(_serial), born=BORN) for _ in range(2)]
    members = [one for union, number in zip(unions, numbers, strict=True) for one in alike(union, number=number)]
    look_at([member.pk for member in members])
    return found(members[0])


def changed(pair: Pair, **columns) -> Pair:
    """The younger record, with other values."""
    change_member(pair.other, **columns)
    return fresh(pair)


def names(pair: Pair) -> list[str]:
    return [choice.name for choice in choices(pair)]


def wished(pair: Pair, by, chosen: dict[str, Record], basis: Record = MAIN) -> Merge:
    return merge(pair, Wish(MAIN, basis, "", chosen), version=version_of(pair), by=by)


def test_what_differs_is_asked_and_the_document_as_one(cast: Cast):
    pair = changed(right(cast.union, cast.union), address="", expires_on="2031-01-01", education="doctor")
    assert names(pair) == ["document_type", "address", "education"]
    assert [field.name for field in choices(pair)[0].fields] == ["document_type", "document_number", "expires_on"]


def test_what_belongs_to_the_union_is_asked_only_within_one(cast: Cast):
    assert "position" in names(changed(right(cast.union, cast.union), position="chair"))
    assert "position" not in names(changed(right(cast.union, cast.neighbour), position="chair"))


def test_the_form_begins_with_the_newer_change_and_what_is_empty_there_with_the_other(cast: Cast):
    pair = changed(right(cast.union, cast.union), address="", education="doctor")
    Member.objects.filter(pk=pair.other_id).update(created_at=timezone.now() + timedelta(hours=1))
    pair = fresh(pair)
    assert suggested(pair, choices(pair)) == {"document_type": OTHER, "address": MAIN, "education": OTHER}
    assert all_of(pair, MAIN, choices(pair)) == {"document_type": MAIN, "address": MAIN, "education": OTHER}


def test_each_field_is_of_the_record_that_was_chosen_and_undone_to_the_letter(cast: Cast):
    pair = changed(right(cast.union, cast.union), address="新地址 5 号", education="doctor", mobile="19900009999")
    before = picture(pair.member, pair.other)
    numbers = pair.member.document_number, pair.other.document_number
    chosen = {"document_type": OTHER, "address": MAIN, "education": OTHER, "mobile": MAIN}
    one = wished(pair, cast.officer, chosen)
    main = found(pair.member).member
    assert main.document_number == numbers[1]
    assert (main.address, main.education, main.mobile) == ("杨浦区示例路1号", "doctor", "19900005678")
    assert Member.objects.get(pk=pair.other_id).document_number == numbers[0]
    assert Merge.objects.get().chosen == chosen
    undo(one, by=cast.officer)
    assert picture(pair.member, pair.other) == before


def test_an_empty_value_may_be_chosen(cast: Cast):
    pair = changed(right(cast.union, cast.union), address="")
    wished(pair, cast.officer, {"address": OTHER})
    assert found(pair.member).member.address == ""


def test_the_staff_number_of_the_other_record_within_one_union(cast: Cast):
    collecting(cast, staff_number="optional")
    pair = changed(right(cast.union, cast.union), staff_number="A7")
    change_member(pair.member, staff_number="A1")
    pair = fresh(pair)
    before = picture(pair.member, pair.other)
    one = wished(pair, cast.officer, {"staff_number": OTHER})
    assert found(pair.member).member.staff_number == "A7"
    undo(one, by=cast.officer)
    assert picture(pair.member, pair.other) == before


def test_the_record_says_by_field_whose_value_was_kept_and_no_value(cast: Cast):
    pair = changed(right(cast.union, cast.union), mobile="19900009999", education="doctor")
    wished(pair, cast.officer, {"document_type": OTHER, "mobile": OTHER, "education": MAIN})
    data = Entry.objects.get(verb="duplicate.merged").data
    assert data["from_main"] == ["education"]
    assert data["from_other"] == ["document_type", "document_number", "expires_on", "mobile"]
    assert "19900009999" not in str(data)
    assert pair.other.document_number not in str(data)
    assert said("duplicate.merged", "from_main", data["from_main"]) == ("采用较早的记录", "学历")


def refusal(pair: Pair, by, chosen: dict[str, Record]) -> Refused:
    with pytest.raises(Refused) as refused, transaction.atomic():
        wished(pair, by, chosen)
    assert not Alias.objects.exists()
    return refused.value


def test_a_birth_date_that_the_chosen_number_contradicts_is_refused_at_its_field(cast: Cast):
    pair = right(cast.union, cast.union)
    change_member(pair.other, born_on="1980-01-01", document_type="passport", document_number="E12345678")
    pair = fresh(pair)
    refused = refusal(pair, cast.officer, {"document_type": MAIN, "born_on": OTHER})
    assert (refused.field, "出生日期填的是 1980-01-01" in refused.sentence) == ("born_on", True)
    response = signed_in(cast.officer).post(address(pair, "act"), picked(pair, born_on="other"))
    page = body(response)
    assert response.status_code == 422
    error = page.split('id="id_born_on_error"')[1].split("</th>")[0]
    assert "请核对证件号码和出生日期。" in error
    assert found(pair.member).state == PairState.PENDING
    wished(pair, cast.officer, {"document_type": OTHER, "born_on": OTHER})


def test_a_sex_that_the_chosen_number_contradicts_is_refused_at_its_field(cast: Cast):
    pair = right(cast.union, cast.union)
    change_member(pair.other, sex="female", document_type="passport", document_number="E12345678")
    pair = fresh(pair)
    assert refusal(pair, cast.officer, {"document_type": MAIN, "sex": OTHER}).field == "sex"


def test_what_everybody_has_is_not_chosen_away(cast: Cast):
    pair = changed(right(cast.union, cast.union), mobile="")
    assert refusal(pair, cast.officer, {"mobile": OTHER}).field == "mobile"


def test_what_is_wrong_in_both_is_left_to_a_correction(cast: Cast):
    pair = paired(cast.union, cast.union)  # whose numbers say other birth dates
    merged(pair, cast.officer)
    assert found(pair.member).state == PairState.MERGED


def test_what_was_edited_before_the_other_union_agrees_must_fit_too(cast: Cast):
    pair = right(cast.union, cast.neighbour)
    one = merged(pair, cast.district_admin)
    change_member(pair.member, sex="female")
    with pytest.raises(Refused), transaction.atomic():
        answer(one, agree=True, opinion="", by=cast.neighbour_officer)
    assert not Alias.objects.exists()


def test_all_of_one_record_by_one_click_changes_nothing_and_keeps_what_was_typed(cast: Cast):
    pair = changed(right(cast.union, cast.union), address="", education="doctor")
    response = signed_in(cast.officer).post(address(pair, "act"), picked(pair, note="看过证件", all="other"))
    page = body(response)
    assert response.status_code == 200
    assert "看过证件" in page
    for name, place in (("document_type", 1), ("address", 0), ("education", 1)):
        assert "checked" in page.split(f'id="id_{name}_{place}"')[1].split(">")[0]
    assert not Merge.objects.exists()


def test_a_field_without_a_choice_is_asked_for_again(cast: Cast):
    pair = changed(right(cast.union, cast.union), education="doctor")
    response = signed_in(cast.officer).post(address(pair, "act"), picked(pair, education=""))
    assert response.status_code == 422
    assert "请选择学历以哪一条记录为准。" in body(response)


def test_sealed_values_are_masked_in_the_choice(cast: Cast):
    pair = changed(right(cast.union, cast.union), mobile="19900009999")
    page = body(signed_in(cast.officer).get(address(pair)))
    assert 'name="mobile"' in page
    assert "19900009999" not in page
    assert pair.other.document_number not in page


def test_the_asked_union_sees_whose_value_will_be_kept(cast: Cast):
    pair = changed(right(cast.union, cast.neighbour), education="doctor")
    one = wished(pair, cast.district_admin, {"document_type": MAIN, "education": OTHER})
    page = body(signed_in(cast.neighbour_officer).get(f"/duplicates/asked/{one.pk}/"))
    assert "合并后采用" in page.split("学历")[1].split("</tr>")[0].split("较晚的记录")[1]


def test_a_page_costs_as_much_with_many_differences_as_with_few(cast: Cast):
    few = right(cast.union, cast.union)
    client = signed_in(cast.officer)
    client.get(address(few))
    counts = []
    for columns in ({}, {"education": "doctor", "household": "urban", "skill_level": "junior", "address": ""}):
        change_member(few.other, **columns)
        with CaptureQueriesContext(connection) as queries:
            client.get(address(few))
        counts.append(len(queries))
    assert counts[0] == counts[1]
