"""「登记往年参加记录」: the ledger of earlier years from a workbook, checked whole, written once, undone whole (SPEC 6.2)."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.bookings.eligibility.queries import answers
from gonghui.bookings.ledger import sheet
from gonghui.bookings.models import LedgerEntry
from gonghui.imports.actions import confirm_import, undo_batch, upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.kit.excel import read
from tests.bookings.stories import published
from tests.factories import make_member
from tests.workbooks import saved, workbook

pytestmark = pytest.mark.django_db
HEADINGS = [column.heading for column in sheet.columns()]
LAST = str(localdate().year - 1)


def row(member, **changed: str) -> list[str]:
    cells = {
        "name": member.name, "number": member.number, "kind": "疗休养", "title": "黄山线", "year": LAST, "days": "5",
        "fund_city": "1200",
    } | changed  # fmt: skip
    return [cells.get(column.key, "") for column in sheet.columns()]


def sent(cast, *rows, by=None, headings=HEADINGS) -> Batch:
    by = by or cast.officer
    file = ContentFile(saved(workbook(rows, headings=headings)), name="往年.xlsx")
    return upload_workbook(by.union, KINDS["ledger"], file, by=by)


def done(batch: Batch) -> Batch:
    run_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def test_a_clean_file_is_written_with_its_money_and_on_record(cast):
    one, other = make_member(cast.union), make_member(cast.union)
    batch = done(sent(cast, row(one), row(other, number="", document_number=other.document_number, kind="体检")))
    assert (batch.state, batch.message) == (ImportState.DONE, "已登记 2 次往年参加记录。")
    entry = LedgerEntry.objects.get(member=one)
    assert (entry.title, entry.year, entry.days, entry.union, entry.came) == ("黄山线", int(LAST), 5, cast.union, True)
    assert [(fund.source, fund.amount) for fund in entry.funds.all()] == [("city", 1200)]
    assert LedgerEntry.objects.get(member=other).kind == "checkup"
    assert Entry.objects.get(verb="ledger.loaded").data["count"] == 2


def test_the_rules_of_programmes_count_it(cast):
    programme, member = published(cast, rules=[("not_within_years", {"years": 3})]), make_member(cast.union)
    assert answers(programme, [member.pk])[member.pk].met
    done(sent(cast, row(member)))
    assert not answers(programme, [member.pk])[member.pk].met


def test_the_same_file_again_changes_nothing(cast):
    member = make_member(cast.union)
    done(sent(cast, row(member)))
    again = sent(cast, row(member))
    assert again.state == ImportState.AWAITING_CONFIRMATION
    assert again.group_counts == {"ledger_same": 1}
    with pytest.raises(Refused, match="没有可以导入的行"):
        confirm_import(again, ["ledger_same"], by=cast.officer)
    assert LedgerEntry.objects.count() == 1


def test_every_error_has_its_row_column_and_remedy(cast):
    member, stranger = make_member(cast.union), make_member(cast.neighbour)
    batch = sent(
        cast,
        row(member),
        row(member, days="6"),
        row(stranger),
        row(member, name="别人", title="一"),
        row(member, kind="旅游", title="二"),
        row(member, title=""),
        row(member, year="1949"),
        row(member, year=str(localdate().year + 1)),
        row(member, title="三", days="61"),
        row(member, title="四", fund_self="12.345"),
    )
    assert batch.state == ImportState.INVALID
    assert [(problem.row, problem.heading) for problem in batch.problems] == [
        (3, "项目名称"), (4, "会员编号"), (5, "姓名"), (6, "类型"), (7, "项目名称"), (8, "年度"), (9, "年度"), (10, "天数"),
        (11, "个人自费（元）"),
    ]  # fmt: skip
    assert all(problem.wrong and problem.right for problem in batch.problems)
    assert batch.problems[0].wrong == "与第 2 行是同一个人同一年的同一项目"
    assert not LedgerEntry.objects.exists()


def test_an_import_is_undone_whole(cast):
    member = make_member(cast.union)
    batch = done(sent(cast, row(member), row(member, year="2019")))
    message = undo_batch(batch, by=cast.officer).message
    assert message == "已撤销：删除登记的 2 次往年参加记录。"
    assert not LedgerEntry.objects.exists()


def test_only_officers_of_an_approved_union_load(client, cast):
    address = reverse("imports:upload", args=["ledger"])
    for user, status in ((cast.officer, 200), (cast.district_admin, 404), (cast.platform_admin, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status


def test_many_rows_ask_as_many_queries_as_few(cast, django_assert_num_queries):
    members = [make_member(cast.union) for _ in range(20)]

    def checked(count: int) -> int:
        data = saved(workbook([row(member) for member in members[:count]], headings=HEADINGS))
        return len(sheet.check(cast.union, read(data, sheet.columns(), max_rows=100), cast.officer).rows)

    for count in (2, 20):
        with django_assert_num_queries(2):  # nobody is named by document number
            assert checked(count) == count


def test_the_ledger_leads_to_the_upload(client, cast):
    client.force_login(cast.officer)
    assert reverse("imports:upload", args=["ledger"]) in client.get(reverse("bookings:ledger")).text
