"""Inspections confirmed, 换届 and certificates past their day: of the unions as they are when a day is closed (SPEC 5.3)."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from openpyxl import load_workbook

from gonghui.inspections.models import Confirmation, Subject, Window
from gonghui.statistics import duties, figures
from gonghui.statistics.checking import find_wrong, mend
from gonghui.statistics.closing import close_day, month_ends, recount_day
from gonghui.statistics.models import Basis, Closing, DutyCount
from gonghui.unions.models import Union
from tests.inspections.stories import confirmed, filled_in, opened
from tests.statistics.test_closing import member_since

pytestmark = pytest.mark.django_db
OWN = reverse("statistics:own")
ORGANISATIONS, MEMBERS = (f"inspected-{subject}" for subject in (Subject.ORGANISATIONS, Subject.MEMBERS))


def yesterday():
    return localdate() - timedelta(days=1)


@pytest.fixture
def inspected(cast) -> Window:
    """Of the whole city, begun and confirmed by one of its unions two days ago."""
    Union.objects.update(created_at=timezone.now() - timedelta(days=60))
    window = opened(cast)
    filled_in(cast.union)
    confirmed(cast, window)
    Confirmation.objects.update(confirmed_at=timezone.now() - timedelta(days=2))
    Window.objects.update(begins_on=yesterday() - timedelta(days=3), year=yesterday().year)
    window.refresh_from_db()
    return window


def counted(node: Union, duty: str) -> tuple[int, int] | None:
    return duties.of_nodes(Closing.objects.get(day=yesterday(), basis=Basis.THEN), node)[node.pk].get(duty)


def approved_below(node: Union) -> int:
    return Union.objects.grassroots().filter(state="approved").below(node).count()


def test_an_inspection_is_counted_at_each_level(cast, inspected):
    close_day(yesterday())
    for node, done in ((cast.city, 1), (cast.district, 1), (cast.street, 1)):
        assert counted(node, ORGANISATIONS) == (done, approved_below(node))
    assert counted(cast.company, ORGANISATIONS) == (0, approved_below(cast.company))
    assert counted(cast.city, MEMBERS) is None, "there was none"


def test_what_was_confirmed_after_the_day_is_not_of_the_day(cast, inspected):
    Confirmation.objects.update(confirmed_at=timezone.now())
    close_day(yesterday())
    assert counted(cast.city, ORGANISATIONS) == (0, approved_below(cast.city))


def test_what_was_reopened_is_not_confirmed(cast, inspected):
    Confirmation.objects.update(
        reopened_at=timezone.now(), reopened_by=cast.platform_admin, reopened_for="负责人填错了"
    )
    close_day(yesterday())
    assert counted(cast.city, ORGANISATIONS) == (0, approved_below(cast.city))


def test_an_inspection_of_a_district_leaves_out_the_others_and_the_newest_counts(cast, inspected):
    Window.objects.update(closed_at=timezone.now() - timedelta(days=2), closed_by=cast.platform_admin)
    opened(cast, cast.district)
    Window.objects.exclude(pk=inspected.pk).update(begins_on=yesterday(), year=yesterday().year)
    close_day(yesterday())
    assert counted(cast.district, ORGANISATIONS) == (0, approved_below(cast.district)), "of the newer one"
    assert counted(cast.company, ORGANISATIONS) == (0, approved_below(cast.company)), "of the older one"


def test_an_inspection_of_another_year_or_that_has_not_begun_is_of_no_account(cast, inspected):
    Window.objects.update(year=yesterday().year - 1)
    close_day(yesterday())
    assert counted(cast.city, ORGANISATIONS) is None


@pytest.mark.parametrize(
    ("duty", "column"), [("reelection", "reelection_on"), ("certificate", "certificate_valid_until")]
)
def test_a_day_that_has_passed_by_then_is_late_and_one_without_a_day_is_not_counted(cast, duty, column):
    Union.objects.update(reelection_on=None, certificate_valid_until=None)
    for union, day in ((cast.union, yesterday()), (cast.neighbour, yesterday() - timedelta(days=1))):
        Union.objects.filter(pk=union.pk).update(**{column: day})
    close_day(yesterday())
    assert counted(cast.district, duty) == (1, 2)
    assert counted(cast.company, duty) is None


def test_a_closed_day_stays_what_it_was(cast, inspected):
    close_day(yesterday())
    before = counted(cast.city, ORGANISATIONS)
    Confirmation.objects.update(confirmed_at=timezone.now())
    recount_day(yesterday())
    assert counted(cast.city, ORGANISATIONS) == before
    assert figures.duties_of(Closing.objects.get(basis=Basis.CORRECTED), cast.city)[0].part == 1
    assert find_wrong() == []


def test_a_day_of_long_ago_is_not_counted(cast, inspected):
    long_ago = list(month_ends(yesterday(), 4))[-1]
    close_day(long_ago)
    assert not DutyCount.objects.exists()
    assert figures.duties_of(Closing.objects.get(), cast.city) == []
    assert find_wrong() == []


def test_a_changed_count_is_found_and_counted_again(cast, inspected):
    close_day(yesterday())
    DutyCount.objects.filter(street=cast.street, duty=ORGANISATIONS).update(counted=0)
    assert [one.what for one in find_wrong()] == ["its unions' duties are not those that were counted"]
    (changed,) = mend()
    assert (changed.node, changed.column, changed.old, changed.new) == (cast.street.name, "组织年检已确认工会", 0, 1)
    assert find_wrong() == []
    assert mend() == []


def test_rows_without_their_digest_are_found_too(cast, inspected):
    close_day(yesterday())
    Closing.objects.update(duties_digest=None)
    assert len(find_wrong()) == 1
    mend()
    assert find_wrong() == []


def test_the_database_holds_that_those_counted_are_of_these(cast, inspected):
    close_day(yesterday())
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyCount.objects.filter(street=cast.street).update(counted=99)


def test_the_page_shows_the_rates_and_each_leads_to_the_unions_that_are_left(client, cast, inspected):
    member_since(cast.union, yesterday())
    Union.objects.filter(pk=cast.neighbour.pk).update(reelection_on=yesterday() - timedelta(days=9))
    close_day(yesterday())
    client.force_login(cast.district_admin)
    page = client.get(OWN, {"day": yesterday().isoformat()})
    rates = {rate.label: rate for rate in page.context["rates"]}
    inspection, late = rates["组织年检完成率"], rates["换届逾期率"]
    assert (inspection.part, inspection.whole) == (1, approved_below(cast.district))
    for rate, left in ((inspection, inspection.whole - inspection.part), (late, late.part)):
        address = f"{reverse('unions:tree')}?{rate.list_of}"
        assert address.replace("&", "&amp;") in page.text
        assert len(client.get(address).context["page"].rows) == left


def test_the_export_has_the_numbers_of_the_node_and_of_each_below(client, cast, inspected):
    member_since(cast.union, yesterday())
    close_day(yesterday())
    client.force_login(cast.platform_admin)
    answer = client.post(f"{reverse('statistics:export', args=[cast.city.pk])}?day={yesterday():%Y-%m-%d}")
    headings, *rows = load_workbook(BytesIO(answer.getvalue())).active.values
    place = headings.index("组织年检已确认工会")
    told = {(row[0], row[1]): row[place : place + 2] for row in rows}
    assert told["本级", "上海市总工会"] == ("1", str(approved_below(cast.city)))
    assert told["下级工会", "杨浦区总工会"] == ("1", str(approved_below(cast.district)))
