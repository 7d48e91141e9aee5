"""The city adds, renames, moves and closes superior unions, and what that does below them (SPEC 5.4)."""

import pytest
from django.db import IntegrityError, transaction

from gonghui.accounts.actions import create_account, enable_account
from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.filings.models import Filing
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Review, Step
from gonghui.superiors import actions
from gonghui.superiors.models import ChangeState, TreeChange
from gonghui.superiors.queries import version_of
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState
from gonghui.unions.queries import former_names, superiors_below
from tests.factories import live
from tests.filings.stories import amended, submitted
from tests.superiors.stories import begun_closing, begun_move, ended, renamed, second_district

pytestmark = pytest.mark.django_db

NEW = {"kind": UnionKind.STREET, "name": "长海路街道工会", "area": "长海路街道", "code": "010099"}


def added(cast, by=None, **other) -> TreeChange:
    return actions.add_superior(cast.district, by=by or cast.platform_admin, **(NEW | other))


def test_the_city_adds_a_street_that_can_be_chosen_at_once(cast):
    union = live(added(cast).union)
    assert (union.superior, union.level2, union.state) == (cast.district, cast.district, UnionState.APPROVED)
    assert union in superiors_below(cast.district_admin)
    assert Entry.objects.get(verb="superior.added").union_id == union.pk


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "五角场镇工会"}, "下面已有“五角场镇工会”"),
        ({"name": " "}, "名称应为 2 至 60 个字"),
        ({"name": "长" * 61}, "名称应为 2 至 60 个字"),
        ({"area": "长" * 61}, "简称不能超过 60 个字"),
        ({"code": "0100"}, "代码应为 6 位数字"),
        ({"code": "０１００９９"}, "代码应为 6 位数字"),
        ({"code": "050099"}, "代码的前 3 位应为杨浦区总工会的代码 010"),
        ({"kind": UnionKind.COMPANY}, "下面不能新增二级产业局公司工会"),
        ({"kind": UnionKind.GRASSROOTS}, "下面不能新增基层工会"),
    ],
)
def test_a_wrong_addition_is_refused_with_its_remedy(cast, wrong, sentence):
    with pytest.raises(Refused, match=sentence):
        added(cast, **wrong)
    assert not TreeChange.objects.exists()


def test_a_code_is_given_once(cast):
    added(cast)
    with pytest.raises(Refused, match="代码 010099 已由长海路街道工会使用"):
        added(cast, name="另一街道工会")


@pytest.mark.parametrize("who", ["district_admin", "reviewer", "officer", "bureau_admin"])
def test_nobody_but_the_citys_platform_administrator_changes_the_tree(cast, who):
    by = getattr(cast, who)
    for act in (
        lambda: added(cast, by=by),
        lambda: actions.rename_superior(cast.street, name="新名工会", area="", version=0, by=by),
        lambda: begun_move(cast, cast.street, second_district(cast), by=by),
        lambda: begun_closing(cast, cast.street, cast.other_street, by=by),
    ):
        with transaction.atomic(), pytest.raises(Refused, match="只有市总工会的平台管理员"):
            act()


def test_a_renamed_union_keeps_its_former_name_with_the_day(cast):
    change = renamed(cast, cast.street, "五角场街道工会", area="五角场街道")
    union = live(cast.street)
    assert (union.name, union.area, union.short_name) == ("五角场街道工会", "五角场街道", "五角场街道")
    ((name, until),) = former_names(union)
    assert name == "五角场镇工会"
    assert until.date() == change.at.date()
    assert Entry.objects.get(verb="superior.renamed").data["changes"][0] == ["名称", "五角场镇工会", "五角场街道工会"]
    with pytest.raises(Refused, match="没有需要保存的修改"):
        renamed(cast, union, "五角场街道工会")


def test_the_second_of_two_administrators_is_told(cast):
    seen = version_of(cast.street)
    renamed(cast, cast.street, "五角场街道工会")
    with pytest.raises(Refused, match="已被其他管理员变动"):
        actions.rename_superior(cast.street, name="第二名工会", area="", version=seen, by=cast.platform_admin)
    assert live(cast.street).name == "五角场街道工会"


def test_a_moved_street_takes_along_all_below_it(cast):
    there = second_district(cast)
    change = ended(begun_move(cast, cast.street, there))
    assert change.state == ChangeState.DONE
    assert live(cast.street).superior == there
    assert live(cast.union).level2 == there
    assert live(cast.neighbour).level2 == cast.district, "the other street stays"
    assert not Union.objects.visible_to(cast.district_admin).filter(pk=cast.union.pk).exists()
    assert Entry.objects.get(verb="superior.moved").data["new"] == "虹口区总工会"
    assert Notice.objects.filter(user=cast.reviewer, title__contains="已由杨浦区总工会转到虹口区总工会").exists()
    actions.carry_out(change.pk)
    assert Entry.objects.filter(verb="superior.moved").count() == 1, "a job that runs again changes nothing"


@pytest.mark.parametrize(
    ("union", "above", "sentence"),
    [
        ("street", "street", "不能调整到它自己或它的下级下面"),
        ("street", "union", "不能调整到它自己或它的下级下面"),
        ("street", "district", "它现在就属于杨浦区总工会"),
        ("street", "bureau", "不能属于产业局工会"),
        ("street", "other_street", "不能属于街镇"),
        ("district", "street", "的上级是固定的"),
        ("city", "district", "的上级是固定的"),
        ("union", "other_street", "基层工会的变动由它自己的经办人提出"),
    ],
)
def test_a_union_never_moves_below_itself_or_where_it_cannot_stand(cast, union, above, sentence):
    with pytest.raises(Refused, match=sentence):
        begun_move(cast, getattr(cast, union), getattr(cast, above))


def test_a_move_wants_its_reason(cast):
    with pytest.raises(Refused, match="请填写依据"):
        begun_move(cast, cast.street, second_district(cast), reason=" ")


def test_only_one_change_of_a_union_runs_at_a_time(cast):
    begun_move(cast, cast.street, second_district(cast))
    with pytest.raises(Refused, match="上一项变动还在办理"):
        begun_closing(cast, cast.street, cast.other_street)
    with pytest.raises(IntegrityError, match="tree_change_one_running_per_union"), transaction.atomic():
        TreeChange.objects.create(union=cast.street, act="closed", state="running", by=cast.platform_admin)


def test_a_street_with_unions_does_not_close_without_a_successor(cast):
    with pytest.raises(Refused, match="下面还有 1 家基层工会，不能直接撤销。请选择接收它们的工会"):
        begun_closing(cast, cast.street, None)
    with pytest.raises(IntegrityError, match="has unions below it"), transaction.atomic():
        Union.objects.filter(pk=cast.street.pk).update(state=UnionState.DISSOLVED)


def test_a_closed_street_hands_on_its_unions_and_what_waits(cast):
    submitted(cast)
    amended(cast, leader="王新")
    change = ended(begun_closing(cast, cast.street, cast.other_street))
    assert (change.state, change.done) == (ChangeState.DONE, 1)
    assert live(cast.street).state == UnionState.DISSOLVED
    assert live(cast.union).superior == cast.other_street
    assert set(Step.objects.filter(open=True).values_list("superior", flat=True)) == {cast.other_street.pk}
    assert Filing.objects.get(union=cast.unfiled).superior == cast.other_street
    for review in Review.objects.order_by("pk"):
        decide(review, decision="approved", opinion="", by=cast.other_reviewer)
    assert live(cast.unfiled).superior == cast.other_street, "the approval does not lead back"
    assert live(cast.union).superior == cast.other_street


def test_the_accounts_of_a_closed_union_lose_their_access_for_good(cast, client):
    client.force_login(cast.reviewer)
    ended(begun_closing(cast, cast.street, cast.other_street))
    assert not live(cast.reviewer).is_active
    assert not live(cast.viewer).is_active
    assert client.get("/home/").status_code == 302, "signed out at once"
    with pytest.raises(Refused, match="已撤销，它的账号不能再启用"):
        enable_account(live(cast.reviewer), by=cast.district_admin)
    with pytest.raises(Refused):
        create_account(
            live(cast.street), email="new@demo.test", name="新人", roles=[Role.ADMIN], by=cast.district_admin
        )
    assert live(cast.other_reviewer).is_active


def test_a_closed_union_is_chosen_by_nobody(cast):
    ended(begun_closing(cast, cast.street, cast.other_street))
    assert live(cast.street) not in superiors_below(cast.platform_admin)
    with pytest.raises(Refused, match="五角场镇工会已撤销，不再受理申请"), transaction.atomic():
        submitted(cast, superior=live(cast.street))
    with pytest.raises(Refused, match="已经撤销，不能再变动"):
        renamed(cast, live(cast.street), "又一名工会")


def test_the_database_lets_nothing_come_below_or_to_a_closed_union(cast):
    review = submitted(cast).review
    ended(begun_closing(cast, cast.street, cast.other_street))
    for name, rows, values in (
        ("union_stands_under_a_closed_one", Union.objects.filter(pk=cast.union.pk), {"superior": cast.street}),
        ("step_waits_for_a_standing_one", Step.objects.filter(review=review), {"superior": cast.street}),
    ):
        with pytest.raises(IntegrityError, match="is closed") as error, transaction.atomic():
            rows.update(**values)
        assert error.value.__cause__.diag.constraint_name == name


def test_a_closed_district_hands_on_its_streets_with_all_below(cast):
    there = second_district(cast)
    change = ended(begun_closing(cast, cast.district, there))
    assert (change.state, change.done, change.total) == (ChangeState.DONE, 2, 2)
    assert {live(one).level2 for one in (cast.street, cast.other_street, cast.union, cast.neighbour)} == {there}
    assert live(cast.far).level2 == cast.bureau
    assert live(cast.reviewer).is_active, "the streets' own accounts stay"
    assert not live(cast.district_admin).is_active


@pytest.mark.parametrize(
    ("union", "successor", "sentence"),
    [
        ("street", "street", "接收的工会不能是它自己"),
        ("district", "street", "也不能是它的上级或下级"),
        ("street", "district", "也不能是它的上级或下级"),
        ("street", "company", "接收的工会应与它同为街镇"),
        ("district", "bureau", "接收的工会应与它同为区总工会"),
        ("city", None, "不能撤销"),
    ],
)
def test_a_successor_is_another_union_of_its_kind(cast, union, successor, sentence):
    with pytest.raises(Refused, match=sentence):
        begun_closing(cast, getattr(cast, union), getattr(cast, successor) if successor else None)


def test_a_district_with_a_street_of_the_same_name_is_no_successor(cast):
    there = second_district(cast)
    actions.add_superior(
        there, kind=UnionKind.STREET, name=cast.street.name, area="", code="011001", by=cast.platform_admin
    )
    with pytest.raises(Refused, match="虹口区总工会下面已有同名的工会：五角场镇工会"):
        begun_closing(cast, cast.district, there)


def test_a_change_that_became_impossible_ends_with_a_sentence(cast):
    there = second_district(cast)
    change = begun_move(cast, cast.street, there)
    Union.objects.filter(pk=there.pk).update(state=UnionState.DISSOLVED)
    assert ended(change).state == ChangeState.FAILED
    assert change.message == "没有变动。虹口区总工会已撤销，请另选一家。"
    assert live(cast.street).superior == cast.district
    assert Notice.objects.get(user=cast.platform_admin).body == change.message


def test_a_closing_goes_on_where_a_killed_worker_was(cast, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 1)
    Union.objects.filter(pk=cast.neighbour.pk).update(superior=cast.street)
    change = begun_closing(cast, cast.street, cast.other_street)
    assert actions._hand_on(change.pk) == 1
    assert live(cast.street).state == UnionState.APPROVED
    assert (ended(change).state, change.done) == (ChangeState.DONE, 2)


def test_a_change_without_a_job_is_given_up(cast):
    change = begun_move(cast, cast.street, second_district(cast))
    actions.give_up(change.pk)
    change.refresh_from_db()
    assert (change.state, change.message) == (ChangeState.FAILED, f"没有变动。{actions.INTERRUPTED}")
