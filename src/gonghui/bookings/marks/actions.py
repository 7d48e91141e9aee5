"""Who came and who did not; an objection within 14 days (SPEC 6.8)."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.ledger.actions import write_entries
from gonghui.bookings.models import Contest, Place
from gonghui.bookings.places.freeing import lock_places
from gonghui.bookings.places.notifications import notify_places_ended, notify_publisher
from gonghui.bookings.rules import can_change_place, can_manage, can_mark
from gonghui.bookings.sentences import NOT_MANAGER, NOT_OFFICER, minute, stated_reason
from gonghui.bookings.states import ContestState, PlaceState
from gonghui.kit.errors import Refused
from gonghui.members.models import Member

verbs.register(booking__attended="登记已参加", booking__absent="登记未到", contest__made="对未到提出异议",
               contest__decided="处理未到的异议")  # fmt: skip
verbs.facts("contest", upheld="更正为已参加")

CONTEST_DAYS = 14
MARKED = (PlaceState.BOOKED, PlaceState.ATTENDED, PlaceState.ABSENT)


def mark_places(ids: Collection[int], *, came: bool, by: User) -> list[Place]:
    """Marks people of sessions that have begun as 已参加 (已检) or 未到, and writes their ledger; marking the same again
    changes nothing. The officers of who did not come are told, and how long they may object.

    Raises Refused: ``by`` may not, somebody was not booked, or the session has not begun.
    """
    state = PlaceState.ATTENDED if came else PlaceState.ABSENT
    with transaction.atomic():
        places = _locked(ids)
        for place in places:
            require(can_mark, by, place.session, sentence="只有发布项目的工会或承办机构可以登记参加情况。")
            if place.state not in MARKED:
                raise Refused(f"{place}的状态是「{place.get_state_display()}」，不能登记参加情况。")
            if place.session.begins_on > localdate():
                raise Refused(f"班次「{place.session}」还没有开始，不能登记参加情况。")
        changed = [place for place in places if place.state != state]
        _mark(changed, state, by)
        for verb in ["booking.attended" if came else "booking.absent"] if changed else []:
            names, people = [str(one) for one in changed], [one.member_id for one in changed if one.member_id]
            record(verb, changed[0].programme, by=by, people=people, names=names, count=len(changed))
        if changed and not came:
            until = localdate() + timedelta(days=CONTEST_DAYS)
            notify_places_ended(changed, "有人被登记为未到", f"如有异议，请在 {until} 前提出")
        return changed


def _locked(ids: Collection[int]) -> list[Place]:
    """The places, with their members locked before their sessions."""
    members = Place.objects.filter(pk__in=ids, member__isnull=False).values_list("member", flat=True)
    list(Member.objects.filter(pk__in=list(members)).select_for_update(no_key=True).order_by("pk"))
    places = [place for place in lock_places(ids)[0] if place.pk in set(ids)]
    if not places:
        raise Refused("请先勾选人员。")
    return places


def _mark(places: list[Place], state: PlaceState, by: User | None) -> None:
    now = timezone.now()
    for place in places:
        place.state, place.marked_at, place.marked_by = state, now, by
    Place.objects.bulk_update(places, ["state", "marked_at", "marked_by"])
    write_entries(places)


def contest_absence(place: Place, *, text: str, by: User) -> Contest:
    """The union's officer objects to 「未到」. Raises Refused: ``by`` may not, not 未到, too late, or objected before."""
    text = stated_reason(text, what="异议说明", field="text")
    with transaction.atomic():
        (place,) = _locked([place.pk])
        require(can_change_place, by, place, sentence=NOT_OFFICER)
        if place.state != PlaceState.ABSENT or place.marked_at is None:
            raise Refused(f"{place}没有被登记为未到，无需提出异议。")
        if localdate() > localdate(place.marked_at) + timedelta(days=CONTEST_DAYS):
            raise Refused(f"登记未到已超过 {CONTEST_DAYS} 天，不能再提出异议。请联系发布项目的工会。")
        if Contest.objects.filter(place=place).exists():
            raise Refused("已经提出过异议，请等待处理或查看答复。")
        contest = Contest.objects.create(place=place, text=text, by=by)
        record("contest.made", place, by=by, union=place.union, reason=text)
        notify_publisher(place.programme, f"对未到的异议：{place}", text)
        return contest


def decide_contest(contest: Contest, *, upheld: bool, answer: str, by: User) -> Contest:
    """The publisher corrects the mark, or lets it stand. Raises Refused: ``by`` may not, no answer, decided before."""
    answer = stated_reason(answer, what="答复", field="answer")
    with transaction.atomic():
        (place,) = _locked([contest.place_id])
        require(can_manage, by, place.programme, sentence=NOT_MANAGER)
        contest = Contest.objects.select_related("decided_by").get(pk=contest.pk)
        if contest.decided_at:
            raise Refused(f"已由 {contest.decided_by} 于 {minute(contest.decided_at)} 处理，无需再处理。")
        contest.state = ContestState.UPHELD if upheld else ContestState.REFUSED
        contest.answer, contest.decided_by, contest.decided_at = answer, by, timezone.now()
        contest.save()
        if upheld and place.state == PlaceState.ABSENT:
            _mark([place], PlaceState.ATTENDED, by)
        record("contest.decided", place, by=by, union=place.union, upheld=upheld, reason=answer)
        notify_places_ended([place], f"对未到的异议{'已更正' if upheld else '维持原记录'}", answer)
        return contest
