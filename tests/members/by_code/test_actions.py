"""「组织机构代码导入会员」 (SPEC 3.5): the own code at once, another code masked and after review."""

import dataclasses

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.by_code import actions as code_import
from gonghui.members.by_code.actions import bound_to, run_import, search, start_import
from gonghui.members.memberships import move
from gonghui.members.models import CodeImport, Member, Membership
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.kinds import checks_of
from gonghui.unions.models import Union
from tests.factories import live, make_member, org_code
from tests.people import Cast

pytestmark = pytest.mark.django_db
PAGE, START = reverse("members:by_code"), reverse("members:by_code_start")
OTHER = org_code(4321)


def own_code(cast: Cast) -> str:
    return cast.union.employer.code or ""


def bound(cast: Cast, count: int = 1, code: str = "") -> list[Member]:
    return [make_member(None, unit_code=code or own_code(cast)) for _ in range(count)]


def started(cast: Cast, code: str = "", ids=None) -> CodeImport:
    return start_import(cast.union, code or own_code(cast), ids, by=cast.officer)


def test_who_is_bound_to_the_code_and_in_no_union_is_found(cast):
    (member,) = bound(cast)
    make_member(cast.neighbour, unit_code=own_code(cast))
    make_member(None, unit_code=OTHER)
    dead = make_member(cast.union, unit_code=own_code(cast))
    move([dead.pk], to=None, reason=Membership.Reason.DIED)
    assert list(bound_to(own_code(cast))) == [member]
    assert list(bound_to("")) == []


@pytest.mark.server
def test_by_the_own_code_they_come_in_at_once_with_number_and_history(cast):
    members = bound(cast, 3)
    finished = started(cast)
    assert (finished.state, finished.done, finished.message) == ("done", 3, "导入会员 3 人。")
    for member in members:
        assert (live(member).union, live(member).number) == (cast.union, member.number)
    stay = members[0].memberships.get(ended_on=None)
    assert (stay.began_by, stay.began_act) == ("by_code", finished.act)
    assert live(cast.union).member_count == 3
    assert Entry.objects.filter(verb="codeimport.started", data__count=3).exists()


def test_only_the_chosen_come_in(cast):
    first, second = bound(cast, 2)
    started(cast, ids=[first.pk])
    assert (live(first).union, live(second).union) == (cast.union, None)


def test_chosen_people_of_another_code_or_union_are_left_alone(cast):
    other, neighbours_member = make_member(None, unit_code=OTHER), make_member(cast.neighbour, unit_code=own_code(cast))
    with pytest.raises(Refused, match="请重新查询"):
        started(cast, ids=[other.pk, neighbours_member.pk])
    assert (live(other).union, live(neighbours_member).union) == (None, cast.neighbour)


def test_by_another_code_only_after_the_superiors_review(cast):
    (member,) = bound(cast, 1, OTHER)
    pending = started(cast, OTHER)
    assert (pending.state, live(member).union) == ("pending", None)
    assert cast.reviewer.notices.filter(title__contains="组织机构代码导入").exists()
    decide(pending.review, decision="approved", opinion="", by=cast.reviewer)
    assert (live(pending).state, live(member).union) == ("done", cast.union)
    assert cast.officer.notices.filter(title__contains="导入成功").exists()


def test_returned_or_withdrawn_nobody_comes_in(cast):
    (member,) = bound(cast, 1, OTHER)
    first = started(cast, OTHER)
    decide(first.review, decision="refused", opinion="请附证明", by=cast.reviewer)
    assert "请附证明" in live(first).message
    second = started(cast, OTHER)
    with pytest.raises(Refused):
        withdraw(second.review, by=cast.neighbour_officer)
    withdraw(second.review, by=cast.officer)
    assert (live(second).state, live(member).union) == ("withdrawn", None)
    with pytest.raises(Refused, match="已撤回"):
        decide(second.review, decision="approved", opinion="", by=cast.reviewer)


def test_who_has_joined_another_union_meanwhile_is_left_there_and_counted(cast):
    joined_elsewhere, free = bound(cast, 2, OTHER)
    pending = started(cast, OTHER)
    move([joined_elsewhere.pk], to=cast.neighbour, reason="added")
    assert "1 人已加入其他工会" in checks_of(pending.review)[0].text
    decide(pending.review, decision="approved", opinion="", by=cast.reviewer)
    assert (live(joined_elsewhere).union, live(free).union) == (cast.neighbour, cast.union)
    assert "另有 1 人已加入其他工会" in live(pending).message


def test_one_at_a_time(cast):
    bound(cast, 2, OTHER)
    started(cast, OTHER)
    bound(cast)
    with pytest.raises(Refused, match="还没有结束"):
        started(cast)


def test_many_come_in_by_a_job_in_chunks_that_may_be_killed_in_between(cast, monkeypatch):
    monkeypatch.setattr(code_import, "AT_ONCE", 2)
    monkeypatch.setattr(code_import, "CHUNK", 2)
    bound(cast, 5)
    running = started(cast)
    assert (running.state, running.done) == ("running", 0)
    assert code_import.run_chunk(running.pk)  # and here the worker is killed
    assert (live(running).looked_at, live(cast.union).member_count) == (2, 2)
    run_import(running.pk)
    run_import(running.pk)
    assert (live(running).state, live(running).done, live(cast.union).member_count) == ("done", 5, 5)


def test_a_union_that_ends_meanwhile_takes_in_nobody_more(cast, monkeypatch):
    monkeypatch.setattr(code_import, "AT_ONCE", 0)
    bound(cast)
    running = started(cast)
    Union.objects.filter(pk=cast.union.pk).update(state="dissolved")
    run_import(running.pk)
    assert live(running).state == "failed"


def test_only_officers_of_an_approved_union(cast):
    bound(cast)
    for by in (cast.neighbour_officer, cast.reviewer):
        with pytest.raises(Refused, match="经办人"):
            start_import(cast.union, own_code(cast), None, by=by)
        with pytest.raises(Refused, match="经办人"):
            search(cast.union, OTHER, by=by)


def test_every_look_is_on_record(cast):
    for code in (own_code(cast), OTHER, OTHER):
        search(cast.union, code, by=cast.officer)
        assert Entry.objects.filter(verb="codeimport.searched").latest("id").data == {"code": code}
    assert Entry.objects.filter(verb="codeimport.searched").count() == 3


@pytest.fixture
def two_codes(monkeypatch):
    monkeypatch.setattr(settings, "ENVIRONMENT", dataclasses.replace(settings.ENVIRONMENT, code_lookups=2))


def test_other_codes_are_limited_a_day_and_the_own_one_is_not(client, cast, two_codes):
    client.force_login(cast.officer)
    for code in (OTHER, OTHER, org_code(4322), OTHER):
        assert client.get(PAGE, {"code": code}).status_code == 200
    for query in ({"code": org_code(4323)}, {"code": org_code(4323), "page": "1"}):
        refused = client.get(PAGE, query)
        assert refused.status_code == 422
        assert "已达到上限（每天 2 个）" in refused.content.decode()
    assert Entry.objects.filter(verb="codeimport.search_stopped", data__code=org_code(4323)).count() == 2
    for code in (OTHER, own_code(cast)):
        assert client.get(PAGE, {"code": code}).status_code == 200
    # Another union has a limit of its own.
    assert list(search(cast.neighbour, org_code(4323), by=cast.neighbour_officer)) == []


def test_asking_to_import_by_a_code_is_asking_for_it(cast, two_codes):
    for serial in (1, 2):
        with pytest.raises(Refused, match="请重新查询"):
            started(cast, org_code(4321 + serial))
    bound(cast, 1, OTHER)
    with pytest.raises(Refused, match="已达到上限"):
        started(cast, OTHER)
    assert not CodeImport.objects.exists()
    verbs = Entry.objects.filter(verb__startswith="codeimport").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["codeimport.searched", "codeimport.searched", "codeimport.search_stopped"]


# The page


def test_the_page_offers_the_own_code_and_lists_whom_it_leads_to(client, cast):
    (member,) = bound(cast)
    client.force_login(cast.officer)
    assert own_code(cast) in client.get(PAGE).content.decode()
    page = client.get(PAGE, {"code": own_code(cast)}).content.decode()
    assert member.name in page
    assert member.document_number not in page
    done = client.post(START, {"code": own_code(cast), "member": member.pk, "which": "chosen"}, follow=True)
    assert "导入会员 1 人" in done.content.decode()


def test_by_another_code_names_are_masked(client, cast):
    member = make_member(None, unit_code=OTHER, name="王小明")
    client.force_login(cast.officer)
    page = client.get(PAGE, {"code": OTHER}).content.decode()
    assert "王小明" not in page
    assert "王**" in page
    assert member.mobile not in page
    done = client.post(START, {"code": OTHER, "which": "all"}, follow=True).content.decode()
    assert "已提交上级工会审核" in done
    client.force_login(cast.reviewer)
    review = client.get(reverse("reviews:review", args=[CodeImport.objects.get().review_id])).content.decode()
    assert "王**" in review
    assert "王小明" not in review


def test_more_than_work_there_are_told_to_the_officer_and_to_the_superior(client, cast):
    bound(cast, 2, OTHER)
    client.force_login(cast.officer)
    for staff, warned in ((2, False), (1, True)):
        Union.objects.filter(pk=cast.union.pk).update(staff_count=staff)
        assert ("全部导入后会员 2 人，多于职工人数 1 人" in client.get(PAGE, {"code": OTHER}).text) is warned
    started = start_import(live(cast.union), OTHER, None, by=cast.officer)
    client.force_login(cast.reviewer)
    assert (
        "导入后会员 2 人，多于职工人数 1 人，请核实"
        in client.get(reverse("reviews:review", args=[started.review_id])).text
    )


def test_nobody_found_and_a_wrong_code_say_so(client, cast):
    client.force_login(cast.officer)
    assert "会员库中没有与此组织机构代码绑定的会员" in client.get(PAGE, {"code": OTHER}).content.decode()
    wrong = client.get(PAGE, {"code": "700000000"})
    assert wrong.status_code == 422
    assert "校验" in wrong.content.decode()


def test_nothing_ticked_says_so(client, cast):
    client.force_login(cast.officer)
    answer = client.post(START, {"code": own_code(cast), "which": "chosen"}, follow=True)
    assert "请先勾选" in answer.content.decode()


def test_progress_is_shown_while_it_runs(client, cast, monkeypatch):
    monkeypatch.setattr(code_import, "AT_ONCE", 0)
    bound(cast, 3)
    running = started(cast)
    client.force_login(cast.officer)
    progress = reverse("members:by_code_progress")
    assert "0 / 3" in client.get(progress).content.decode()
    run_import(running.pk)
    assert client.get(progress)["HX-Refresh"] == "true"


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(client, cast):
    client.force_login(cast.officer)
    bound(cast, 100)
    address, counts = f"{PAGE}?code={own_code(cast)}&page=1", []
    client.get(address)
    for size in (10, 100):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"{address}&size={size}")
        counts.append(len(queries))
        assert len(page.context["page"].rows) == size
    assert counts[0] == counts[1]
