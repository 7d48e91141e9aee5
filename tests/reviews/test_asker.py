"""Whose request it is comes first, wherever a reviewer meets it, for every kind (SPEC 5.1)."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.reviews.actions import submit
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import asker, matter
from gonghui.reviews.models import Review, ReviewPart
from gonghui.transfers.overdue.actions import settle_overdue
from tests.cards.stories import coded
from tests.cards.stories import submitted as batch_of
from tests.factories import make_member
from tests.markup import markup
from tests.transfers.stories import overdue, requested

pytestmark = pytest.mark.django_db


@pytest.fixture(params=sorted(KINDS))
def review(request, cast) -> Review:
    """One of each kind, of a union and about something else."""
    kind = KINDS[request.param]
    title = cast.union.employer.name if kind.titled_by_employer else "关于某一件事"
    return submit(
        type(kind), union=cast.union, title=title, superiors={ReviewPart.SUPERIOR: cast.street}, by=cast.officer
    )


def test_the_list_the_export_and_the_notice_name_the_union_first(client, cast, review):
    whose = asker(review)
    assert whose in (cast.union.name, cast.union.employer.name)
    client.force_login(cast.reviewer)
    row = markup(client.get("/reviews/")).split("<tbody>")[1]
    assert f'<td class="name on-1" data-label="单位">{whose}' in row
    assert matter(review) in row
    exported = load_workbook(BytesIO(client.post("/reviews/export/").getvalue()), read_only=True).worksheets[0]
    assert list(exported.iter_rows(values_only=True))[1][:2] == (whose, matter(review) or None)
    assert cast.reviewer.notices.get().title.startswith(f"{KINDS[review.kind].label}待审核：{whose}")
    client.force_login(cast.district_admin)
    assert whose in client.get(reverse("reviews:below_union", args=[cast.street.pk])).text


def test_the_filter_finds_it_by_the_union_and_by_the_matter(client, cast, review):
    client.force_login(cast.reviewer)
    for text in (cast.union.name if matter(review) else cast.union.employer.name, review.title):
        assert asker(review) in client.get("/reviews/", {"q": text}).text.split("<tbody>")[1]
    assert "没有符合条件的申请" in client.get("/reviews/", {"q": cast.neighbour.name}).text


def test_the_page_of_a_card_batch_names_its_union_in_the_heading(client, cast):
    coded(cast.union, cast.officer)
    batch = batch_of(cast, make_member(cast.union))
    client.force_login(cast.reviewer)
    heading = client.get(reverse("reviews:review", args=[batch.review_id])).text.split("<h1>")[1].split("</h1>")[0]
    assert cast.union.name in heading
    assert batch.review.title in heading


def test_who_the_member_is_stands_in_both_columns(cast):
    """A line of what stays as it is has its word for now as well: 「-」 would say that there is none."""
    member = make_member(cast.union)
    overdue(transfer := requested(cast, member))
    settle_overdue()
    shown = {change.label: change for change in KINDS["member_transfer"].changes(Review.objects.get(transfer=transfer))}
    assert all(shown[label].unchanged for label in ("会员编号", "姓名", "证件号码"))
    assert (shown["申请时间"].old, shown["所属工会"].differs) == (None, True)
