"""Group bookings, the place of each person, the waiting list and its offers (SPEC 6.4 to 6.6)."""

from typing import Any
from uuid import uuid4

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.bookings.codes import Mode, Relation, Stated
from gonghui.bookings.models.programmes import Package, Programme
from gonghui.bookings.models.sessions import Session, Share
from gonghui.bookings.states import (
    ACTIVE,
    HOLDING,
    OFFER_TRANSITIONS,
    PLACE_TRANSITIONS,
    EndReason,
    OfferState,
    PlaceState,
)
from gonghui.kit.sealing import SealedRow, opened
from gonghui.kit.states import state_triggers
from gonghui.members.codes import DocumentType
from gonghui.members.models import Member
from gonghui.unions.models import Union


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, user: User) -> "BookingQuerySet":
        """Those of the user's union and of all below it; and those of the programmes that the union publishes."""
        if user.union is None:
            return self.none()
        below = Q(union__in=Union.objects.visible_to(user))
        return self.filter(below | Q(programme__publisher=user.union))

    def with_counts(self) -> "BookingQuerySet":
        """Each with the number of its people: ``booked``, ``offered``, ``waiting``, ``applied``, ``ended``."""

        def people(*states: str) -> models.Count:
            return models.Count("places", filter=Q(places__state__in=states))

        return self.annotate(
            booked=people(PlaceState.BOOKED, PlaceState.ATTENDED, PlaceState.ABSENT),
            offered=people(PlaceState.OFFERED),
            waiting=people(PlaceState.WAITING),
            applied=people(PlaceState.APPLIED),
            ended=people(PlaceState.ENDED),
        )


class Booking(models.Model):
    """What an officer has submitted at once: a group of people for a session. Its state is that of its places.

    ``key`` is of the form that was sent: a form that is sent twice is one booking.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    session = models.ForeignKey(Session, verbose_name="班次", on_delete=models.PROTECT, related_name="bookings")
    union = models.ForeignKey(
        Union, verbose_name="工会", on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    mode = models.TextField("名额不足时", choices=Mode.choices, default=Mode.ALL)
    waits = models.BooleanField("名额不足时候补", default=True)
    splittable = models.BooleanField("可拆分", default=False)
    key = models.UUIDField(default=uuid4)
    by = models.ForeignKey(User, verbose_name="报名人", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("报名时间", db_default=Now())
    confirmed_at = models.DateTimeField(null=True)  # when the officers were told what became of it

    objects = BookingQuerySet.as_manager()
    places: Any

    class Meta:
        constraints = [
            models.UniqueConstraint("union", "key", name="booking_key_once"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="booking_mode_known"),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="booking_union"),
            models.Index(fields=["programme", "-id"], name="booking_programme"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that is shown, and that lots are drawn of."""
        return f"B{self.pk:08d}"


class WaitingEntry(models.Model):
    """A group's turn in the line of a session: strictly by ``turn``, which is given under the session's lock."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="line", db_index=False)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="waiting_entry")
    turn = models.PositiveIntegerField("次序")
    since = models.DateTimeField("候补时间", db_default=Now())

    class Meta:
        ordering = ["turn"]
        constraints = [models.UniqueConstraint("session", "turn", name="waiting_turn_once")]


class Offer(models.Model):
    """Places that became free and are held for the first in the line, until ``ends_at``."""

    entry = models.ForeignKey(WaitingEntry, on_delete=models.PROTECT, related_name="offers")
    state = models.TextField("状态", choices=OfferState.choices, default=OfferState.OPEN)
    offered_at = models.DateTimeField("通知时间", db_default=Now())
    ends_at = models.DateTimeField("确认截止时间")
    answered_by = models.ForeignKey(
        User, verbose_name="确认人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField("答复时间", null=True)
    places: Any

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="offer_state_known"),
            models.CheckConstraint(
                condition=Q(state=OfferState.OPEN, answered_at=None)
                | (~Q(state=OfferState.OPEN) & Q(answered_at__isnull=False)),
                name="offer_answered_whole",
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], condition=Q(state=OfferState.OPEN), name="offer_open")]
        triggers = state_triggers("state", OFFER_TRANSITIONS)


class PlaceQuerySet(models.QuerySet["Place"]):
    def visible_to(self, user: User) -> "PlaceQuerySet":
        """As of bookings; a place follows its person to another union, if the programme says so."""
        if user.union is None:
            return self.none()
        below = Q(union__in=Union.objects.visible_to(user))
        return self.filter(below | Q(programme__publisher=user.union))

    def active(self) -> "PlaceQuerySet":
        return self.filter(state__in=ACTIVE)

    def holding(self) -> "PlaceQuerySet":
        """Those that are counted in ``taken``."""
        return self.filter(state__in=HOLDING)


@history()
class Place(SealedRow):
    """One person in a programme: a member, or a family guest who pays. A place is a person, not a booking.

    ``union`` is whose officer is responsible. ``programme`` and ``during`` repeat the session's (by triggers), so that
    the database itself lets nobody be in a programme twice, nor in two sessions at one time.
    """

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="places", db_index=False)
    order = models.PositiveSmallIntegerField("次序")  # as the officer gave it
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="places", db_index=False, editable=False
    )
    session = models.ForeignKey(Session, verbose_name="班次", on_delete=models.PROTECT, related_name="places")
    during = DateTimeRangeField(editable=False)
    share = models.ForeignKey(Share, null=True, on_delete=models.PROTECT, related_name="places", db_index=False)
    offer = models.ForeignKey(Offer, null=True, on_delete=models.PROTECT, related_name="places")
    union = models.ForeignKey(
        Union, verbose_name="工会", on_delete=models.PROTECT, related_name="places", db_index=False
    )
    member = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="places", db_index=False)
    guest_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="guests")
    guest_name = models.TextField("家属姓名", blank=True, default="")
    relation = models.TextField("与会员的关系", choices=Relation.choices, blank=True, default="")
    document_type = models.TextField("证件类型", choices=DocumentType.choices, blank=True, default="")
    document_sealed = models.BinaryField(null=True)
    document_hash = models.BinaryField(max_length=32)  # of the member, too: a guest may be a member
    package = models.ForeignKey(Package, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    stated = ArrayField(models.TextField(), default=list)  # of codes.Stated
    categories = ArrayField(models.TextField(), default=list)  # of codes.Category, as they were when it was booked
    state = models.TextField("状态", choices=PlaceState.choices)
    ended_for = models.TextField("取消原因", choices=EndReason.choices, blank=True, default="")
    ended_at = models.DateTimeField("取消时间", null=True)
    ended_by = models.ForeignKey(
        User, verbose_name="取消人", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.TextField("退出说明", blank=True, default="")  # of a late withdrawal
    cost_note = models.TextField("费用处理", blank=True, default="")
    code = models.UUIDField(default=uuid4, unique=True, editable=False)  # of the QR code on the sign-in sheet
    signed_in_at = models.DateTimeField("签到时间", null=True)
    bus = models.TextField("车次", blank=True, default="")
    marked_at = models.DateTimeField(null=True)  # 已参加 or 未到
    marked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["booking", "order"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlaceState.values), name="place_state_known"),
            models.CheckConstraint(
                condition=Q(member__isnull=False, guest_of=None, guest_name="")
                | (
                    Q(member=None, guest_of__isnull=False, document_sealed__isnull=False)
                    & ~Q(guest_name="")
                ),
                name="place_of_member_or_guest",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[PlaceState.APPLIED, PlaceState.WAITING], share=None)
                | Q(state__in=HOLDING, share__isnull=False)
                | Q(state=PlaceState.ENDED),
                name="place_held_is_of_a_share",
            ),
            models.CheckConstraint(
                condition=Q(state=PlaceState.ENDED, ended_at__isnull=False) & ~Q(ended_for="")
                | (~Q(state=PlaceState.ENDED) & Q(ended_at=None, ended_for="")),
                name="place_ended_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlaceState.OFFERED) | Q(offer__isnull=False), name="place_offered_has_an_offer"
            ),
            models.UniqueConstraint(
                "programme", "member", condition=Q(state__in=ACTIVE, member__isnull=False), name="place_member_once"
            ),
            models.UniqueConstraint(
                "programme", "document_hash", condition=Q(state__in=ACTIVE), name="place_person_once"
            ),
            ExclusionConstraint(
                name="place_one_session_at_a_time",
                expressions=[
                    (Func(F("member"), F("member"), Value("[]"), function="int8range"), "&&"),
                    ("during", "&&"),
                ],
                condition=Q(state__in=ACTIVE, member__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["booking", "order"], name="place_booking"),
            models.Index(fields=["session", "state", "id"], name="place_session"),
            models.Index(fields=["member", "-id"], condition=Q(member__isnull=False), name="place_member"),
            models.Index(fields=["union", "-id"], name="place_union"),
        ]
        triggers = [
            *state_triggers("state", PLACE_TRANSITIONS),
            pgtrigger.Trigger(
                name="follows_session",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("session_id"),
                func="""
                    SELECT programme_id, during INTO NEW.programme_id, NEW.during
                        FROM bookings_session WHERE id = NEW.session_id;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.member.name if self.member else f"{self.guest_name}（{self.get_relation_display() or '家属'}）"

    @property
    def is_guest(self) -> bool:
        return self.member_id is None

    @property
    def stated_labels(self) -> list[str]:
        return [str(Stated(fact).label) for fact in self.stated]

    @property
    def document_number(self) -> str:
        """The member's or the guest's number in full: for masking, a recorded disclosure, or the insurance list."""
        return self.member.document_number if self.member else opened(self, "document_sealed")
