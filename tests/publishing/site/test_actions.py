"""The city's settings of its public pages."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.publishing.models import Site
from gonghui.publishing.site.actions import set_site
from tests.publishing.stories import colleague

pytestmark = pytest.mark.django_db


def test_the_settings_are_saved_and_recorded(cast):
    today = localdate()
    set_site(second_person=True, grey_from=today, grey_until=today, by=cast.platform_admin)
    assert Site.objects.get().second_person
    changes = Entry.objects.get(verb="site.set").data["changes"]
    assert changes[0] == ["须由第二人发布", "否", "是"]
    with pytest.raises(Refused, match="没有变化"):
        set_site(second_person=True, grey_from=today, grey_until=today, by=cast.platform_admin)


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [(0, None, "要一起填写"), (None, 0, "要一起填写"), (1, 0, "不能早于开始日期"), (0, 400, "相隔一年以上")],
)
def test_days_without_colour_have_a_beginning_and_an_end(cast, since, until, sentence):
    days = [None if one is None else localdate() + timedelta(days=one) for one in (since, until)]
    with pytest.raises(Refused, match=sentence):
        set_site(second_person=False, grey_from=days[0], grey_until=days[1], by=cast.platform_admin)


def test_only_platform_administrators_set_up(cast):
    for by in (colleague(cast), cast.district_admin):
        with pytest.raises(Refused, match="平台管理员"):
            set_site(second_person=True, grey_from=None, grey_until=None, by=by)
