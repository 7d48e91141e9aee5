"""A union that does not answer in time: who is told, who decides, and what the job does when it runs again."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.duplicates.actions import MAY_NOT, answer, undo, withdraw
from gonghui.duplicates.models import Merge
from gonghui.duplicates.overdue import MAY_NOT_DECIDE, decide, settle_overdue
from gonghui.duplicates.states import MergeState, PairState
from gonghui.duplicates.tasks import settle_overdue as task
from gonghui.kit.errors import Refused
from gonghui.members.models import Alias
from gonghui.notices.models import Notice
from gonghui.policies.queries import of_union
from tests.duplicates.stories import found, merged, paired, silent
from tests.duplicates.test_views import address, body, signed_in
from tests.members.test_merging import picture
from tests.people import Cast
from tests.policies.stories import ruled
from tests.transfers.stories import left

pytestmark = pytest.mark.django_db


def refused(act, *args, **values) -> str:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        act(*args, **values)
    return refusal.value.sentence


@pytest.fixture
def one(cast: Cast) -> Merge:
    """Asked for by the city, to be decided by the district, below which both unions are."""
    return silent(paired(cast.union, cast.neighbour), cast.platform_admin)


class TestDue:
    def test_the_city_says_how_many_days(self, cast: Cast):
        assert merged(paired(cast.union, cast.neighbour), cast.district_admin).due_on == localdate() + timedelta(15)
        ruled(cast, merge_days=10)
        other = merged(paired(cast.union, cast.neighbour, name="李后来", mobile="19900007777"), cast.district_admin)
        assert other.due_on == localdate() + timedelta(10)

    def test_a_district_may_say_fewer(self, cast: Cast):
        ruled(cast, "district_admin", merge_days=7)
        assert of_union("merge_days", cast.neighbour) == 7

    def test_the_day_stands_in_the_notice_on_the_pages_and_on_the_desk(self, cast: Cast):
        merge = merged(paired(cast.union, cast.neighbour), cast.district_admin)
        day = f"{merge.due_on:%Y-%m-%d}"
        assert day in Notice.objects.get(user=cast.neighbour_officer).body
        union, district = signed_in(cast.neighbour_officer), signed_in(cast.district_admin)
        assert day in body(union.get(f"/duplicates/asked/{merge.pk}/"))
        assert day in body(union.get("/duplicates/asked/"))
        assert day in body(district.get(address(merge.pair)))


class TestSettled:
    def test_the_superior_is_asked_and_both_unions_and_who_asked_are_told(self, cast: Cast, one: Merge):
        assert (one.state, found(one.pair.member).state) == (MergeState.OVERDUE, PairState.WAITING)
        assert Entry.objects.get(verb="duplicate.fell").actor is None
        asked = Notice.objects.get(user=cast.district_admin)
        assert (asked.tasks, asked.read_at) == ([f"merge:{one.pk}"], None)
        title = "重复会员合并请求已转由上级工会决定"
        told = set(Notice.objects.filter(title=title).values_list("user", flat=True))
        assert told == {cast.officer.pk, cast.neighbour_officer.pk, cast.platform_admin.pk}
        assert Notice.objects.filter(user=cast.neighbour_officer).earliest("pk").read_at is not None
        assert "逾期未答复的合并待决定" in body(signed_in(cast.district_admin).get("/home/"))
        assert "逾期未答复的合并待决定" not in body(signed_in(cast.platform_admin).get("/home/"))

    def test_again_changes_nothing(self, one: Merge):
        notices, entries = Notice.objects.count(), Entry.objects.count()
        task(0)
        assert settle_overdue() == 0
        assert (Notice.objects.count(), Entry.objects.count()) == (notices, entries)

    def test_not_on_the_last_day(self, cast: Cast):
        merge = merged(paired(cast.union, cast.neighbour), cast.district_admin)
        Merge.objects.update(due_on=localdate())
        assert settle_overdue() == 0
        answer(merge, agree=True, opinion="", by=cast.neighbour_officer)

    def test_not_what_is_answered_already(self, cast: Cast):
        merge = merged(paired(cast.union, cast.neighbour), cast.district_admin)
        answer(merge, agree=True, opinion="", by=cast.neighbour_officer)
        Merge.objects.update(due_on=localdate() - timedelta(1))
        assert settle_overdue() == 0

    def test_the_union_answers_no_more(self, cast: Cast, one: Merge):
        sentence = refused(answer, one, agree=True, opinion="", by=cast.neighbour_officer)
        assert "已过，这次合并由上级工会决定" in sentence
        page = body(signed_in(cast.neighbour_officer).get(f"/duplicates/asked/{one.pk}/"))
        assert "答复期限已过，由上级工会决定。" in page
        assert "同意合并</button>" not in page

    def test_it_lapses_when_one_of_them_moves(self, cast: Cast, one: Merge):
        left(cast, one.pair.member)
        assert (Merge.objects.get().state, found(one.pair.member).state) == (MergeState.LAPSED, PairState.PENDING)
        assert refused(decide, one, agree=True, opinion="", by=cast.district_admin) == MAY_NOT_DECIDE
        assert "已失效" in refused(decide, one, agree=True, opinion="", by=cast.platform_admin)

    def test_who_asked_takes_it_back(self, cast: Cast, one: Merge):
        assert refused(withdraw, one, by=cast.neighbour_officer) == MAY_NOT
        withdraw(one, by=cast.platform_admin)
        assert found(one.pair.member).state == PairState.PENDING


class TestDecided:
    def test_merged_and_undone_to_the_letter(self, cast: Cast, one: Merge):
        pair = found(one.pair.member)
        before = picture(pair.member, pair.other)
        decide(one, agree=True, opinion="已核实", by=cast.district_admin)
        one.refresh_from_db()
        assert (one.state, one.answered_by) == (MergeState.DONE, cast.district_admin)
        assert Entry.objects.get(verb="duplicate.decided").actor == cast.district_admin
        assert Notice.objects.get(user=cast.district_admin).read_at is not None
        for user in (cast.officer, cast.neighbour_officer):
            assert Notice.objects.filter(user=user, title="重复的会员资料已合并").count() == 1
        assert Notice.objects.filter(user=cast.platform_admin, title="上级工会已决定合并重复会员").exists()
        undo(one, by=cast.district_admin)
        assert picture(pair.member, pair.other) == before

    def test_refused_with_a_reason_and_both_unions_are_told(self, cast: Cast, one: Merge):
        assert "必须填写原因" in refused(decide, one, agree=False, opinion=" ", by=cast.district_admin)
        decide(one, agree=False, opinion="是两个人", by=cast.district_admin)
        assert (Merge.objects.get().state, found(one.pair.member).state) == (MergeState.REFUSED, PairState.PENDING)
        assert Entry.objects.filter(verb="duplicate.declined").count() == 1
        told = set(Notice.objects.filter(title="上级工会决定不合并重复会员").values_list("user", flat=True))
        assert told == {cast.officer.pk, cast.neighbour_officer.pk, cast.platform_admin.pk}
        assert not Alias.objects.exists()

    def test_by_those_above_too(self, cast: Cast, one: Merge):
        decide(one, agree=True, opinion="", by=cast.platform_admin)
        assert Merge.objects.get().state == MergeState.DONE

    @pytest.mark.parametrize(
        "who", ["officer", "neighbour_officer", "reviewer", "other_reviewer", "bureau_admin", "viewer"]
    )
    def test_by_nobody_else(self, cast: Cast, one: Merge, who: str):
        assert refused(decide, one, agree=True, opinion="", by=getattr(cast, who)) == MAY_NOT_DECIDE

    def test_not_while_the_union_may_still_answer(self, cast: Cast):
        merge = merged(paired(cast.union, cast.neighbour), cast.district_admin)
        sentence = refused(decide, merge, agree=True, opinion="", by=cast.district_admin)
        assert f"可以答复到 {merge.due_on:%Y-%m-%d}" in sentence

    def test_twice_is_told_by_whom(self, cast: Cast, one: Merge):
        decide(one, agree=True, opinion="", by=cast.district_admin)
        assert str(cast.district_admin) in refused(decide, one, agree=False, opinion="不是", by=cast.platform_admin)

    def test_from_the_page(self, cast: Cast, one: Merge):
        client = signed_in(cast.district_admin)
        page = body(client.get(address(one.pair)))
        assert "决定合并" in page
        assert "没有在" in page
        response = client.post(address(one.pair, "act"), {"do": "decide", "answer": "refuse"})
        assert response.status_code == 422
        assert "必须填写原因" in body(response)
        page = body(client.post(address(one.pair, "act"), {"do": "decide", "answer": "agree"}, follow=True))
        assert "已决定合并" in page
        response = client.post(address(one.pair, "act"), {"do": "decide", "answer": "agree"})
        assert response.status_code == 422
        assert "不能再办理" in body(response)
