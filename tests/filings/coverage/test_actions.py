"""The 涵盖单位 of a joint union: who keeps the list, who may be on it, and what becomes of it (ADR 45)."""

import pytest
from django.db import IntegrityError, transaction

from gonghui.audit.models import Entry
from gonghui.filings.checks import coverage_figures
from gonghui.filings.coverage.actions import (
    MAX_COVERED,
    change_covered,
    cover_employer,
    uncover_employer,
    version_of,
)
from gonghui.filings.dissolution.actions import impact_of, restore_union
from gonghui.filings.filing.actions import submit_filing
from gonghui.kit.errors import Refused
from gonghui.kit.invent import invent_uscc
from gonghui.reviews.actions import withdraw
from gonghui.reviews.kinds import checks_of
from gonghui.unions.codes import COVERING, GrassrootsType
from gonghui.unions.models import CoveredEmployer, Employer, RegisteredEmployer, Union
from tests.filings.stories import amended, approved, covered, dissolved, employer, joint, relocated, submitted, values

NAME = "上海示例涵盖有限公司"


def codes(union: Union) -> set[str]:
    return set(CoveredEmployer.objects.standing().filter(union=union).values_list("code", flat=True))


def own_union_of(cast, code: str, *, superior: Union | None = None):
    """The filing of `cast.unfiled`, which has this code."""
    return submitted(cast, code=code, superior=superior or cast.street)


# Who keeps it


def test_an_officer_adds_changes_and_removes_and_each_is_recorded(cast):
    one = covered(cast, name=NAME)
    assert (one.union, one.name, one.staff_count) == (cast.union, NAME, 11)
    change_covered(one, employer(1, name=NAME, staff_count=99), version=version_of(one), by=cast.officer)
    one.refresh_from_db()
    assert one.staff_count == 99
    entry = Entry.objects.get(verb="coverage.changed")
    assert (entry.union_id, entry.data["changes"]) == (cast.union.pk, [["职工人数", "11", "99"]])
    uncover_employer(one, by=cast.officer)
    assert codes(cast.union) == set()
    assert [event.staff_count for event in CoveredEmployer.events.rel.related_model.objects.order_by("pgh_id")] == [
        11,
        99,
    ]
    assert Entry.objects.filter(verb__in=["coverage.added", "coverage.removed"]).count() == 2


def test_only_the_own_officer_of_an_approved_union_keeps_it(cast):
    one = covered(cast)
    for by in (cast.reviewer, cast.platform_admin, cast.neighbour_officer, cast.claimant):
        with pytest.raises(Refused, match="只有本工会的经办人可以办理"):
            cover_employer(cast.union, employer(2), by=by)
        with pytest.raises(Refused, match="只有本工会的经办人可以办理"):
            uncover_employer(one, by=by)
    with pytest.raises(Refused, match="状态是「未填报」"):
        cover_employer(joint(cast.unfiled), employer(2), by=cast.newcomer)
    assert codes(cast.union) == {one.code}


@pytest.mark.parametrize("kind", GrassrootsType.values)
def test_joint_unions_and_federations_have_it(cast, kind):
    joint(cast.union, kind)
    if kind in COVERING:
        cover_employer(cast.union, employer(1), by=cast.officer)
    else:
        with pytest.raises(Refused, match="只有联合基层工会"):
            cover_employer(cast.union, employer(1), by=cast.officer)


def test_a_change_of_what_somebody_else_has_changed_is_refused(cast):
    one = covered(cast)
    version = version_of(one)
    change_covered(one, employer(1, staff_count=50), version=version, by=cast.officer)
    with pytest.raises(Refused, match="有了变化"):
        change_covered(one, employer(1, staff_count=60), version=version, by=cast.officer)
    with pytest.raises(Refused, match="完全相同"):
        change_covered(one, employer(1, staff_count=50), version=f"50:{one.name}", by=cast.officer)


def test_what_a_colleague_has_removed_is_not_removed_twice(cast):
    one = covered(cast)
    same = CoveredEmployer.objects.get()
    uncover_employer(one, by=cast.officer)
    with pytest.raises(Refused, match="已不在涵盖单位中"):
        uncover_employer(same, by=cast.officer)


# Who may be on it


def test_an_employer_is_covered_by_one_union_at_most(cast):
    one = covered(cast)
    with pytest.raises(Refused, match="已在本工会的涵盖单位中"):
        cover_employer(cast.union, employer(1, name=NAME), by=cast.officer)
    with pytest.raises(Refused, match="已由另一家工会涵盖") as refusal:
        cover_employer(joint(cast.neighbour), employer(1), by=cast.neighbour_officer)
    assert "联系上级工会" in refusal.value.sentence
    assert cast.union.name not in refusal.value.sentence
    with pytest.raises(IntegrityError), transaction.atomic():
        CoveredEmployer.objects.create(union=cast.neighbour, code=one.code, name=NAME, staff_count=1)


def test_an_employer_with_a_union_of_its_own_is_not_covered(cast):
    joint(cast.union)
    Employer.objects.filter(union=cast.far).update(code=invent_uscc(1))
    with pytest.raises(Refused, match="有自己的基层工会") as refusal:
        cover_employer(cast.union, employer(1), by=cast.officer)
    assert cast.far.name not in refusal.value.sentence
    with pytest.raises(IntegrityError), transaction.atomic():
        CoveredEmployer.objects.create(union=cast.union, code=invent_uscc(1), name=NAME, staff_count=1)
    Employer.objects.filter(union=cast.far).update(code=invent_uscc(1)[8:17])  # filed when codes had nine characters
    with pytest.raises(Refused, match="有自己的基层工会"):
        cover_employer(cast.union, employer(1), by=cast.officer)


def test_an_employer_that_has_filed_is_not_covered(cast):
    joint(cast.union)
    review = own_union_of(cast, invent_uscc(1)).review
    with pytest.raises(Refused, match="正在填报"):
        cover_employer(cast.union, employer(1), by=cast.officer)
    withdraw(review, by=cast.newcomer)
    assert cover_employer(cast.union, employer(1), by=cast.officer)


def test_the_own_employer_is_not_covered(cast):
    Employer.objects.filter(union=cast.union).update(code=invent_uscc(1))
    with pytest.raises(Refused, match="本工会所在单位自己的代码"):
        covered(cast)


def test_a_list_has_an_end(cast, monkeypatch):
    covered(cast)
    monkeypatch.setattr("gonghui.filings.coverage.actions.MAX_COVERED", 1)
    assert MAX_COVERED == 10_000
    with pytest.raises(Refused, match="最多登记 1 家"):
        cover_employer(cast.union, employer(2), by=cast.officer)


@pytest.mark.parametrize("staff", [0, -1, 1_000_001])
def test_the_database_takes_no_impossible_head_count(cast, staff):
    with pytest.raises(IntegrityError), transaction.atomic():
        CoveredEmployer.objects.create(union=cast.union, code=invent_uscc(1), name=NAME, staff_count=staff)


# A filing of its own


def said(review) -> str:
    return "".join(f"{check.level} {check.text}\n" for check in checks_of(review))


def test_the_reviewer_of_a_filing_is_told_who_covers_the_employer(cast):
    one = covered(cast)
    filing = own_union_of(cast, one.code)
    assert f"look 这家单位现在由「{cast.union.name}」涵盖" in said(filing.review)


def test_a_union_below_another_superior_is_not_named(cast):
    one = covered(cast)
    filing = own_union_of(cast, one.code, superior=cast.other_street)
    assert "look 这家单位现在由辖区以外的一家工会涵盖" in said(filing.review)
    assert cast.union.name not in said(filing.review)


def test_the_nine_characters_of_a_filing_are_known_too(cast):
    one = covered(cast)
    assert "涵盖" in said(own_union_of(cast, one.code[8:17]).review)


def test_with_a_union_of_its_own_an_employer_is_covered_no_more(cast):
    one, other = covered(cast, 1), covered(cast, 2)
    filing = own_union_of(cast, one.code)
    assert codes(cast.union) == {one.code, other.code}
    approved(filing.review, cast.reviewer)
    assert codes(cast.union) == {other.code}
    assert Entry.objects.get(verb="coverage.ended").union_id == cast.union.pk
    assert cast.officer.notices.filter(title__contains="不再由本工会涵盖").exists()
    assert Employer.objects.get(union=cast.unfiled).code == one.code


def test_a_filing_of_an_employer_that_nobody_covers_says_nothing_of_it(cast):
    assert "涵盖" not in said(submitted(cast).review)


# The register check of the joint union


def test_each_code_is_looked_up_in_the_statistical_register(cast):
    RegisteredEmployer.objects.bulk_create(
        RegisteredEmployer(name=name, code=invent_uscc(seed), staff_count=staff)
        for seed, name, staff in ((1, f"{NAME}一", 11), (2, "上海改名有限公司", 12), (3, f"{NAME}三", 500))
    )
    for seed, number in enumerate("一二三四", 1):
        covered(cast, seed, name=f"{NAME}{number}")
    review = amended(cast, grassroots_type="joint").review
    line = "涵盖单位 4 家，职工 50 人；与大统计库一致 1 家，没有这个代码 1 家，名称不同 1 家，职工人数不同 1 家"
    assert f"look {line}" in said(review)


def test_more_staff_covered_than_the_union_has_is_told(cast):
    covered(cast, staff_count=5000)
    assert "look 涵盖单位职工合计 5000 人，多于职工人数 100 人" in said(amended(cast, grassroots_type="joint").review)


def test_a_joint_union_without_a_list_is_told_of_and_others_are_not(cast):
    review = amended(cast).review
    assert "涵盖" not in said(review)
    joint(cast.union)
    review.proposed["grassroots_type"] = "joint"
    assert "look 还没有登记涵盖单位" in said(review)


def test_the_checks_of_many_requests_ask_once(cast, django_assert_num_queries):
    covered(cast)
    review = amended(cast, grassroots_type="joint").review
    with django_assert_num_queries(1):
        assert coverage_figures([review, review])[review.pk].employers == 1


# What becomes of it


def test_a_type_that_covers_nobody_is_chosen_after_the_list_is_empty(cast):
    one = covered(cast)
    with pytest.raises(Refused, match="还涵盖 1 家单位") as refusal:
        amended(cast, grassroots_type="single")
    assert refusal.value.field == "grassroots_type"
    uncover_employer(one, by=cast.officer)
    review = amended(cast, grassroots_type="single").review
    cover_employer(cast.union, employer(2), by=cast.officer)
    with pytest.raises(Refused, match="还涵盖 1 家单位"):
        approved(review, cast.reviewer)


def test_it_moves_along_with_the_union(cast):
    one = covered(cast)
    approved(relocated(cast).review, cast.reviewer, cast.other_reviewer)
    assert codes(cast.union) == {one.code}
    visible = CoveredEmployer.objects.visible_to
    assert (list(visible(cast.other_reviewer)), list(visible(cast.reviewer))) == ([one], [])


def test_the_end_of_the_union_frees_its_employers(cast):
    one = covered(cast)
    assert impact_of(cast.union).covered == 1
    dissolved(cast)
    assert codes(cast.union) == set()
    assert cover_employer(joint(cast.neighbour), employer(1), by=cast.neighbour_officer).code == one.code
    assert Entry.objects.get(verb="coverage.freed").data == {"count": 1}


def test_a_joint_heir_takes_them_over(cast):
    one = covered(cast)
    joint(cast.neighbour)
    dissolved(cast, "merged", cast.neighbour)
    assert (codes(cast.union), codes(cast.neighbour)) == (set(), {one.code})
    assert Entry.objects.get(verb="coverage.moved").union_id == cast.neighbour.pk


def test_an_heir_that_covers_nobody_does_not(cast):
    covered(cast)
    dissolved(cast, "merged", cast.neighbour)
    assert not CoveredEmployer.objects.standing().exists()


def test_a_restoration_brings_back_what_is_still_free(cast):
    for seed in (1, 2, 3):
        covered(cast, seed)
    ended = dissolved(cast)
    cover_employer(joint(cast.neighbour), employer(1), by=cast.neighbour_officer)
    Employer.objects.filter(union=cast.far).update(code=invent_uscc(2))
    restore_union(ended, reason="误操作", by=cast.platform_admin)
    assert (codes(cast.union), codes(cast.neighbour)) == ({invent_uscc(3)}, {invent_uscc(1)})


def test_a_restoration_takes_back_what_the_heir_got(cast):
    one = covered(cast)
    own = cover_employer(joint(cast.neighbour), employer(2), by=cast.neighbour_officer)
    ended = dissolved(cast, "merged", cast.neighbour)
    restore_union(ended, reason="误操作", by=cast.platform_admin)
    assert (codes(cast.union), codes(cast.neighbour)) == ({one.code}, {own.code})


def test_a_union_whose_employer_is_covered_by_now_is_not_restored(cast):
    Employer.objects.filter(union=cast.union).update(code=invent_uscc(1))
    ended = dissolved(cast)
    cover_employer(joint(cast.neighbour), employer(1), by=cast.neighbour_officer)
    with pytest.raises(Refused, match="已由另一家工会涵盖，不能恢复"):
        restore_union(ended, reason="误操作", by=cast.platform_admin)


def test_a_filing_may_be_submitted_though_the_employer_is_covered(cast):
    one = covered(cast)
    filing = submit_filing(cast.unfiled, entrance="district", values=values(cast, code=one.code), by=cast.newcomer)
    assert filing.code_held
