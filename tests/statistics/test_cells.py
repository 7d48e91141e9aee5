"""The list behind a number: those whom it counts, and nobody else (SPEC 5.3)."""

import re
from datetime import date, timedelta
from random import Random

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.audit.queries import looks_at
from gonghui.members.models import Member, Membership
from gonghui.statistics.cells import Cell
from gonghui.statistics.closing import close_all, month_ends, opening_of
from gonghui.statistics.lines import PEOPLE
from gonghui.statistics.models import Basis, Closing, Figure
from gonghui.unions.models import Union
from tests.statistics.acts import Acts
from tests.statistics.test_closing import member_since
from tests.statistics.test_counting import counted

pytestmark = pytest.mark.django_db

DAYS, SPAN, ACTS = 4, 90, 150


def last() -> date:
    return next(month_ends(localdate() - timedelta(days=1), 1))


@pytest.fixture
def closing(cast) -> Closing:
    """One member since before last month, one woman who came in it; one of the neighbour's."""
    for union in (cast.union, cast.neighbour, cast.far):
        member_since(union, opening_of(last()) - timedelta(days=5))
    member_since(cast.union, last(), sex="female")
    close_all()
    return Closing.objects.get(day=last(), basis=Basis.THEN)


def asked(closing: Closing, **what: object) -> dict[str, object]:
    return {"day": closing.day.isoformat(), "basis": closing.basis, "of": "closing_members"} | what


def of(node: Union) -> str:
    return reverse("statistics:cell", args=[node.pk])


@pytest.mark.parametrize("basis", Basis.values)
def test_after_random_acts_each_list_has_as_many_as_its_number_says(cast, basis):
    random = Random(5)
    first = localdate() - timedelta(days=SPAN)
    Acts(cast, random).live(first, SPAN - 1, ACTS)
    streets = {union.pk: union for union in Union.objects.filter(kind__in=("street", "company"))}
    lists = set()
    for _ in range(DAYS):
        day = first + timedelta(days=random.randrange(SPAN))
        closing = counted(day - timedelta(days=random.randrange(1, 40)), day, basis=basis)
        figures = (
            Figure.objects.filter(closing=closing, node__in=streets).order_by().values("node", "dimension", "value")
        )
        for figure in figures.annotate(**{f"sum_{column}": Sum(column) for column in PEOPLE}):
            for column in random.sample(sorted(PEOPLE), 2):
                cell = Cell(closing, streets[figure["node"]], column, figure["dimension"], figure["value"])
                people = cell.people()
                assert len(people) == cell.number == figure[f"sum_{column}"], cell
                assert len({(line.member.pk, line.on, line.union.pk) for line in people[:500]}) >= min(1, len(people))
                lists.update([(column, line.reason) for line in people[:3]])
    assert {column for column, _ in lists} >= {"opening", "joined", "moved_in", "departed", "moved_out", "women"}


def test_the_list_of_one_union_of_a_street_is_its_own(cast, closing):
    cell = Cell(closing, cast.street, "closing_members", union=cast.union)
    assert cell.number == len(cell.people()) == 2
    assert {line.union for line in cell.people()[:]} == {cast.union}


def test_a_line_says_when_why_and_from_where(cast, closing):
    (line,) = Cell(closing, cast.street, "joined").people()[:]
    assert (line.on, line.reason, line.other, line.union) == (last(), "新增", None, cast.union)


def test_a_page_above_the_street_divides_the_number_among_those_below(client, cast, closing):
    client.force_login(cast.platform_admin)
    answer = client.get(of(cast.city), asked(closing, of="women"))
    assert [(row.node, row.number) for row in answer.context["page"].rows] == [(cast.district, 1)]
    assert answer.context["cell"].number == 1
    assert "of=women" in answer.content.decode()


def test_a_number_of_a_dimension_s_value_leads_to_those(client, cast, closing):
    client.force_login(cast.reviewer)
    answer = client.get(of(cast.street), asked(closing, group="sex", value="female"))
    (line,) = answer.context["page"].rows
    assert line.member.sex == "female"
    assert "期末，女" in answer.content.decode()


def test_every_number_of_the_page_has_an_address_that_shows_as_many(client, cast, closing):
    client.force_login(cast.reviewer)
    page = client.get(reverse("statistics:own")).content.decode()
    links = re.findall(r'<a class="cell-link[^"]*" href="([^"]*)">([^<]*)</a>', page)
    assert len(links) > 10
    for link, number in links:
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        assert f"{answer.context['total']}" == number, link


def test_what_is_known_better_since_is_said_and_the_list_is_what_is_known(client, cast, closing):
    Membership.objects.filter(began_on=last()).update(began_on=localdate())
    client.force_login(cast.reviewer)
    answer = client.get(of(cast.street), asked(closing))
    assert (answer.context["cell"].number, answer.context["total"]) == (2, 1)
    assert "结账以后有更正" in answer.content.decode()


def test_who_is_out_of_scope_by_now_has_a_masked_name_and_no_link(client, cast, closing):
    member = Member.objects.get(sex="female")
    Membership.objects.filter(member=member).update(ended_on=localdate(), ended_by="resigned")
    Membership.objects.create(member=member, previous=Membership.objects.get(member=member), union=cast.far,
                              began_on=localdate(), began_by="added")  # fmt: skip
    Member.objects.filter(pk=member.pk).update(union=cast.far)
    client.force_login(cast.reviewer)
    answer = client.get(of(cast.street), asked(closing, of="women"))
    shown = answer.content.decode()
    assert member.number in shown
    assert member.name not in shown
    assert reverse("members:view", args=[member.pk]) not in shown


def test_every_look_is_recorded_with_those_who_are_shown(client, cast, closing):
    client.force_login(cast.reviewer)
    answer = client.get(of(cast.street), asked(closing))
    entry = Entry.objects.filter(verb="figure.looked_at").latest("pk")
    for line in answer.context["page"].rows:
        assert list(looks_at(line.member.number)) == [entry]
    assert (entry.actor_id, entry.data["number"]) == (cast.reviewer.pk, "期末")


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"day": "2199-01-01"}, "这一天还没有结束"),
        ({"day": "gestern"}, "查询条件不正确"),
        ({"of": "corrected"}, "查询条件不正确"),
        ({"group": "name"}, "查询条件不正确"),
        ({"union": "x"}, "查询条件不正确"),
    ],
)
def test_a_wrong_address_is_told(client, cast, closing, what, says):
    client.force_login(cast.reviewer)
    answer = client.get(of(cast.street), asked(closing, **what))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Entry.objects.filter(verb="figure.looked_at").exists()


def test_without_a_number_in_the_address_it_is_the_newest(client, cast, closing):
    client.force_login(cast.reviewer)
    assert client.get(of(cast.street)).context["cell"] == Cell(closing, cast.street, "closing_members")


def test_a_value_of_nobody_is_an_empty_list(client, cast, closing):
    client.force_login(cast.reviewer)
    assert "名单里没有人" in client.get(of(cast.street), asked(closing, group="sex", value="x")).content.decode()


def test_what_is_out_of_scope_or_was_not_counted_is_not_there(client, cast, closing):
    client.force_login(cast.reviewer)
    for node in (cast.other_street, cast.district, cast.union):
        assert client.get(of(node), asked(closing)).status_code == 404
    assert client.get(of(cast.street), asked(closing, union=cast.far.pk)).status_code == 404
    Closing.objects.filter(basis=Basis.CORRECTED).delete()
    assert client.get(of(cast.street), asked(closing, basis="corrected")).status_code == 404
    client.force_login(cast.officer)
    assert client.get(of(cast.street), asked(closing)).status_code == 404


def test_a_page_is_a_few_statements_however_many_are_on_it(client, cast, closing, django_assert_max_num_queries):
    for _ in range(15):
        member_since(cast.union, last())
    client.force_login(cast.reviewer)
    client.get(of(cast.street), asked(closing))
    with django_assert_max_num_queries(20):
        assert len(client.get(of(cast.street), asked(closing)).context["page"].rows) == 17
