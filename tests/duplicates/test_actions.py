"""A pair judged, merged and parted: who may, in which state, what it moves, and what it leaves alone (SPEC 5.6)."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.bookings.models import Place
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.models import Batch as CardBatch
from gonghui.cards.models import Card
from gonghui.duplicates.actions import (
    MAY_NOT,
    MAY_NOT_ANSWER,
    STALE,
    Wish,
    answer,
    dismiss,
    merge,
    reopen,
    undo,
    withdraw,
)
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import UNDO_DAYS, Merge, Pair, Record
from gonghui.duplicates.queries import version_of
from gonghui.duplicates.states import MergeState, PairState
from gonghui.kit.errors import Refused
from gonghui.members.fields import MemberValues
from gonghui.members.memberships import wrong_counts
from gonghui.members.models import Alias, Member, Membership
from gonghui.members.register.actions import edit_member
from gonghui.members.register.actions import version_of as member_version
from gonghui.members.register.forms import values_of
from gonghui.notices.models import Notice
from gonghui.statistics.closing import close_day, month_ends
from gonghui.statistics.models import Figure
from tests.bookings.stories import booked, published
from tests.cards.stories import carded, coded, made, submitted
from tests.duplicates.stories import alike, found, fresh, merged, paired, since
from tests.factories import make_member
from tests.members.test_merging import picture
from tests.people import Cast
from tests.transfers.stories import agreed, left, offered, requested

pytestmark = pytest.mark.django_db


def refused(act, *args, **values) -> str:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        act(*args, **values)
    return refusal.value.sentence


class TestJudged:
    def test_not_one_person_is_recorded_with_its_reason(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        dismiss(pair, note=" 双胞胎 ", version=version_of(pair), by=cast.officer)
        pair = found(pair.member)
        assert (pair.state, pair.note, pair.judged_by) == (PairState.DIFFERENT, "双胞胎", cast.officer)
        entry = Entry.objects.get(verb="duplicate.dismissed")
        assert (entry.actor, entry.object_id) == (cast.officer, pair.pk)

    def test_it_may_be_looked_at_again(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        dismiss(pair, note="", version=version_of(pair), by=cast.officer)
        reopen(pair, by=cast.reviewer)
        pair = found(pair.member)
        assert (pair.state, pair.judged_by) == (PairState.PENDING, None)
        assert "不需要重新核对" in refused(reopen, pair, by=cast.reviewer)

    @pytest.mark.parametrize("who", ["viewer", "neighbour_officer", "other_reviewer", "newcomer", "claimant"])
    def test_by_nobody_else(self, cast: Cast, who: str):
        pair = paired(cast.union, cast.union)
        by = getattr(cast, who)
        assert refused(dismiss, pair, note="", version=version_of(pair), by=by) == MAY_NOT
        assert refused(merge, pair, Wish(Record.MAIN, Record.MAIN), version=version_of(pair), by=by) == MAY_NOT

    def test_twice_is_told_by_whom(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        version = version_of(pair)
        dismiss(pair, note="", version=version, by=cast.officer)
        sentence = refused(dismiss, pair, note="", version=version, by=cast.reviewer)
        assert str(cast.officer) in sentence
        assert "不是同一人" in sentence

    def test_a_page_of_before_a_change_changes_nothing(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        version = version_of(pair)
        values = values_of(pair.other) | {"education": "doctor"}
        typed = MemberValues(**{name: values[name] for name in MemberValues._fields if name in values})
        edit_member(pair.other, typed, version=member_version(pair.other), by=cast.officer)
        assert refused(merge, pair, Wish(Record.MAIN, Record.MAIN), version=version, by=cast.officer) == STALE
        assert refused(dismiss, pair, note="", version=version, by=cast.officer) == STALE
        assert not Merge.objects.exists()

    def test_a_long_note_is_refused(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        assert "200" in refused(dismiss, pair, note="长" * 201, version=version_of(pair), by=cast.officer)


class TestMerged:
    def test_within_one_union_at_once(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        one = merged(pair, cast.officer)
        pair = found(pair.member)
        assert (one.state, pair.state) == (MergeState.DONE, PairState.MERGED)
        assert Alias.objects.get().main_id == pair.member_id
        assert Entry.objects.get(verb="duplicate.merged").data["alias"] == pair.other.number
        assert not wrong_counts()

    def test_of_one_union_and_the_register_nobody_else_is_asked(self, cast: Cast):
        pair = paired(None, cast.union)
        one = merged(pair, cast.platform_admin, kept=Record.MAIN)
        assert (one.state, one.kept) == (MergeState.DONE, Record.OTHER)
        assert found(pair.member).member.union == cast.union
        assert Notice.objects.filter(user=cast.officer).exists()

    def test_twice_is_told(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        version = version_of(pair)
        wish = Wish(Record.MAIN, Record.MAIN)
        merge(pair, wish, version=version, by=cast.officer)
        assert "已合并" in refused(merge, pair, wish, version=version, by=cast.officer)
        assert Merge.objects.count() == 1

    def test_whoever_is_merged_already_is_in_no_other_pair(self, cast: Cast):
        first, second, third = alike(*[cast.union] * 3)
        look_at([first.pk, second.pk, third.pk])
        pairs = {(pair.member_id, pair.other_id): pair for pair in Pair.objects.select_related("member", "other")}
        merged(pairs[first.pk, second.pk], cast.officer)
        other = Pair.objects.get(member=second, other=third)
        assert other.state == PairState.LAPSED
        Pair.objects.filter(pk=other.pk).update(state=PairState.PENDING)
        other.refresh_from_db()
        assert (
            refused(merge, other, Wish(Record.MAIN, Record.MAIN), version=version_of(other), by=cast.officer) == MAY_NOT
        )
        sentence = refused(
            merge, other, Wish(Record.MAIN, Record.MAIN), version=version_of(other), by=cast.platform_admin
        )
        assert "已经合并到另一条记录" in sentence
        assert Pair.objects.get(member=first, other=third).state == PairState.PENDING

    def test_not_while_one_is_being_transferred(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        requested(cast, pair.other)
        sentence = refused(merged, pair, cast.officer)
        assert "正在办理会员转出" in sentence
        assert pair.other.number in sentence
        assert not Alias.objects.exists()

    def test_not_while_a_card_is_in_the_making(self, cast: Cast):
        coded(cast.union, cast.officer)
        pair = paired(cast.union, cast.union)
        submitted(cast, pair.member)
        assert "正在办理会员服务卡" in refused(merged, pair, cast.officer)

    def test_not_with_two_live_cards(self, cast: Cast):
        coded(cast.union, cast.officer)
        pair = paired(cast.union, cast.union)
        carded(cast, pair.member, pair.other)
        assert "先在“会员服务卡管理”中注销其中一张" in refused(merged, found(pair.member), cast.officer)

    def test_not_with_two_bookings_of_one_programme(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        programme = published(cast, capacity=4)
        booked(cast.officer, programme, pair.member, pair.other)
        assert "请先退出其中一个" in refused(merged, pair, cast.officer)

    def test_not_of_one_who_resigned_and_one_who_was_expelled(self, cast: Cast):
        from tests.transfers.stories import ended

        pair = paired(cast.union, cast.union)
        ended(cast, pair.member, "withdrawn")
        ended(cast, pair.other, "expelled")
        assert "请先由工会办理重新入会" in refused(merged, found(pair.member), cast.platform_admin)

    def test_cards_bookings_and_transfers_go_along_and_come_back(self, cast: Cast):
        coded(cast.union, cast.officer)
        pair = paired(cast.union, cast.union)
        other = pair.other
        (card,) = carded(cast, other)
        programme = published(cast, capacity=4)
        booked(cast.officer, programme, other)
        left(cast, other)
        from gonghui.transfers.departures.actions import undo as come_back

        come_back(list(other.transfers.values_list("pk", flat=True)), by=cast.officer)
        before = picture(pair.member, other)
        rows = [list(model.objects.order_by("pk").values_list("pk", "member")) for model in (Card, Place)]
        one = merged(found(pair.member), cast.officer)
        main = found(pair.member).member
        assert Card.objects.get(pk=card.pk).member == main
        assert main.has_card
        assert Place.objects.get().member == main
        assert main.transfers.count() == 1
        undo(one, by=cast.officer)
        assert picture(pair.member, other) == before
        assert [list(model.objects.order_by("pk").values_list("pk", "member")) for model in (Card, Place)] == rows

    def test_a_merged_person_is_counted_once_and_the_past_shows_an_adjustment(self, cast: Cast):
        before, last = [*reversed(list(month_ends(localdate() - timedelta(days=1), 2)))]
        pair = paired(cast.union, cast.neighbour)
        Membership.objects.update(began_on=before)
        close_day(before)
        one = merged(pair, cast.platform_admin)
        answer(one, agree=True, opinion="", by=cast.neighbour_officer)
        connection.check_constraints()
        close_day(last)
        row = Figure.objects.get(closing__day=last, closing__basis="then", node=cast.city, dimension="")
        assert (row.opening, row.corrected, row.closing_members, row.departed) == (2, -1, 1, 0)
        row = Figure.objects.get(closing__day=last, closing__basis="then", node=cast.neighbour, dimension="")
        assert (row.opening, row.corrected, row.closing_members) == (1, -1, 0)


class TestConsent:
    def test_the_union_that_releases_is_asked_and_agrees(self, cast: Cast):
        pair = paired(cast.union, cast.neighbour)
        since(pair.member, 900)
        one = merged(pair, cast.district_admin, kept=Record.MAIN)
        assert (one.state, one.releasing, found(pair.member).state) == (
            MergeState.WAITING,
            cast.neighbour,
            PairState.WAITING,
        )
        assert not Alias.objects.exists()
        assert Notice.objects.get(user=cast.neighbour_officer).tasks == [f"merge:{one.pk}"]
        one = answer(one, agree=True, opinion="已核对", by=cast.neighbour_officer)
        assert (one.state, found(pair.member).state) == (MergeState.DONE, PairState.MERGED)
        assert Notice.objects.filter(user=cast.neighbour_officer).earliest("pk").read_at is not None
        assert Notice.objects.filter(user=cast.district_admin, title__contains="同意合并").exists()
        assert Notice.objects.filter(user=cast.officer).exists()
        assert Member.objects.get(pk=pair.member_id).union == cast.union
        assert not wrong_counts()

    def test_it_refuses_with_a_reason_and_the_pair_is_open_again(self, cast: Cast):
        pair = paired(cast.union, cast.neighbour)
        one = merged(pair, cast.district_admin)
        assert "必须填写原因" in refused(answer, one, agree=False, opinion=" ", by=cast.neighbour_officer)
        answer(one, agree=False, opinion="是两个人", by=cast.neighbour_officer)
        assert (Merge.objects.get().state, found(pair.member).state) == (MergeState.REFUSED, PairState.PENDING)
        assert not Alias.objects.exists()

    @pytest.mark.parametrize("who", ["officer", "district_admin", "other_reviewer", "far_officer", "viewer"])
    def test_by_nobody_else(self, cast: Cast, who: str):
        one = merged(paired(cast.union, cast.neighbour), cast.district_admin)
        assert refused(answer, one, agree=True, opinion="", by=getattr(cast, who)) == MAY_NOT_ANSWER

    def test_answered_twice_is_told(self, cast: Cast):
        one = merged(paired(cast.union, cast.neighbour), cast.district_admin)
        answer(one, agree=True, opinion="", by=cast.neighbour_officer)
        sentence = refused(answer, one, agree=False, opinion="不是", by=cast.neighbour_officer)
        assert str(cast.neighbour_officer) in sentence

    def test_withdrawn_before_it_is_answered(self, cast: Cast):
        pair = paired(cast.union, cast.neighbour)
        one = merged(pair, cast.district_admin)
        assert refused(withdraw, one, by=cast.officer) == MAY_NOT
        withdraw(one, by=cast.district_admin)
        assert found(pair.member).state == PairState.PENDING
        assert "已撤回" in refused(answer, one, agree=True, opinion="", by=cast.neighbour_officer)
        assert "已撤回" in refused(withdraw, one, by=cast.district_admin)

    def test_it_lapses_when_one_of_them_moves(self, cast: Cast):
        pair = paired(cast.union, cast.neighbour)
        one = merged(pair, cast.district_admin)
        left(cast, pair.member)
        assert (Merge.objects.get().state, found(pair.member).state) == (MergeState.LAPSED, PairState.PENDING)
        assert "已失效" in refused(answer, one, agree=True, opinion="", by=cast.neighbour_officer)
        assert Notice.objects.filter(user=cast.district_admin, title__contains="失效").exists()

    def test_not_agreed_to_while_a_card_is_in_the_making(self, cast: Cast):
        coded(cast.union, cast.officer)
        pair = paired(cast.union, cast.neighbour)
        one = merged(pair, cast.district_admin)
        submitted(cast, pair.member)
        assert "正在办理会员服务卡" in refused(answer, one, agree=True, opinion="", by=cast.neighbour_officer)
        assert Merge.objects.get().state == MergeState.WAITING


class TestUndone:
    def test_to_the_letter(self, cast: Cast):
        pair = paired(cast.union, cast.neighbour)
        before = picture(pair.member, pair.other)
        one = merged(pair, cast.district_admin, kept=Record.OTHER, values=Record.OTHER)
        answer(one, agree=True, opinion="", by=cast.officer)
        undo(one, by=cast.district_admin)
        assert picture(pair.member, pair.other) == before
        assert (Merge.objects.get().state, found(pair.member).state) == (MergeState.UNDONE, PairState.PENDING)
        assert Notice.objects.filter(title__contains="撤销").count() == 2
        assert not wrong_counts()

    def test_once(self, cast: Cast):
        one = merged(paired(cast.union, cast.union), cast.officer)
        undo(one, by=cast.officer)
        assert "已撤销合并" in refused(undo, one, by=cast.officer)

    def test_and_merged_again(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        undo(merged(pair, cast.officer), by=cast.officer)
        merged(pair, cast.officer)
        assert found(pair.member).state == PairState.MERGED

    @pytest.mark.parametrize(("days", "possible"), [(UNDO_DAYS, True), (UNDO_DAYS + 1, False)])
    def test_within_thirty_days(self, cast: Cast, days: int, possible: bool):
        one = merged(paired(cast.union, cast.union), cast.officer)
        Merge.objects.update(done_at=one.done_at - timedelta(days=days))
        if possible:
            undo(one, by=cast.officer)
        else:
            assert "期限（30 天）" in refused(undo, one, by=cast.officer)

    @pytest.mark.parametrize("who", ["viewer", "neighbour_officer", "newcomer"])
    def test_by_nobody_else(self, cast: Cast, who: str):
        one = merged(paired(cast.union, cast.union), cast.officer)
        assert refused(undo, one, by=getattr(cast, who)) == MAY_NOT

    def test_not_after_the_person_has_moved(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        one = merged(pair, cast.officer)
        agreed(requested(cast, pair.member), by=cast.officer)
        assert "已转到其他工会或已离开" in refused(undo, one, by=cast.platform_admin)

    def test_not_while_the_person_is_being_transferred(self, cast: Cast):
        pair = paired(cast.union, cast.union)
        one = merged(pair, cast.officer)
        offered(cast, found(pair.member).member)
        assert "正在办理会员转出" in refused(undo, one, by=cast.officer)

    def test_a_card_that_was_replaced_since_is_had_by_whoever_has_the_new_one(self, cast: Cast):
        coded(cast.union, cast.officer)
        pair = paired(cast.union, cast.union)
        carded(cast, pair.other)
        one = merged(fresh(pair), cast.officer)
        made(cast, pair.member, purpose="replacement")
        issue_cards(CardBatch.objects.latest("pk"), None, by=cast.officer)
        undo(one, by=cast.officer)
        pair = fresh(pair)
        assert (pair.member.has_card, pair.other.has_card) == (True, False)

    def test_the_last_merge_of_a_person_first(self, cast: Cast):
        first, second, third = alike(*[cast.union] * 3)
        look_at([first.pk, second.pk, third.pk])
        pairs = {pair.other_id: pair for pair in Pair.objects.filter(member=first)}
        one, two = (merged(pairs[pk], cast.officer) for pk in (second.pk, third.pk))
        assert "先撤销后来的合并" in refused(undo, one, by=cast.officer)
        undo(two, by=cast.officer)
        undo(one, by=cast.officer)
        assert not Alias.objects.exists()
        assert not wrong_counts()

    def test_not_after_it_was_merged_into_another_record(self, cast: Cast):
        oldest = make_member(cast.union, name="老李")
        pair = paired(cast.union, cast.union)
        one = merged(pair, cast.officer)
        later = Pair.objects.create(member=oldest, other=pair.member, reason="phone", owner=cast.union)
        merged(found(later.member), cast.officer)
        assert "先撤销后来的合并" in refused(undo, one, by=cast.platform_admin)
        look_at([oldest.pk])
