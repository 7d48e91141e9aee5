"""One person, one record: the type that a number proves counts everywhere, not the chosen one (SPEC 3.11)."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.config import check
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.kit.documents import id_check_digit
from gonghui.kit.errors import Refused
from gonghui.members import identity
from gonghui.members.codes import DocumentType
from gonghui.members.fields import MemberValues
from gonghui.members.identity import prove_documents
from gonghui.members.models import Duplicate, Member
from gonghui.members.queries import document_keys
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.members.roster import actions as intake
from gonghui.members.validation import document_key, validate_member
from gonghui.transfers.models import Tally
from gonghui.transfers.requests.actions import request_member
from tests.factories import change_member
from tests.members.people import typed, values
from tests.workbooks import member_row, upload

pytestmark = pytest.mark.django_db


def numbered(body: str) -> str:
    return body + id_check_digit(body)


PROVEN = {
    "resident_id": numbered("31011019880606441"),
    "hmt_residence": numbered("81000019880606441"),
    "foreign_permanent": numbered("91112419880606441"),
}
"""A number for each type that a number proves."""
DOUBTFUL = [
    ("passport", "H12345678", "hk_macao_permit"),
    ("passport", "M1234567801"[:9], "hk_macao_permit"),
    ("passport", "12345678", "taiwan_permit"),
    ("other", "H12345678", "hk_macao_permit"),
    ("other", "h 1234 567801", "hk_macao_permit"),
    ("other", "12345678", "taiwan_permit"),
    ("other", "1234567801(B)", "taiwan_permit"),
    ("other", "USA310101010101", "foreign_permanent"),
]
every_proof = pytest.mark.parametrize("proven", PROVEN)
every_type = pytest.mark.parametrize("chosen", DocumentType.values)
every_doubt = pytest.mark.parametrize(("chosen", "number", "similar"), DOUBTFUL)


def person(chosen: str, number: str, **changes: str) -> dict[str, str]:
    contained = {} if number in PROVEN.values() else {"sex": "female", "born_on": "1988-06-06"}
    return (
        typed(1, document_type=chosen, document_number=number, sex="", born_on="", name="张明明") | contained | changes
    )


def checked(chosen: str, number: str, **changes: str) -> MemberValues:
    checked_values, problems = validate_member(person(chosen, number, **changes))
    assert checked_values, problems
    return checked_values


def row(chosen: str, number: str) -> list[object]:
    """The same as a row; ``chosen`` may be a label."""
    label = dict(DocumentType.choices).get(chosen, chosen)
    contained = {"sex": "", "born_on": ""} if number in PROVEN.values() else {"sex": "女", "born_on": "1988-06-06"}
    return member_row(1, name="张明明", document_type=label, document_number=number, **contained)


def send(cast, *rows):
    return upload_workbook(cast.union, KINDS["members"], upload(rows), by=cast.officer)


@every_type
@every_proof
def test_the_form_registers_what_the_number_proves(cast, client: Client, proven, chosen):
    client.force_login(cast.officer)
    page = client.post(reverse("members:add"), person(chosen, PROVEN[proven]), follow=True).content.decode()
    member = Member.objects.get()
    assert member.document_type == proven
    assert bytes(member.document_hash) == document_key(proven, PROVEN[proven])
    assert (f"证件类型已按“{DocumentType(proven).label}”登记" in page) == (proven != chosen)


@every_type
@every_proof
def test_the_live_check_tells_what_the_number_proves(cast, client: Client, proven, chosen):
    client.force_login(cast.officer)
    sent = {"document_type": chosen, "document_number": PROVEN[proven]}
    page = client.post(reverse("members:check"), sent).content.decode()
    assert (f"这是{DocumentType(proven).label}的号码" in page) == (proven != chosen)


@every_type
@every_proof
def test_no_door_takes_a_person_for_two(cast, proven, chosen):
    number = PROVEN[proven]
    member = add_member(cast.union, checked(proven, number), by=cast.officer)
    with pytest.raises(Refused, match="已是本工会的会员"):
        add_member(cast.union, checked(chosen, number), by=cast.officer)
    batch = send(cast, row(chosen, number))
    assert not batch.problem_count
    assert intake.NEW not in batch.group_counts
    other = add_member(cast.union, values(7), by=cast.officer)
    with pytest.raises(Refused, match="属于本工会的另一名会员"):
        edit_member(other, checked(chosen, number), version=version_of(other), by=cast.officer)
    assert request_member(cast.neighbour, "张明明", number, by=cast.neighbour_officer).tally == Tally.REQUESTED
    assert Member.objects.get(document_hash__in=document_keys(number)) == member


@every_type
@every_proof
def test_the_workbook_registers_what_the_number_proves(cast, proven, chosen):
    run_batch(send(cast, row(chosen, PROVEN[proven])).pk)
    assert Member.objects.get().document_type == proven


@every_doubt
def test_the_form_asks_and_the_officer_may_say_no(cast, client: Client, chosen, number, similar):
    client.force_login(cast.officer)
    refused = client.post(reverse("members:add"), person(chosen, number))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"号码却像“{DocumentType(similar).label}”的号码" in page
    assert 'name="type_confirmed"' in page
    assert not Member.objects.exists()
    assert client.post(reverse("members:add"), person(chosen, number, type_confirmed="on")).status_code == 302
    member = Member.objects.get()
    assert member.document_type == chosen, "never changed by itself"
    client.post(
        reverse("members:edit", args=[member.pk]),
        person(chosen, number, mobile="19900005678", version=version_of(member)),
    )
    member.refresh_from_db()
    assert member.mobile == "19900005678", "who is registered so is not asked about again"


@every_doubt
def test_the_workbook_asks_and_the_officer_may_say_no(cast, chosen, number, similar):
    batch = send(cast, row(chosen, number))
    (problem,) = batch.problems
    assert problem.column == "document_type"
    assert f"号码却像“{DocumentType(similar).label}”的号码" in problem.wrong
    label = f"{DocumentType(chosen).label}（已核对）"
    assert label in problem.right
    run_batch(send(cast, row(label, number)).pk)
    assert Member.objects.get().document_type == chosen
    assert send(cast, row(chosen, number)).group_counts == {intake.SAME: 1}, "who is registered so is not asked about"


@every_doubt
def test_an_edit_asks_too(cast, chosen, number, similar):
    member = add_member(cast.union, values(1), by=cast.officer)
    with pytest.raises(Refused, match="请对照证件核对"):
        edit_member(member, checked(chosen, number), version=version_of(member), by=cast.officer)
    edit_member(member, checked(chosen, number), version=version_of(member), by=cast.officer, type_confirmed=True)
    member.refresh_from_db()
    assert member.document_type == chosen


def former(cast, chosen: str, number: str, seed: int) -> Member:
    """A member as an earlier version registered the person: with the chosen type."""
    member = add_member(cast.union, values(seed), by=cast.officer)
    change_member(member, document_number=number, document_type=chosen)
    Member.objects.filter(pk=member.pk).update(document_hash=document_key(chosen, number))
    member.refresh_from_db()
    return member


@every_type
@every_proof
def test_a_record_of_an_earlier_version_gets_what_its_number_proves(cast, proven, chosen):
    member = former(cast, chosen, PROVEN[proven], 1)
    assert prove_documents() == (proven != chosen)
    member.refresh_from_db()
    assert (member.document_type, bytes(member.document_hash)) == (proven, document_key(proven, PROVEN[proven]))
    assert prove_documents() == 0, "it may be repeated"
    assert Entry.objects.filter(verb="member.document_proven").count() == (proven != chosen)


def test_every_update_after_the_first_leaves_the_register_alone(cast, monkeypatch):
    """A check of ten million numbers takes minutes; only new rules of proof are worth it."""
    call_command("prove_documents")
    assert Entry.objects.get(verb="members.documents_proven").data == {"rules": identity.RULES, "mended": 0}
    former(cast, "resident_id", PROVEN["foreign_permanent"], 1)
    with CaptureQueriesContext(connection) as queries:
        call_command("prove_documents")
    assert len(queries) == 1
    monkeypatch.setattr(identity, "RULES", identity.RULES + 1)
    call_command("prove_documents")
    assert Entry.objects.filter(verb="member.document_proven").count() == 1


def test_who_would_meet_keeps_the_old_key_and_is_listed(cast, capsys):
    number = PROVEN["foreign_permanent"]
    right, second = former(cast, "foreign_permanent", number, 1), former(cast, "resident_id", number, 2)
    call_command("prove_documents")
    call_command("prove_documents", again=True)
    second.refresh_from_db()
    assert second.document_type == "foreign_permanent", "what a card goes by is right"
    assert bytes(second.document_hash) == document_key("resident_id", number)
    assert Duplicate.objects.get().other == right
    assert f"{second.number} and {right.number}" in check._duplicates().seen
    assert set(Member.objects.filter(document_hash__in=document_keys(number))) == {right, second}, "both are found"
    shown = MemberValues(**values_of(second))
    edit_member(second, shown._replace(mobile="19900005678"), version=version_of(second), by=cast.officer)
    second.refresh_from_db()
    assert second.mobile == "19900005678", "it can be worked with"
