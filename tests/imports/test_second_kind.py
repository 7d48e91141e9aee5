"""The engine knows no business: a second kind, of superiors and not of officers, goes the whole way by its own words."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

import gonghui.imports
from gonghui.accounts.models import Role, User
from gonghui.imports import actions, job
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import ImportKind, Plan
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Column, Problem, Sheet, write_template
from gonghui.unions.models import Union
from tests.factories import make_user
from tests.workbooks import member_row, upload, workbook
from tests.workbooks import saved as file_of

pytestmark = pytest.mark.django_db

COLUMNS = (Column("name", "姓名", required=True), Column("seat", "座位"))


def check(union: Union, sheet: Sheet, by: User | None) -> Plan:
    names = [(row.number, row.cells.text("name")) for row in sheet.rows]
    problems = [Problem(row, "name", "姓名", "", "没有填写", "请填写姓名") for row, name in names if not name]
    return Plan(problems, [name for _, name in names if name], len(names))


def stage(batch: Batch, plan: Plan, progress: Callable[[int], None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO staged_guest SELECT %s, unnest(%s::text[])", [batch.pk, plan.rows])
    progress(len(plan.rows))


def commit(batch: Batch, plan: Plan) -> str:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO guest SELECT * FROM staged_guest WHERE batch = %s", [batch.pk])
    return f"登记来宾 {len(plan.rows)} 人。"


def clear(batch: Batch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staged_guest WHERE batch = %s", [batch.pk])


GUESTS = ImportKind(
    key="guests",
    title="导入来宾名单",
    noun="来宾",
    register="来宾册",
    home="unions:tree",
    home_label="组织管理",
    can_import=lambda user: user.has_role(Role.REVIEWER),
    importer="审核人",
    template_name="来宾名单.xlsx",
    columns=lambda: COLUMNS,
    max_rows=50,
    template=lambda: write_template(COLUMNS, instructions=["一行一人"], title="来宾"),
    check=check,
    stage=stage,
    commit=commit,
    clear=clear,
)
PAGE = "/imports/guests/"


@pytest.fixture(autouse=True)
def kind(db, monkeypatch) -> None:
    """Known in this file alone, with tables of this connection alone."""
    monkeypatch.setitem(KINDS, GUESTS.key, GUESTS)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staged_guest (batch bigint, name text) ON COMMIT DROP")
        cursor.execute("CREATE TEMPORARY TABLE guest (batch bigint, name text) ON COMMIT DROP")


@pytest.fixture
def reviewer(client, cast) -> Client:
    client.force_login(cast.reviewer)
    return client


def guests() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM guest ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


def main(response) -> str:
    """The page without the menu, which names members."""
    return response.content.decode().split("<main")[1].split("</main>")[0]


def lit(response) -> list[str]:
    return [entry.label for entry in response.context["menu"] if entry.active]


def sent(client: Client, *names: str) -> Batch:
    book = workbook([[name, "A1"] for name in names], headings=["姓名", "座位"])
    file = upload([], name="来宾.xlsx")
    file.file, file.size = BytesIO(file_of(book)), len(file_of(book))
    client.post(PAGE, {"file": file})
    return Batch.objects.latest("pk")


def test_its_page_speaks_its_own_words(reviewer):
    page = main(reviewer.get(reverse("imports:upload", args=["guests"])))
    for words in ("导入来宾名单", f'<a href="{reverse("unions:tree")}">组织管理</a>', "最多 50 行"):
        assert words in page
    template = reviewer.get(reverse("imports:template", args=["guests"]))
    assert "来宾名单.xlsx" in unquote(template["Content-Disposition"])
    assert load_workbook(BytesIO(b"".join(template.streaming_content))).sheetnames[0] == "来宾"


def test_its_pages_stand_under_the_entry_of_its_own_home(reviewer):
    batch = sent(reviewer, "")
    for address in (PAGE, reverse("imports:batch", args=[batch.pk]), reverse("imports:edit", args=[batch.pk])):
        assert lit(reviewer.get(address)) == ["组织管理"]


def test_the_import_of_members_stands_under_theirs(client, cast):
    client.force_login(cast.officer)
    assert lit(client.get("/imports/members/")) == ["会员管理"]


def test_a_clean_file_is_taken_in_at_once(reviewer, cast):
    batch = sent(reviewer, "王小明", "李小红")
    assert (batch.state, batch.union, batch.group_counts) == (ImportState.QUEUED, cast.street, {"rows": 2})
    job.run_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.message) == (ImportState.DONE, "登记来宾 2 人。")
    assert guests() == ["李小红", "王小明"]
    assert cast.reviewer.notices.get().title == "导入来宾名单：导入成功"


def test_the_good_rows_are_confirmed_and_the_rest_is_mended(reviewer):
    batch = sent(reviewer, "王小明", "")
    assert batch.state == ImportState.INVALID
    page = main(reviewer.get(reverse("imports:batch", args=[batch.pk])))
    for words in ("检查出 1 处错误", "可以导入的行", "来宾册不会有任何变化", "组织管理</a>"):
        assert words in page
    assert "会员" not in page
    reviewer.post(reverse("imports:confirm", args=[batch.pk]), {"group": "rows"})
    job.run_batch(batch.pk)
    remainder = Batch.objects.get(follows=batch)
    assert guests() == ["王小明"]
    mending = reverse("imports:edit", args=[remainder.pk])
    assert "会员" not in main(reviewer.get(mending))
    assert reviewer.post(mending, {"c-3-name": "赵小刚", "was-3-name": "", "version": "0"}).status_code == 302
    assert "会员" not in main(reviewer.get(reverse("imports:batch", args=[remainder.pk])))
    reviewer.post(reverse("imports:confirm", args=[remainder.pk]), {"group": "rows"})
    job.run_batch(remainder.pk)
    assert guests() == ["王小明", "赵小刚"]


def test_a_kind_that_says_nothing_of_undoing_is_not_undone(reviewer, cast):
    batch = sent(reviewer, "王小明")
    job.run_batch(batch.pk)
    Batch.objects.update(act="6f1b8a3e-0000-4000-8000-000000000000")  # though it could be told which rows are its own
    assert "撤销本次导入" not in main(reviewer.get(reverse("imports:batch", args=[batch.pk])))
    with pytest.raises(Refused, match="“导入来宾名单”不能整批撤销。请在“组织管理”中逐个修改。"):
        actions.undo_batch(batch, by=cast.reviewer)
    assert (Batch.objects.get().state, guests()) == (ImportState.DONE, ["王小明"])


def test_whoever_the_kind_does_not_let_import_finds_nothing(client, reviewer, cast):
    batch = sent(reviewer, "")
    colleague = make_user(cast.street, Role.ADMIN)
    for who in (cast.officer, cast.viewer, colleague, cast.other_reviewer, cast.claimant):
        client.force_login(who)
        assert client.get(reverse("imports:batch", args=[batch.pk])).status_code == 404
        assert client.post(reverse("imports:discard", args=[batch.pk])).status_code == 404
        for name in ("upload", "progress"):
            status = client.get(reverse(f"imports:{name}", args=["guests"])).status_code
            assert status == (200 if who == cast.other_reviewer else 404)
    with pytest.raises(Refused, match="只有本工会的审核人可以放弃这次导入"):
        actions.discard_batch(batch, by=colleague)
    with pytest.raises(Refused, match="只有本工会的审核人可以导入"):
        actions.upload_workbook(cast.street, GUESTS, upload([member_row(1)]), by=colleague)


def test_a_reviewer_does_not_find_what_is_for_officers(reviewer, cast):
    assert reviewer.get("/imports/members/").status_code == 404
    with pytest.raises(Refused, match="只有本工会的经办人可以导入"):
        actions.upload_workbook(cast.street, KINDS["members"], upload([member_row(1)]), by=cast.reviewer)


@pytest.mark.parametrize("name", ["upload", "template", "progress"])
def test_an_unknown_kind_is_not_found(client, cast, name):
    client.force_login(cast.officer)
    assert client.get(reverse(f"imports:{name}", args=["nothing"])).status_code == 404


def test_the_engine_has_no_word_of_a_business():
    words = re.compile("会员|会籍|无工会|转入|转出|服务卡|年检|来宾|members|grassroots|officer of", re.IGNORECASE)
    folder = Path(gonghui.imports.__file__).parent
    texts = [path for path in folder.rglob("*") if path.suffix in (".py", ".html") and "migrations" not in path.parts]
    assert len(texts) > 15
    assert [(path.name, word) for path in texts for word in words.findall(path.read_text())] == []
