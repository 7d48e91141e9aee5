"""请假代办: who may stand in for whom, when, and what is recorded of it (SPEC 1.4, 5.1)."""

import ast
import re
import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.handover import hand_over
from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.filings.dissolution.actions import restore_union
from gonghui.filings.models import Dissolution
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail, Notice
from gonghui.reviews.actions import decide
from gonghui.reviews.covers import revoke_cover, set_cover
from gonghui.reviews.models import Cover, Review, ReviewState
from gonghui.reviews.rules import can_review
from gonghui.transfers.departures.actions import remind
from gonghui.transfers.models import Transfer
from gonghui.transfers.overdue.actions import settle_overdue
from tests.factories import make_member, make_user
from tests.filings.stories import amended, approved, dissolved, relocated, submitted
from tests.people import Cast, make_cast
from tests.superiors.stories import begun_closing
from tests.superiors.stories import ended as change_ended
from tests.test_architecture import SOURCES, sources, tree_of
from tests.transfers.stories import ended as standing_ended
from tests.transfers.stories import overdue, requested
from tests.yearbooks import stories as yearbooks

COVERS = "/reviews/covers/"


def day(number: int) -> date:
    """So many days from today."""
    return timezone.localdate() + timedelta(days=number)


def away(cast: Cast, first: int = 0, last: int = 5, **changes) -> Cover:
    """The reviewer is away and the viewer stands in."""
    values = {"cover": cast.viewer, "by": cast.reviewer, "starts_on": day(first), "ends_on": day(last)} | changes
    return set_cover(changes.pop("absent", cast.reviewer), **{k: v for k, v in values.items() if k != "absent"})


def moved(cover: Cover, first: int, last: int) -> None:
    """As if the cover had been set for other days."""
    Cover.objects.filter(pk=cover.pk).update(starts_on=day(first), ends_on=day(last))


def test_the_cover_decides_and_the_record_names_both(client, cast):
    away(cast)
    review = submitted(cast).review
    client.force_login(cast.viewer)
    desk = client.get("/reviews/").text
    assert "您正在代五角场镇审核人审核" in desk
    assert "通过所选" in desk
    assert "id_opinion" in client.get(reverse("reviews:review", args=[review.pk])).text
    client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved", "opinion": "同意。"})
    step = review.steps.get()
    assert (step.reviewer, step.in_place_of) == (cast.viewer, cast.reviewer)
    words = "五角场镇查看人（代 五角场镇审核人）"
    assert step.decided_by == words
    assert words in client.get(reverse("reviews:review", args=[review.pk])).text
    assert words in client.get("/reviews/?tab=done").text
    assert words in client.get(reverse("filings:union", args=[cast.unfiled.pk])).text
    entry = Entry.objects.get(verb="review.approved")
    assert (entry.actor, entry.data["in_place_of"]) == (cast.viewer, "五角场镇审核人")
    with pytest.raises(Refused, match="已由 五角场镇查看人（代 五角场镇审核人） 于"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)


def test_who_is_a_reviewer_by_right_decides_in_the_own_name(cast):
    away(cast)
    User.objects.filter(pk=cast.viewer.pk).update(roles=[Role.REVIEWER])
    review = submitted(cast).review
    decide(review, decision="approved", opinion="", by=cast.viewer)
    assert review.steps.get().in_place_of is None


def test_the_cover_gets_the_bell_for_new_requests(cast):
    away(cast)
    Notice.objects.all().delete()
    submitted(cast)
    waiting = Notice.objects.filter(title__contains="待审核")
    assert set(waiting.values_list("user", flat=True)) == {cast.viewer.pk, cast.reviewer.pk}


def fallen_due(cast: Cast) -> Transfer:
    overdue(transfer := requested(cast, make_member(cast.union)))
    settle_overdue()
    return Transfer.objects.get(pk=transfer.pk)


def ended(cast: Cast) -> Dissolution:
    return dissolved(cast, "closed")


# function that tells deciders something -> the stories in which it does, each with what it tells
def taken_over(cast: Cast) -> None:
    """A first filing waits for a street that closes: its union is below nobody yet."""
    submitted(cast, superior=cast.other_street)
    change_ended(begun_closing(cast, cast.other_street, cast.street))


TOLD: dict[str, list[tuple[Callable[[Cast], object], str]]] = {
    "reviews/actions.py:submit": [
        (submitted, "工会填报待审核"),
        (amended, "资料修改待审核"),
        (relocated, "组织转移待审核"),
    ],
    "reviews/handing_on.py:take_over_steps": [(taken_over, "项待审核申请转由本工会审核")],
    "transfers/notifications.py:notify_holders": [
        (fallen_due, "会员转移逾期未审核"),
        (lambda cast: remind([fallen_due(cast).pk], by=cast.neighbour_officer), "请尽快审核会员转移申请"),
    ],
    "transfers/expulsions/notifications.py:notify_superior_of_expulsions": [
        (lambda cast: standing_ended(cast, make_member(cast.union), "expelled"), "除名 1 名会员，请备案"),
    ],
    "filings/relocation/review.py:on_approved": [
        (lambda cast: approved(relocated(cast).review, cast.other_reviewer, cast.reviewer), "组织转移已完成"),
    ],
    "filings/dissolution/actions.py:_tell_of_end": [(ended, "已撤销")],
    "filings/dissolution/actions.py:_tell_of_restoration": [
        (lambda cast: restore_union(ended(cast), reason="误操作", by=cast.platform_admin), "恢复"),
    ],
    "yearbooks/notifications.py:tell_to_sign": [(yearbooks.opened, "《工会统计年报》")],
}


@pytest.mark.parametrize(("story", "told"), [one for stories in TOLD.values() for one in stories])
def test_whatever_deciders_are_told_the_cover_is_told(cast, story, told):
    away(cast)
    Notice.objects.all().delete()  # that the cover begins
    story(cast)
    assert cast.viewer.notices.filter(title__contains=told).exists()


def test_the_list_of_what_deciders_are_told_is_whole():
    telling = {
        f"{path.relative_to(SOURCES)}:{function.name}"
        for path in sources("src")
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"notify_deciders", "deciders_of"}
    }
    assert telling == {*TOLD, "reviews/notifications.py:notify_deciders"}


def test_nobody_but_the_one_question_asks_who_decides():
    """Whoever looks for reviewers by their role forgets those who stand in (reviews.queries.deciders_of)."""
    asking = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if re.search(r"roles__\w+=\[[^]]*Role\.REVIEWER", path.read_text())
    }
    demo = {"demo_data/stories.py", "demo_data/city/growing.py"}
    assert asking == {"reviews/queries.py", "reviews/models.py", "reviews/forms.py"} | demo


def test_those_concerned_are_told_by_bell_and_mail(cast):
    cover = away(cast)
    assert Notice.objects.get().user == cast.viewer
    assert Mail.objects.get().to == cast.viewer.email
    assert Entry.objects.get(verb="cover.set").data["ends_on"] == day(5).isoformat()
    revoke_cover(cover, by=cast.reviewer)
    assert Notice.objects.filter(user=cast.viewer, title__contains="提前结束").exists()
    assert Entry.objects.filter(verb="cover.revoked", actor=cast.reviewer).exists()


def test_an_administrator_sets_one_up_for_who_is_away_already(client, cast):
    absent = make_user(cast.street, Role.REVIEWER, name="王敏")
    client.force_login(cast.reviewer)
    form = {"absent": absent.pk, "cover": cast.viewer.pk, "starts_on": day(0), "ends_on": day(3)}
    assert client.post(COVERS, form).url == COVERS
    assert Cover.objects.get().made_by == cast.reviewer
    assert Notice.objects.filter(user=absent, title__contains="由五角场镇查看人代办").exists()
    assert can_review(cast.viewer)


@pytest.mark.parametrize("who", ["viewer", "district_admin", "other_reviewer", "officer"])
def test_nobody_else_sets_one_up(cast, who):
    with pytest.raises(Refused, match="代办由审核人本人设置"):
        away(cast, cover=make_user(cast.street, Role.VIEWER), by=getattr(cast, who))
    assert not Cover.objects.exists()


def test_a_reviewer_sets_one_up_for_oneself_alone(cast):
    reviewer = make_user(cast.street, Role.REVIEWER)
    with pytest.raises(Refused, match="代办由审核人本人设置"):
        away(cast, by=reviewer)
    assert away(cast, absent=reviewer, by=reviewer).absent == reviewer


def test_a_cover_is_no_reviewer_and_passes_nothing_on(cast):
    away(cast)
    third = make_user(cast.street, Role.VIEWER)
    for by in (cast.viewer, cast.reviewer):
        with pytest.raises(Refused, match="代办由审核人本人设置"):
            away(cast, absent=cast.viewer, cover=third, by=by)
    assert not can_review(third)


@pytest.mark.parametrize(
    ("cover", "words"),
    [
        ("reviewer", "不能是请假的人自己"),
        ("other_reviewer", "本工会的账号"),
        ("officer", "本工会的账号"),
        ("disabled", "已停用"),
        ("colleague", "本身就是审核人"),
    ],
)
def test_who_cannot_stand_in(cast, cover, words):
    people = {"disabled": make_user(cast.street, Role.VIEWER, is_active=False), "colleague": make_user(cast.street)}
    with pytest.raises(Refused, match=words):
        away(cast, cover=people.get(cover) or getattr(cast, cover))
    assert not Cover.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (-1, 3, "不能早于今天"),
        (3, 2, "不能早于开始日期"),
        (0, 90, "最长 90 天"),
        (91, 92, "最远是 90 天之后"),
    ],
)
def test_days_that_cannot_be(client, cast, first, last, words):
    client.force_login(cast.reviewer)
    form = {"absent": cast.reviewer.pk, "cover": cast.viewer.pk, "starts_on": day(first), "ends_on": day(last)}
    answer = client.post(COVERS, form)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Cover.objects.exists()


def test_ninety_days_are_the_longest_and_one_day_the_shortest(cast):
    assert away(cast, 0, 89)
    revoke_cover(Cover.objects.get(), by=cast.reviewer)
    assert away(cast, 0, 0)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 5), (2, 3), (0, 30)])
def test_days_that_overlap_are_refused(cast, first, last):
    away(cast)
    with pytest.raises(Refused, match="已有代办"):
        away(cast, first, last, cover=make_user(cast.street, Role.VIEWER))
    assert Cover.objects.count() == 1


def test_the_day_after_another_person_and_after_a_revoked_one_are_free(cast):
    first = away(cast)
    away(cast, 6, 9)
    absent = make_user(cast.street, Role.REVIEWER)
    away(cast, absent=absent, by=absent)
    revoke_cover(first, by=cast.reviewer)
    away(cast, 0, 3)


def test_the_database_itself_keeps_overlaps_out(cast):
    away(cast)
    again = {"absent": cast.reviewer, "cover": cast.viewer, "made_by": cast.reviewer}
    with pytest.raises(IntegrityError), transaction.atomic():
        Cover.objects.create(**again, starts_on=day(5), ends_on=day(6))


@pytest.mark.parametrize("end", ["over", "revoked", "not yet", "role ended", "disabled", "handed over"])
def test_a_cover_that_is_not_in_force_decides_nothing_and_the_page_says_so(client, cast, end):
    review, cover = submitted(cast).review, away(cast)
    client.force_login(cast.viewer)
    page = reverse("reviews:review", args=[review.pk])
    assert "id_opinion" in client.get(page).text
    if end == "over":
        moved(cover, -3, -1)
    elif end == "not yet":
        moved(cover, 1, 3)
    elif end == "revoked":
        revoke_cover(cover, by=cast.reviewer)
    elif end == "handed over":
        hand_over(cast.reviewer, email="new@demo.test", name="新", by=make_user(cast.street))
    else:
        changes = {"is_active": False} if end == "disabled" else {"roles": [Role.ADMIN]}
        User.objects.filter(pk=cast.reviewer.pk).update(**changes)
    answer = client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved", "save_phrase": "1"})
    assert answer.status_code == 409
    assert "您代五角场镇审核人审核的期限已经结束" in answer.text
    assert "id_opinion" not in answer.text
    review.refresh_from_db()
    assert (review.state, review.steps.get().decision) == (ReviewState.PENDING, None)
    assert not cast.viewer.phrases.exists()


def test_a_reviewer_whose_role_ended_while_the_page_was_open_is_told(client, cast):
    review = submitted(cast).review
    client.force_login(cast.reviewer)
    User.objects.filter(pk=cast.reviewer.pk).update(roles=[Role.VIEWER])
    data = {"decision": "refused", "opinion": "不全", "save_phrase": "1"}
    answer = client.post(reverse("reviews:decide", args=[review.pk]), data)
    assert answer.status_code == 409
    assert "您没有审核这项申请的权限" in answer.text
    review.refresh_from_db()
    assert review.state == ReviewState.PENDING
    assert not cast.reviewer.phrases.exists()


def test_revoking_twice_or_after_the_end_or_by_others_is_refused(client, cast):
    cover = away(cast)
    for by in (cast.viewer, cast.district_admin, cast.other_reviewer):
        with pytest.raises(Refused, match="代办由请假的人自己撤销"):
            revoke_cover(cover, by=by)
    client.force_login(cast.other_reviewer)
    assert client.post(reverse("reviews:revoke_cover", args=[cover.pk])).status_code == 404
    client.force_login(cast.reviewer)
    assert client.post(reverse("reviews:revoke_cover", args=[cover.pk])).url == COVERS
    with pytest.raises(Refused, match="已经结束"):
        revoke_cover(cover, by=cast.reviewer)


def test_the_page_lists_the_unions_covers_with_their_state(client, cast):
    away(cast)
    away(cast, 10, 12)
    client.force_login(cast.viewer)
    page = client.get(COVERS).text
    assert "代办中" in page
    assert "未开始" in page
    assert "设置代办" not in page
    assert "撤销</button>" not in page
    client.force_login(cast.reviewer)
    assert client.get(COVERS).text.count("撤销</button>") == 2
    client.force_login(cast.other_reviewer)
    assert "还没有设置过代办" in client.get(COVERS).text
    client.force_login(cast.officer)
    assert client.get(COVERS).status_code == 404


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(client, cast):
    client.force_login(cast.reviewer)
    people, counts = {"absent": cast.reviewer, "cover": cast.viewer, "made_by": cast.reviewer}, []
    for first, count in ((0, 10), (10, 90)):
        days = [day(number) for number in range(first, first + count)]
        Cover.objects.bulk_create(Cover(**people, starts_on=day, ends_on=day) for day in days)
        client.get(COVERS, {"size": 100})
        with CaptureQueriesContext(connection) as captured:
            page = client.get(COVERS, {"size": 100})
        counts.append(len(captured))
    assert len(page.context["page"].rows) == 100
    assert counts[0] == counts[1]


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["reviewer", "revoke"])
def test_a_cover_decides_while_the_reviewer_does_or_revokes(other):
    cast = make_cast()
    cover = away(cast)
    review = submitted(cast).review
    start, outcomes = threading.Barrier(2), {}

    def act(who: str) -> None:
        start.wait()
        try:
            if who == "revoke":
                revoke_cover(cover, by=User.objects.get(pk=cast.reviewer.pk))
            else:
                by = User.objects.get(pk=getattr(cast, who).pk)
                decide(Review.objects.get(pk=review.pk), decision="approved", opinion="", by=by)
            outcomes[who] = ""
        except Refused as refusal:
            outcomes[who] = refusal.sentence
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[who]) for who in ("viewer", other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    review.refresh_from_db()
    step = review.steps.get()
    if other == "revoke":
        assert outcomes["revoke"] == ""
        assert ("期限已经结束" in outcomes["viewer"]) == (review.state == ReviewState.PENDING)
    else:
        assert sorted(bool(sentence) for sentence in outcomes.values()) == [False, True]
        assert step.in_place_of == (cast.reviewer if step.reviewer == cast.viewer else None)
        assert Entry.objects.filter(verb="review.approved").count() == 1
