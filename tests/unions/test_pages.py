"""Pages of what a union's name finds: each way of finding is asked for one page's rows alone (SPEC 5.2)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.cards.models import Batch
from gonghui.unions import pages
from gonghui.unions.models import Employer, Union
from gonghui.unions.queries import count_matching, matching
from tests.cards.stories import coded
from tests.factories import make_union
from tests.inspections.stories import confirmed, filled_in, opened

pytestmark = pytest.mark.django_db

WORD = "公司"


@pytest.fixture
def many(cast):
    """Found by their own name, by their employer's, and by both; and some that are not."""
    for number in range(12):
        make_union("grassroots", cast.street, name=f"示例{number}公司工会")
        by_employer = make_union("grassroots", cast.street, name=f"示例{number}总厂工会")
        Employer.objects.filter(union=by_employer).update(name=f"示例{number}公司")
        other = make_union("grassroots", cast.street, name=f"示例{number}学校工会")
        Employer.objects.filter(union=other).update(name=f"示例{number}学校")
    return cast


def walked(client, path: str) -> tuple[list[int], list[int]]:
    """The ids of all pages forward, and of those before the last backward."""
    pages, address = [], path
    while address:
        page = client.get(address).context["page"]
        pages.append([row.pk for row in page.rows])
        before = next((link.address for link in page.links if link.number == page.number - 1), "")
        after = next((link.address for link in page.links if link.number == page.number + 1), "")
        address = f"{path.partition('?')[0]}{after}" if after else ""
    back = [row.pk for row in client.get(f"{path.partition('?')[0]}{before}").context["page"].rows]
    assert page.total == sum(map(len, pages))
    return [pk for page in pages for pk in page], back


def test_unions_found_by_name_and_by_employer_stand_in_one_order(client, many):
    client.force_login(many.reviewer)
    rows = Union.objects.visible_to(many.reviewer)
    seen, back = walked(client, f"/unions/?q={WORD}&size=10")
    assert seen == list(matching(rows, WORD).order_by("pk").values_list("pk", flat=True))
    assert len(seen) >= 24
    assert back == seen[(len(seen) - 1) // 10 * 10 - 10 :][:10]


@pytest.mark.parametrize("sort", ["filed", "name", "-name", "members", "-members"])
@pytest.mark.parametrize("who", ["reviewer", "district_admin", "platform_admin"])
def test_who_has_not_confirmed_is_sorted_and_found_by_name(client, many, sort, who):
    window = opened(many)
    for place, union in enumerate(Union.objects.filter(superior=many.street)):
        Union.objects.filter(pk=union.pk).update(member_count=place % 5)
    client.force_login(getattr(many, who))
    path = reverse("inspections:completion", args=[window.pk])
    seen, back = walked(client, f"{path}?node={many.street.pk}&tab=left&q={WORD}&size=10&sort={sort}")
    order = {"filed": ["pk"], "name": ["pinyin", "pk"], "members": ["member_count", "pk"]}[sort.lstrip("-")]
    order = [f"-{name}" for name in order] if sort.startswith("-") else order
    found = matching(Union.objects.filter(superior=many.street), WORD)
    assert seen == list(found.order_by(*order).values_list("pk", flat=True))
    assert back == seen[(len(seen) - 1) // 10 * 10 - 10 :][:10]
    assert client.get(f"{path}?node={many.street.pk}&tab=left&sort={sort}").text.count("aria-sort=") == (
        sort != "filed"
    )


def test_confirmations_and_batches_are_found_by_the_name_of_their_union(client, many):
    window = opened(many)
    confirmation = confirmed(many, window, filled_in(many.union))
    client.force_login(many.reviewer)
    path = reverse("inspections:completion", args=[window.pk])
    for text, rows in ((WORD, [confirmation]), ("学校", [])):
        assert list(client.get(path, {"tab": "done", "q": text}).context["page"].rows) == rows
    for number, union in enumerate(Union.objects.filter(superior=many.street)):
        code = coded(union, many.officer, 5001 + number).code
        Batch.objects.create(union=union, count=1, code=code, created_by=many.officer)
    seen, back = walked(client, f"{reverse('cards:list')}?union={WORD}&size=10")
    found = Batch.objects.filter(union__in=matching(Union.objects.filter(superior=many.street), WORD))
    assert seen == list(found.order_by("-pk").values_list("pk", flat=True))
    assert back == seen[(len(seen) - 1) // 10 * 10 - 10 :][:10]


def test_a_page_asks_each_way_for_so_many_rows_and_the_count_for_so_many_names(client, many, monkeypatch):
    client.force_login(many.reviewer)
    with CaptureQueriesContext(connection) as asked:
        client.get("/unions/", {"q": WORD, "size": 10})
    (page,) = [query["sql"] for query in asked if "LIMIT 11" in query["sql"] and "UNION" in query["sql"]]
    assert page.count("LIMIT 11") == 5  # number, code, covered code, name, employer's name
    rows = Union.objects.visible_to(many.reviewer)
    assert count_matching(rows, WORD, 10_001) == matching(rows, WORD).count()
    with CaptureQueriesContext(connection) as asked:
        assert count_matching(rows, WORD, 5) == 5
    assert len(asked) == 1
    monkeypatch.setattr(pages, "SEARCHED", 20)
    page = client.get("/unions/", {"q": WORD, "size": 10}).context["page"]
    assert (page.total, page.capped) == (20, True)
