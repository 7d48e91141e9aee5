"""The national forms leave by the one door: many rows are approved by a second person (SPEC 5.5, ADR 57)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.exports import actions as disclosures
from gonghui.exports.models import Export as Disclosure
from gonghui.exports.models import ExportState as DisclosureState
from gonghui.kit.errors import Refused
from gonghui.national.exports import actions
from gonghui.national.models import Export, File
from gonghui.national.states import ExportState
from gonghui.notices.models import Notice
from tests.exports.stories import approved, colleague
from tests.factories import live, make_member
from tests.national.stories import contents, exported, rows
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db


def waiting(cast, members: int = 2, by: User | None = None, form: str = "member") -> Disclosure:
    """Asked for by the officer, of more rows than one alone may have."""
    ruled(cast, export_alone_rows=1)
    for _ in range(members):
        make_member(cast.union)
    return actions.ask(form, purpose="填报", by=by or cast.officer)


def filled(disclosure: Disclosure, by: User) -> Export:
    """Approved, and written by its job."""
    approved(disclosure, by)
    export = Export.objects.get(disclosure=disclosure)
    actions.build(export.pk)
    return live(export)


def test_up_to_some_rows_one_alone_has_it_and_it_is_listed_too(cast):
    ruled(cast, export_alone_rows=2)
    make_member(cast.union)
    make_member(cast.union)
    export = exported(cast.officer)
    assert export.disclosure
    assert (export.disclosure.second, export.disclosure.state, export.disclosure.rows) == (
        False,
        DisclosureState.READY,
        2,
    )
    actions.download(export, 1, by=cast.officer)
    assert live(export.disclosure).fetched == 1


def test_above_them_nothing_is_made_until_a_second_person_has_approved(cast):
    second = colleague(cast)
    disclosure = waiting(cast)
    assert (disclosure.state, disclosure.decides) == (DisclosureState.PENDING, cast.union)
    assert not Export.objects.exists()
    assert Notice.objects.filter(user=second, title__contains="申请导出工会会员信息采集表").exists()
    export = filled(disclosure, second)
    assert export.state == ExportState.READY
    assert len(rows(export)) == 2
    assert actions.download(export, 1, by=cast.officer).content.startswith(b"PK")


def test_the_organisations_form_of_many_unions_is_approved_too(cast):
    ruled(cast, export_alone_rows=1)
    disclosure = actions.ask("organisation", purpose="填报", by=cast.district_admin)
    assert disclosure.state == DisclosureState.PENDING


def test_what_is_approved_has_the_bytes_of_what_one_alone_would_have(cast):
    second = colleague(cast)
    make_member(cast.union)
    make_member(cast.union)
    alone = contents(exported(cast.officer))
    ruled(cast, export_alone_rows=1)
    export = filled(actions.ask("member", purpose="填报", by=cast.officer), second)
    assert contents(export) == alone
    assert export.disclosure
    assert export.disclosure.number in File.objects.get(export=export).name


def test_a_refusal_has_a_reason_and_nothing_is_made(cast):
    second = colleague(cast)
    disclosure = waiting(cast)
    with pytest.raises(Refused, match="请填写不批准的原因"):
        disclosures.decide(disclosure, approved=False, by=second)
    disclosures.decide(disclosure, approved=False, opinion="不是现在", by=second)
    assert live(disclosure).state == DisclosureState.REFUSED
    assert not Export.objects.exists()


def test_nobody_approves_his_own(cast):
    colleague(cast)
    disclosure = waiting(cast)
    with pytest.raises(Refused, match="不能由您自己批准"):
        disclosures.decide(disclosure, approved=True, rows=2, by=cast.officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=disclosure.pk).update(decided_by=cast.officer, decided_at=timezone.now())


def test_a_union_with_one_officer_asks_the_nearest_superior(cast):
    assert waiting(cast).decides == cast.street


@pytest.mark.parametrize("who", ["neighbour_officer", "far_officer"])
def test_a_stranger_finds_neither_the_request_nor_the_form(cast, client, who):
    second = colleague(cast)
    export = filled(waiting(cast), second)
    client.force_login(getattr(cast, who))
    assert export.disclosure
    for address in (
        reverse("exports:export", args=[export.disclosure.pk]), reverse("national:export", args=[export.pk])
    ):  # fmt: skip
        assert client.get(address).status_code == 404
    assert client.post(reverse("national:download", args=[export.pk, 1])).status_code == 404


def test_what_was_approved_for_one_is_handed_to_no_colleague(cast, client):
    second = colleague(cast)
    export = filled(waiting(cast), second)
    with pytest.raises(Refused, match="只有申请导出的人可以下载"):
        actions.download(export, 1, by=second)
    client.force_login(second)
    text = client.get(reverse("national:export", args=[export.pk])).content.decode()
    assert "只有申请人可以下载" in text
    assert reverse("national:download", args=[export.pk, 1]) not in text


def test_called_back_while_it_waits_it_is_not_approved(cast):
    second = colleague(cast)
    disclosure = waiting(cast)
    disclosures.recall(disclosure, by=cast.officer)
    with pytest.raises(Refused, match="收回"):
        approved(disclosure, second)
    assert not Export.objects.exists()


def test_called_back_while_it_is_written_the_job_stops(cast, monkeypatch):
    second = colleague(cast)
    disclosure = approved(waiting(cast), second)
    export = Export.objects.get(disclosure=disclosure)
    write = actions.write_form

    def called_back(*args, **more):
        count = write(*args, **more)
        disclosures.recall(live(disclosure), reason="发错了", by=second)
        return count

    monkeypatch.setattr(actions, "write_form", called_back)
    actions.build(export.pk)
    assert (live(export).state, File.objects.count()) == (ExportState.RECALLED, 0)


def test_called_back_when_it_is_there_its_files_are_gone_and_it_is_not_reported(cast):
    second = colleague(cast)
    export = filled(waiting(cast), second)
    disclosures.recall(export.disclosure, reason="用途不对", by=second)
    assert (live(export).state, File.objects.count()) == (ExportState.RECALLED, 0)
    with pytest.raises(Refused, match="收回"):
        actions.download(live(export), 1, by=cast.officer)
    with pytest.raises(Refused, match="已收回"):
        actions.mark(live(export), by=cast.officer)


def test_what_was_reported_before_the_recall_stays_reported(cast):
    second = colleague(cast)
    export = filled(waiting(cast), second)
    actions.mark(export, by=cast.officer)
    actions.enter(export.pk)
    disclosures.recall(export.disclosure, reason="文件已交", by=second)
    assert (live(export).state, File.objects.count()) == (ExportState.REPORTED, 0)


def test_of_many_more_rows_than_were_approved_none_is_written_and_it_is_asked_for_again(cast):
    second = colleague(cast)
    disclosure = approved(waiting(cast), second)
    make_member(cast.union)
    make_member(cast.union)
    export = Export.objects.get(disclosure=disclosure)
    actions.build(export.pk)
    assert (live(export).state, live(disclosure).state) == (ExportState.FAILED, DisclosureState.FAILED)
    assert not File.objects.exists()
    assert "增加到超过 3 行" in live(disclosure).failure
    assert actions.ask("member", purpose="填报", by=cast.officer).total == 4


def test_as_many_as_leave_alone_may_join_until_it_is_written(cast):
    second = colleague(cast)
    disclosure = waiting(cast)
    make_member(cast.union)
    disclosures.decide(disclosure, approved=True, rows=2, by=second)
    make_member(cast.union)
    export = Export.objects.get(disclosure=disclosure)
    actions.build(export.pk)
    assert (live(export).state, live(export).rows, live(disclosure).total) == (ExportState.READY, 4, 3)


def test_rows_that_come_while_it_is_written_leave_nobody_out(cast, monkeypatch):
    second = colleague(cast)
    disclosure = approved(waiting(cast), second)
    plan_of = disclosures.plan_of

    def grows(disclosure):
        plan = plan_of(disclosure)
        make_member(cast.union)
        make_member(cast.union)
        return plan

    monkeypatch.setattr(disclosures, "plan_of", grows)
    export = Export.objects.get(disclosure=disclosure)
    actions.build(export.pk)
    assert (live(export).state, File.objects.count()) == (ExportState.FAILED, 0)


def test_one_alone_may_have_a_few_more_than_were_counted(cast):
    ruled(cast, export_alone_rows=2)
    make_member(cast.union)
    disclosure = actions.ask("member", purpose="填报", by=cast.officer)
    make_member(cast.union)
    export = Export.objects.get(disclosure=disclosure)
    actions.build(export.pk)
    assert (live(export).state, live(export).rows) == (ExportState.READY, 2)


def test_a_list_that_grew_while_it_waited_is_approved_as_it_is_now(cast):
    second = colleague(cast)
    disclosure = waiting(cast)
    make_member(cast.union)
    make_member(cast.union)
    with pytest.raises(Refused, match="现在是 4 行"):
        disclosures.decide(disclosure, approved=True, rows=2, by=second)


def test_who_may_not_export_any_more_gets_nothing_written(cast):
    second = colleague(cast)
    disclosure = approved(waiting(cast), second)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    export = Export.objects.get(disclosure=disclosure)
    actions.build(export.pk)
    assert live(export).state == ExportState.FAILED


def test_given_up_both_records_say_so(cast):
    second = colleague(cast)
    disclosure = approved(waiting(cast), second)
    actions.give_up(Export.objects.get(disclosure=disclosure).pk)
    assert live(disclosure).state == DisclosureState.FAILED


def test_a_file_of_before_the_second_person_is_not_handed_out(cast):
    make_member(cast.union)
    export = exported(cast.officer)
    Export.objects.filter(pk=export.pk).update(disclosure=None)
    with pytest.raises(Refused, match="升级以前"):
        actions.download(live(export), 1, by=cast.officer)


def test_who_asks_sees_who_decides_and_the_way_back_and_the_other_what_and_why(cast, client):
    second = colleague(cast)
    waiting(cast)
    client.force_login(cast.officer)
    data = {"purpose": "填报采集表", "confirmed": "on"}
    disclosures.recall(Disclosure.objects.get(), by=cast.officer)
    answer = client.post(reverse("national:ask", args=["member"]), data, follow=True)
    disclosure = Disclosure.objects.latest("pk")
    assert answer.redirect_chain[-1][0] == reverse("exports:export", args=[disclosure.pk])
    assert "等待第二人同意" in answer.content.decode()
    assert "收回导出" in answer.content.decode()
    assert "等待第二人同意" in client.get(reverse("national:exports")).content.decode()
    client.force_login(second)
    text = client.get(reverse("exports:export", args=[disclosure.pk])).content.decode()
    for words in ("示例经办人", "填报采集表", "行完整号码，只有申请人可以下载", cast.union.name):
        assert words in text
    export = filled(disclosure, second)
    client.force_login(cast.officer)
    assert (
        reverse("national:export", args=[export.pk])
        in client.get(reverse("exports:export", args=[disclosure.pk])).content.decode()
    )
