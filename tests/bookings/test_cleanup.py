"""Whether somebody is married is forgotten 30 days after the session."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.bookings.cleanup import SWEEPS
from gonghui.bookings.models import MaritalAnswer, Place, Session
from gonghui.bookings.programmes.actions import publish_programme, save_package
from gonghui.kit.cleanup import sweep_out
from gonghui.kit.errors import Refused
from tests.bookings.stories import booked, drafted, opened, session_of
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def test_asked_where_a_package_asks_kept_apart_and_forgotten(cast):
    programme = drafted(cast, kind="checkup")
    married = save_package(
        programme, {"name": "已婚女性", "sexes": ["female"], "married": True}, by=cast.platform_admin
    )
    session_of(programme, by=cast.platform_admin)
    publish_programme(programme, by=cast.platform_admin)
    opened(programme)
    member = make_member(cast.union, sex="female")
    with pytest.raises(Refused, match="不适用于"):
        booked(cast.officer, programme, member, package_id=married.pk)
    with pytest.raises(Refused, match="请为"):
        booked(cast.officer, programme, member)
    booked(cast.officer, programme, member, package_id=married.pk, married=True)
    assert MaritalAnswer.objects.get().married
    for days, left in ((30, 1), (31, 0)):
        Session.objects.update(begins_on=localdate() - timedelta(days=days), ends_on=localdate() - timedelta(days=days))
        list(sweep_out(SWEEPS[0]))
        assert MaritalAnswer.objects.count() == left
    assert Place.objects.get().state == "booked"
