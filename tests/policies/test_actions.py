"""Days that a superior union decides for all below it: inherited, only to be made smaller, and on record (SPEC 3.6)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.policies.actions import set_policy
from gonghui.policies.fields import FIELDS
from gonghui.policies.models import Policy
from gonghui.policies.queries import in_force
from gonghui.transfers.models import Transfer
from tests.factories import live, make_member, make_user
from tests.transfers.stories import offered, requested, uploaded

pytestmark = pytest.mark.django_db


def days(cast) -> list[int]:
    """What holds in the district's unions, and in the bureau's."""
    held = in_force("transfer_days", [cast.union.pk, cast.neighbour.pk, cast.far.pk])
    return [held[union.pk] for union in (cast.union, cast.neighbour, cast.far)]


def decide(cast, who: str, number: int | None) -> Policy:
    by = getattr(cast, who)
    return set_policy(by.union, {"transfer_days": number}, by=by)


def test_the_installations_number_holds_where_nobody_has_decided(cast, settings):
    assert days(cast) == [15, 15, 15]
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, transfer_days=20)
    assert days(cast) == [20, 20, 20]


def test_a_district_shortens_it_for_its_own_unions_alone(cast):
    decide(cast, "district_admin", 7)
    assert days(cast) == [7, 7, 15]
    decide(cast, "district_admin", None)
    assert days(cast) == [15, 15, 15]


def test_the_city_decides_for_all_and_a_district_may_only_shorten_it(cast):
    decide(cast, "platform_admin", 30)
    decide(cast, "district_admin", 20)
    assert days(cast) == [20, 20, 30]
    with pytest.raises(Refused, match="上海市总工会规定的期限是 30 天，只能缩短，不能延长。请填写不超过 30 的天数。"):
        decide(cast, "district_admin", 31)
    decide(cast, "platform_admin", 10)
    assert days(cast) == [10, 10, 10], "what is shorter above holds, whatever was decided before"


@pytest.mark.parametrize("number", [0, -1, 366])
def test_a_number_that_is_none_is_refused_and_the_database_stands_behind(cast, number):
    with pytest.raises(Refused, match="应为 1 至 365 的整数"):
        decide(cast, "platform_admin", number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(union=cast.city, transfer_days=number, set_by=cast.platform_admin)


def test_an_administrator_of_the_very_union_decides_and_nobody_else(cast):
    reviewer = make_user(cast.district, Role.REVIEWER)
    for union, by in (
        (cast.district, cast.platform_admin),
        (cast.district, cast.bureau_admin),
        (cast.district, reviewer),
        (cast.street, cast.reviewer),
        (cast.union, cast.officer),
    ):
        with pytest.raises(Refused, match="只有本工会的管理员"):
            set_policy(union, {"transfer_days": 7}, by=by)
    assert not Policy.objects.exists()


def test_an_account_that_has_lost_the_role_meanwhile_is_refused(cast):
    type(cast.district_admin).objects.filter(pk=cast.district_admin.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused):
        decide(cast, "district_admin", 7)


def test_a_decision_is_on_record_with_old_and_new_and_a_repeated_one_is_none(cast):
    decide(cast, "district_admin", 7)
    decide(cast, "district_admin", 5)
    decide(cast, "district_admin", 5)
    label = FIELDS["transfer_days"].label
    said = [entry.data["changes"] for entry in Entry.objects.filter(verb="policy.set").order_by("pk")]
    assert said == [[[label, "", "7"]], [[label, "7", "5"]]]
    (earlier,) = Policy.pgh_event_model.objects.all()
    assert earlier.transfer_days == 7


def test_whoever_has_to_answer_has_the_days_of_its_own_superiors(cast):
    """A request is answered by the union that the member leaves, an offer by the one that he or she comes to."""
    before = requested(cast, make_member(cast.union))
    decide(cast, "district_admin", 7)
    decide(cast, "bureau_admin", 3)
    within, across = (localdate() + timedelta(days=number) for number in (7, 3))
    uploaded(cast, make_member(cast.union), make_member(cast.far))
    asked = Transfer.objects.exclude(pk=before.pk).order_by("pk")
    assert [one.due_on for one in asked] == [within, across]
    (offer,) = offered(cast, make_member(cast.union), to=cast.far)
    assert offer.due_on == across
    assert live(before).due_on == localdate() + timedelta(days=15), "what is under way keeps its day"
    told = Notice.objects.filter(user=cast.far_officer).order_by("pk").values_list("body", flat=True)
    assert [f"{across:%Y-%m-%d}" in body for body in told] == [True, True]
    assert f"{within:%Y-%m-%d}" in Notice.objects.filter(user=cast.officer).latest("pk").body


def test_what_holds_takes_two_statements_for_any_number_of_unions(cast, django_assert_num_queries):
    decide(cast, "district_admin", 7)
    for unions in ([cast.union.pk], [cast.union.pk, cast.neighbour.pk, cast.far.pk, cast.street.pk]):
        with django_assert_num_queries(2):
            in_force("transfer_days", unions)
