"""建会率: employers of the statistical register at the closing of a day, which stay what they were (SPEC 5.3)."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import localdate
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.statistics import employers, figures
from gonghui.statistics.checking import find_wrong, mend
from gonghui.statistics.closing import close_all, close_day, month_ends, opening_of, recount_day
from gonghui.statistics.models import Basis, Closing, EmployerCount
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import CoveredEmployer, Employer, RegisteredEmployer, Union
from tests.factories import make_union
from tests.policies.stories import ruled
from tests.registers.entries import make_entry
from tests.statistics.test_closing import member_since

pytestmark = pytest.mark.django_db
OWN = reverse("statistics:own")


def yesterday():
    return localdate() - timedelta(days=1)


def last_month():
    return next(month_ends(yesterday(), 1))


@pytest.fixture
def register(cast) -> list[RegisteredEmployer]:
    """In the street two of 25 and more, one with a union; in the other street one that is covered; one of the company
    and one of no known place without; small ones, which are of no account.
    """
    entries = [
        make_entry(1, cast.street, staff_count=25),
        make_entry(2, cast.street, staff_count=400),
        make_entry(3, cast.other_street, staff_count=60),
        make_entry(4, cast.company, staff_count=60),
        make_entry(5, None, staff_count=60),
    ]
    make_entry(6, cast.street, staff_count=24)
    make_entry(7, cast.street, staff_count=None)
    Employer.objects.filter(union=cast.far).update(code=entries[0].code)
    CoveredEmployer.objects.create(union=cast.union, code=entries[2].code, name="涵盖", staff_count=60)
    return entries


def counted(node: Union, day=None) -> tuple[int, int] | None:
    closing = Closing.objects.get(day=day or yesterday(), basis=Basis.THEN)
    found = employers.kept(closing)
    return employers.of_nodes(found, node)[node.pk] if found else None


def rate(node: Union, basis: str = Basis.THEN) -> figures.Rate:
    (found,) = figures.organised(Closing.objects.get(day=last_month(), basis=basis), node)
    return found


def test_it_is_of_the_known_employers_of_25_and_more_by_where_they_are(cast, register):
    assert close_day(yesterday())
    assert counted(cast.city) == (5, 2)
    assert counted(cast.district) == (3, 2)
    assert counted(cast.street) == (2, 1)
    assert counted(cast.other_street) == (1, 1)
    assert counted(cast.bureau) == counted(cast.company) == (1, 0)


@pytest.mark.parametrize("dimension", employers.DIVIDED)
def test_by_each_dimension_the_values_together_are_all(cast, register, dimension):
    RegisteredEmployer.objects.filter(street=cast.street).update(industry="C", economic_type="state")
    close_day(yesterday())
    closing = Closing.objects.get(day=yesterday(), basis=Basis.THEN)
    for node in (cast.city, cast.district, cast.street, cast.other_street, cast.bureau):
        divided = employers.by_value(closing, node, dimension).values()
        assert tuple(map(sum, zip(*divided, strict=True))) == counted(node)


def test_it_is_known_by_industry_by_economic_type_and_by_size(cast, register):
    RegisteredEmployer.objects.filter(street=cast.street).update(industry="C", economic_type="state")
    close_day(yesterday())
    closing = Closing.objects.get(day=yesterday(), basis=Basis.THEN)
    assert employers.by_value(closing, cast.district, "industry") == {"C": (2, 1), "": (1, 1)}
    assert employers.by_value(closing, cast.district, "economic_type") == {"state": (2, 1), "": (1, 1)}
    assert employers.by_value(closing, cast.district, "size") == {"1": (2, 2), "3": (1, 0)}
    assert employers.by_value(closing, cast.district, "sex") == {}


def test_a_count_without_dimensions_of_an_earlier_version_stays_right(cast, register):
    close_day(yesterday())
    closing = Closing.objects.get(day=yesterday(), basis=Basis.THEN)
    EmployerCount.objects.exclude(dimension="").delete()
    rows = EmployerCount.objects.order_by("street").values_list("street", "superior", "known", "organised")
    closing.employers_digest = sha256(repr([25, *rows]).encode()).digest()
    closing.save()
    assert find_wrong() == []
    assert figures.organised_by_value(closing, cast.city, "industry") == []
    assert counted(cast.city) == (5, 2)


def test_the_city_says_from_how_many_staff_on_and_earlier_days_stay(cast, register):
    close_day(last_month())
    ruled(cast, organised_from=60)
    if last_month() != yesterday():
        close_day(yesterday())
        assert counted(cast.city) == (4, 1)
        assert Closing.objects.get(day=yesterday()).organised_from == 60
    assert counted(cast.city, last_month()) == (5, 2)
    assert rate(cast.city).whole_label == "25 人以上单位"


def test_a_closed_day_stays_what_it_was_whatever_becomes_of_the_register(cast, register):
    close_day(last_month())
    before = rate(cast.city)
    Employer.objects.filter(union=cast.neighbour).update(code=register[1].code)
    RegisteredEmployer.objects.filter(pk=register[3].pk).update(staff_count=1)
    other = make_union(UnionKind.DISTRICT, cast.city, name="虹口区总工会", area="虹口区")
    Union.objects.filter(pk=cast.street.pk).update(superior=other)
    recount_day(last_month())
    assert rate(cast.city) == rate(cast.city, Basis.CORRECTED) == before
    assert rate(cast.district).text == "66.6%"
    assert find_wrong() == []


def test_a_day_of_long_ago_has_no_rate_since_the_register_was_another(cast, register):
    long_ago = opening_of(last_month())
    member_since(cast.union, long_ago - timedelta(days=40))
    close_all()
    assert counted(cast.city, long_ago) is None
    assert figures.organised(Closing.objects.get(day=long_ago, basis=Basis.THEN), cast.city) == []
    assert counted(cast.city, last_month()) == (5, 2)
    assert find_wrong() == []


def test_without_known_employers_there_is_no_rate_but_its_numbers(cast):
    close_day(last_month())
    assert (rate(cast.street).text, rate(cast.street).whole) == ("-", 0)


def test_the_page_shows_the_rate_with_both_numbers_and_leads_to_the_list(client, cast, register):
    member_since(cast.union, last_month())
    close_all()
    client.force_login(cast.district_admin)
    page = client.get(OWN)
    found = {one.label: one for one in page.context["rates"]}["建会率"]
    assert (found.text, found.part, found.whole) == ("66.6%", 2, 3)
    assert f'href="{reverse("registers:unorganised")}"' in page.text
    page = client.get(reverse("statistics:node", args=[cast.street.pk]))
    address = f"{reverse('registers:unorganised')}?superior={cast.street.pk}"
    assert address in page.text
    assert client.get(address).status_code == 200


def test_the_page_divides_the_rate_and_each_value_leads_to_its_list(client, cast, register):
    RegisteredEmployer.objects.filter(street=cast.street).update(industry="C")
    member_since(cast.union, last_month())
    close_all()
    client.force_login(cast.district_admin)
    page = client.get(OWN, {"by": "industry"})
    (known, narrowed), (unknown, _) = page.context["employers"]
    assert (known.text, known.part, known.whole, narrowed) == ("50.0%", 1, 2, "industry=C")
    assert (unknown.label, unknown.part, unknown.whole) == ("未填写", 1, 1)
    assert "建会率按行业" in page.text
    for by in ("industry", "size"):
        for rate, narrowed in client.get(OWN, {"by": by}).context["employers"]:
            listed = client.get(
                f"{reverse('registers:unorganised')}?{narrowed}&staff={narrowed.partition('staff=')[2] or 25}"
            )
            assert len(listed.context["page"].rows) == rate.whole - rate.part
    assert "建会率按" not in client.get(OWN, {"by": "sex"}).text


def test_the_export_by_a_dimension_has_the_employers_too_where_nobody_is_a_member(client, cast, register):
    RegisteredEmployer.objects.filter(street=cast.company).update(industry="A")
    member_since(cast.union, last_month())
    close_all()
    client.force_login(cast.platform_admin)
    answer = client.post(f"{reverse('statistics:export', args=[cast.city.pk])}?by=industry")
    rows = list(load_workbook(BytesIO(answer.getvalue())).active.values)
    place = rows[0].index("应建会单位")
    told = {row[1]: row[place : place + 2] for row in rows if row[0] == "按行业"}
    assert sum(int(known or 0) for known, _ in told.values()) == 5
    assert ("1", "0") in told.values()


def test_the_export_has_both_numbers_of_the_node_and_of_each_below(client, cast, register):
    member_since(cast.union, last_month())
    member_since(cast.far, last_month())
    close_all()
    client.force_login(cast.platform_admin)
    answer = client.post(reverse("statistics:export", args=[cast.city.pk]))
    headings, *rows = load_workbook(BytesIO(answer.getvalue())).active.values
    place = headings.index("应建会单位")
    assert headings[place + 1] == "已建会单位"
    told = {(row[0], row[1]): row[place : place + 2] for row in rows}
    assert told["本级", "上海市总工会"] == ("5", "2")
    assert told["下级工会", "杨浦区总工会"] == ("3", "2")
    assert told["下级工会", "上海市机电工会"] == ("1", "0")


def test_a_changed_count_is_found_and_counted_again_while_the_day_is_near(cast, register):
    close_day(last_month())
    figures_digest = bytes(Closing.objects.get().digest)
    member_since(cast.union, last_month() - timedelta(days=3))
    EmployerCount.objects.filter(street=cast.street, dimension="").update(organised=2)
    assert [one.what for one in find_wrong()] == ["its employers are not those that were counted"]
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_figures", stdout=said)
    assert f"{last_month()} 当时口径 五角场镇工会 已建会单位: 2 -> 1" in said.getvalue()
    assert counted(cast.street, last_month()) == (2, 1)
    assert find_wrong() == []
    assert bytes(Closing.objects.get().digest) == figures_digest, "the figures are not counted again"
    assert Entry.objects.filter(verb="closing.mended").count() == 1


@pytest.mark.parametrize("of", ["rows", "number"])
def test_a_changed_count_of_long_ago_is_taken_away(cast, register, of):
    close_day(last_month())
    Closing.objects.update(day=last_month() - timedelta(days=90), opening_day=last_month() - timedelta(days=120))
    if of == "rows":
        EmployerCount.objects.filter(street=cast.street).delete()
    else:
        Closing.objects.update(organised_from=1)
    mended = mend()
    assert all(one.new == 0 for one in mended)
    assert not EmployerCount.objects.exists()
    assert Closing.objects.get().organised_from is None
    assert find_wrong() == []


def test_the_database_holds_that_who_is_organised_is_known(cast, register):
    close_day(yesterday())
    with pytest.raises(IntegrityError), transaction.atomic():
        EmployerCount.objects.filter(street=cast.street).update(organised=3)
