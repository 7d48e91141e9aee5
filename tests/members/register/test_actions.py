"""Adding, editing, disclosing and exporting members (SPEC 3.2, 3.3, 3.8)."""

import threading
from collections import Counter

import openpyxl
import pytest
from django.db import connection

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.models import Member, Membership
from gonghui.members.register import actions, export
from gonghui.members.register.actions import add_member, edit_member, export_members, reveal_member, version_of
from gonghui.members.states import Status
from gonghui.unions.models import Union, UnionState
from tests.exports.stories import PURPOSE, taken
from tests.factories import live, make_member
from tests.members.people import typed, values
from tests.states import put


def last_entry() -> Entry:
    return Entry.objects.latest("id")


# Adding


def test_adding_registers_numbers_counts_and_records(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    member.refresh_from_db()
    assert (member.number, member.union, member.status) == ("0100000001", cast.union, Status.NORMAL)
    assert (member.document_number, member.mobile) == (typed(1)["document_number"], typed(1)["mobile"])
    assert member.unit_code == cast.union.employer.code
    assert live(cast.union).member_count == 1
    stay = member.memberships.get()
    assert (stay.union, stay.ended_on, stay.began_by) == (cast.union, None, Membership.Reason.ADDED)
    entry = last_entry()
    assert (entry.verb, entry.actor, entry.union_id) == ("member.added", cast.officer, cast.union.pk)
    assert typed(1)["document_number"] not in str(vars(entry))


def test_numbers_of_two_districts_do_not_mix(cast):
    assert add_member(cast.union, values(1), by=cast.officer).number == "0100000001"
    assert add_member(cast.far, values(2), by=cast.far_officer).number == "0500000001"
    assert add_member(cast.neighbour, values(3), by=cast.neighbour_officer).number == "0100000002"


@pytest.mark.parametrize("state", [UnionState.UNFILED, UnionState.PENDING, UnionState.RETURNED, UnionState.DISSOLVED])
def test_only_an_approved_union_takes_members(cast, state):
    put(cast.union, state)
    with pytest.raises(Refused, match="审核通过之后"):
        add_member(cast.union, values(1), by=cast.officer)
    assert not Member.objects.exists()


@pytest.mark.parametrize("user", ["neighbour_officer", "reviewer", "viewer", "platform_admin", "claimant"])
def test_only_the_unions_own_officer_adds(cast, user):
    with pytest.raises(Refused, match="只有本工会的经办人"):
        add_member(cast.union, values(1), by=getattr(cast, user))


def test_the_same_person_twice_is_told_with_the_number(cast):
    first = add_member(cast.union, values(1), by=cast.officer)
    with pytest.raises(Refused, match=f"已是本工会的会员，会员编号 {first.number}") as refusal:
        add_member(cast.union, values(1, name="另外一人"), by=cast.officer)
    assert refusal.value.field == "document_number"
    assert live(cast.union).member_count == 1


def test_a_member_of_another_union_is_refused_without_a_word_about_it(cast):
    add_member(cast.neighbour, values(1), by=cast.neighbour_officer)
    with pytest.raises(Refused, match="会员转入") as refusal:
        add_member(cast.union, values(1), by=cast.officer)
    assert cast.neighbour.name not in refusal.value.sentence
    assert typed(1)["name"] not in refusal.value.sentence


def test_somebody_of_no_union_comes_back_under_the_old_number(cast):
    former = make_member(None, name=typed(1)["name"], number=typed(1)["document_number"], mobile="19911112222")
    member = add_member(cast.union, values(1), by=cast.officer)
    member.refresh_from_db()
    assert (member.pk, member.number, member.union) == (former.pk, former.number, cast.union)
    assert (member.status, member.mobile) == (Status.NORMAL, typed(1)["mobile"])
    assert member.memberships.filter(ended_on=None).count() == 1
    assert last_entry().verb == "member.readmitted"
    assert live(cast.union).member_count == 1


def test_somebody_of_no_union_under_another_name_is_refused_neutrally(cast):
    make_member(None, name="原来姓名", number=typed(1)["document_number"])
    with pytest.raises(Refused) as refusal:
        add_member(cast.union, values(1), by=cast.officer)
    assert refusal.value.field == "document_number"
    assert "原来姓名" not in refusal.value.sentence


def test_the_database_itself_lets_a_document_in_once(cast):
    """Two unions add a person at the same moment: the lookup finds nobody, the unique index decides."""
    from django.db import IntegrityError, transaction

    member = add_member(cast.union, values(1), by=cast.officer)
    copy = Member.objects.get(pk=member.pk)
    copy.pk, copy.number = None, "0109999999"
    with pytest.raises(IntegrityError, match="member_document_once"), transaction.atomic():
        copy.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_union", [True, False])
def test_two_officers_adding_the_same_person_at_once(same_union):
    from tests.people import make_cast

    cast = make_cast()
    others = (cast.union, cast.officer) if same_union else (cast.neighbour, cast.neighbour_officer)
    start, outcomes = threading.Barrier(2), Counter()

    def run(union: Union, officer) -> None:
        try:
            start.wait()
            add_member(union, values(1), by=officer)
            outcomes["added"] += 1
        except Refused as refusal:
            outcomes["已是" in refusal.sentence and "refused"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((cast.union, cast.officer), others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"added": 1, "refused": 1}
    assert Member.objects.count() == Membership.objects.count() == 1
    assert sum(Union.objects.values_list("member_count", flat=True)) == 1


# Editing


@pytest.fixture
def member(cast) -> Member:
    return add_member(cast.union, values(1), by=cast.officer)


def test_an_edit_takes_effect_at_once_and_is_recorded_without_values(cast, member):
    changed = edit_member(
        member, values(1, mobile="19911112222", education="master"), version=version_of(member), by=cast.officer
    )
    member.refresh_from_db()
    assert changed.at_once == ["mobile", "education"]
    assert (member.mobile, member.education) == ("19911112222", "master")
    version = member.events.latest("pgh_id").pk
    assert (last_entry().verb, last_entry().data) == (
        "member.edited",
        {"fields": ["移动电话", "学历"], "version": version},
    )
    assert member.events.count() == 1


def test_an_edit_without_change_writes_nothing(cast, member):
    entries = Entry.objects.count()
    assert edit_member(member, values(1), version=version_of(member), by=cast.officer) == ([], [])
    assert (Entry.objects.count(), member.events.count()) == (entries, 0)


def test_a_changed_document_stays_unique_in_the_union(cast, member):
    other = add_member(cast.union, values(2), by=cast.officer)
    with pytest.raises(Refused, match=f"另一名会员：{member.name}，会员编号 {member.number}"):
        edit_member(other, values(1), version=version_of(other), by=cast.officer)
    other.refresh_from_db()
    assert other.document_number == typed(2)["document_number"]


def test_a_document_of_another_unions_member_tells_nothing(cast, member):
    far_member = add_member(cast.far, values(2), by=cast.far_officer)
    with pytest.raises(Refused, match="登记在另一份同名的资料上") as refusal:
        edit_member(far_member, values(1), version=version_of(far_member), by=cast.far_officer)
    assert member.name not in refusal.value.sentence


def test_a_changed_document_is_found_by_its_new_number(cast, member):
    edit_member(member, values(2, name=member.name), version=version_of(member), by=cast.officer)
    with pytest.raises(Refused, match="已是本工会的会员"):
        add_member(cast.union, values(2), by=cast.officer)
    assert add_member(cast.union, values(1), by=cast.officer).pk != member.pk


def test_an_edit_on_an_old_page_overwrites_nothing(cast, member):
    opened = version_of(member)
    edit_member(member, values(1, mobile="19911112222"), version=opened, by=cast.officer)
    with pytest.raises(Refused, match="已被修改"):
        edit_member(member, values(1, education="master"), version=opened, by=cast.officer)
    member.refresh_from_db()
    assert (member.mobile, member.education) == ("19911112222", "bachelor")


@pytest.mark.parametrize("user", ["neighbour_officer", "reviewer", "platform_admin"])
def test_only_the_unions_own_officer_edits(cast, member, user):
    with pytest.raises(Refused, match="只有会员所在的基层工会"):
        edit_member(member, values(1, education="master"), version=version_of(member), by=getattr(cast, user))


# Disclosing and exporting


def test_a_look_at_full_numbers_is_recorded(cast, member):
    shown = reveal_member(member, by=cast.reviewer)
    assert shown["document_number"] == typed(1)["document_number"]
    entry = last_entry()
    assert (entry.verb, entry.actor, entry.object_id) == ("member.revealed", cast.reviewer, member.pk)
    assert not any(value in str(vars(entry)) for value in shown.values())


def test_a_viewer_sees_masks_only(cast, member):
    with pytest.raises(Refused):
        reveal_member(member, by=cast.viewer)


def exported(path) -> list[list[str]]:
    return [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


def test_an_export_is_masked_and_recorded_with_its_count(cast, member, tmp_path):
    add_member(cast.union, values(2), by=cast.officer)
    rows = Member.objects.visible_to(cast.officer).order_by("id")
    assert export_members(rows, tmp_path / "members.xlsx", by=cast.officer) == 2
    heading, first, _ = exported(tmp_path / "members.xlsx")
    assert heading[:2] == ["会员编号", "姓名"]
    assert first[0] == "0100000001"
    assert typed(1)["document_number"] not in first
    assert "*" in first[heading.index("证件号码")]
    assert (last_entry().verb, last_entry().data) == ("member.exported", {"count": 2, "full": False})


def test_an_export_in_full_keeps_text_as_text_and_is_recorded_as_full(cast, member):
    heading, first = taken(cast.officer)
    assert first[heading.index("证件号码")] == typed(1)["document_number"]
    assert last_entry().data == {"count": 1, "full": True, "purpose": PURPOSE}
    with pytest.raises(Refused, match="只能导出遮盖号码"):
        taken(cast.viewer)


def test_an_export_of_too_many_asks_for_filters(cast, member, tmp_path, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    with pytest.raises(Refused, match="由系统在后台生成"):
        export_members(Member.objects.all(), tmp_path / "members.xlsx", by=cast.officer)
    monkeypatch.setattr(export, "MAX_EXPORT", 0)
    with pytest.raises(Refused, match="缩小范围"):
        export_members(Member.objects.all(), tmp_path / "members.xlsx", by=cast.officer)
