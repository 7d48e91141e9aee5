"""「导入涵盖单位」: the whole file is checked, each error with row, column, value and remedy; nothing is taken on one."""

from io import BytesIO
from urllib.parse import unquote

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.filings.coverage.actions import change_covered, cover_employer, export_covered, version_of
from gonghui.filings.coverage.sheet import COLUMNS, MAX_ROWS
from gonghui.filings.models import Filing
from gonghui.imports.actions import confirm_import, undo_batch, upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.kit.invent import invent_uscc
from gonghui.unions.models import CoveredEmployer, Employer
from tests.filings.stories import covered, employer, joint, submitted
from tests.workbooks import saved, workbook

HEADINGS = [column.heading for column in COLUMNS]
OTHER = "上海示例涵盖有限公司"


def sent(cast, *rows, headings=HEADINGS) -> Batch:
    joint(cast.union)
    file = ContentFile(saved(workbook(rows, headings=headings)), name="涵盖.xlsx")
    return upload_workbook(cast.union, KINDS["covered"], file, by=cast.officer)


def done(batch: Batch) -> Batch:
    run_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def row(seed: int, **changes) -> list[object]:
    return list(employer(seed, **changes))


def told(batch: Batch) -> list[tuple[int, str, str, str]]:
    return [(problem.row, problem.heading, problem.value, problem.wrong) for problem in batch.problems]


def listed(cast) -> dict[str, int]:
    return dict(CoveredEmployer.objects.standing().filter(union=cast.union).values_list("code", "staff_count"))


def test_a_clean_file_is_taken_in(cast):
    batch = done(sent(cast, *(row(seed) for seed in range(1, 31))))
    assert (batch.state, batch.message) == (ImportState.DONE, "登记涵盖单位 30 家。")
    assert listed(cast) == {employer(seed).code: employer(seed).staff_count for seed in range(1, 31)}
    assert Entry.objects.get(verb="coverage.imported").data == {"added": 30, "changed": 0}


def test_every_error_has_its_row_column_value_and_remedy(cast):
    Employer.objects.filter(union=cast.union).update(code=invent_uscc(90))
    Employer.objects.filter(union=cast.far).update(code=invent_uscc(91))
    submitted(cast, code=invent_uscc(92))
    cover_employer(joint(cast.neighbour), employer(93), by=cast.neighbour_officer)
    wrong_digit = invent_uscc(1)[:17] + ("0" if invent_uscc(1)[17] != "0" else "1")
    batch = sent(
        cast, [wrong_digit, OTHER, 10], row(2, staff_count=-1), row(3, staff_count="三十"),
        row(4, staff_count=10_000_000), row(5), row(5, name=OTHER), row(90), row(91), row(92), row(93), row(6),
        ["", OTHER, 10], row(7, name=""), row(8, staff_count=""), row(9, name="甲" * 101), row(10, staff_count=2.5),
    )  # fmt: skip
    assert batch.state == ImportState.INVALID
    assert [(number, heading, wrong) for number, heading, _, wrong in told(batch)] == [
        (2, "统一社会信用代码", "统一社会信用代码的校验位不正确"),
        (3, "职工人数", "职工人数应为 1 至 1,000,000 的整数"),
        (4, "职工人数", "职工人数应为 1 至 1,000,000 的整数"),
        (5, "职工人数", "职工人数应为 1 至 1,000,000 的整数"),
        (6, "统一社会信用代码", "与第 7 行的统一社会信用代码相同"),
        (7, "统一社会信用代码", "与第 6 行的统一社会信用代码相同"),
        (8, "统一社会信用代码", "这是本工会所在单位自己的代码"),
        (9, "统一社会信用代码", "这家单位有自己的基层工会，或正在填报，不能再由其他工会涵盖"),
        (10, "统一社会信用代码", "这家单位有自己的基层工会，或正在填报，不能再由其他工会涵盖"),
        (11, "统一社会信用代码", "这家单位已由另一家工会涵盖，一家单位只能由一家工会涵盖"),
        (13, "统一社会信用代码", "没有填写统一社会信用代码"),
        (14, "单位名称", "没有填写单位名称"),
        (15, "职工人数", "没有填写职工人数"),
        (16, "单位名称", "单位名称应为 2 至 100 个字"),
        (17, "职工人数", "职工人数应为 1 至 1,000,000 的整数"),
    ]
    assert all(problem.right for problem in batch.problems)
    assert [problem.value for problem in batch.problems][1:4] == ["-1", "三十", "10000000"]
    assert listed(cast) == {}
    confirm_import(batch, ["covered_new"], by=cast.officer)
    done(batch)
    assert listed(cast) == {invent_uscc(6): 16}


def test_what_is_listed_already_is_changed_only_when_chosen(cast):
    covered(cast, 1, name=OTHER)
    covered(cast, 2)
    batch = sent(cast, row(1, name=OTHER, staff_count=77), row(2), row(3))
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    assert batch.group_counts == {"covered_changed": 1, "covered_same": 1, "covered_new": 1}
    confirm_import(batch, ["covered_new", "covered_changed"], by=cast.officer)
    assert done(batch).message == "登记涵盖单位 1 家。修改 1 家的资料。"
    assert listed(cast) == {invent_uscc(1): 77, invent_uscc(2): 12, invent_uscc(3): 13}


def test_an_export_is_an_import_without_changes(cast, tmp_path):
    for seed in (1, 2):
        covered(cast, seed)
    assert export_covered(cast.union, tmp_path / "out.xlsx", by=cast.reviewer) == 2
    assert Entry.objects.get(verb="coverage.exported").union_id == cast.union.pk
    file = ContentFile((tmp_path / "out.xlsx").read_bytes(), name="out.xlsx")
    batch = upload_workbook(cast.union, KINDS["covered"], file, by=cast.officer)
    assert batch.group_counts == {"covered_same": 2}


def test_an_import_is_undone_but_for_what_was_changed_since(cast):
    covered(cast, 1)
    batch = sent(cast, row(1, staff_count=77), row(2), row(3))
    confirm_import(batch, ["covered_new", "covered_changed"], by=cast.officer)
    done(batch)
    third = CoveredEmployer.objects.get(code=invent_uscc(3))
    change_covered(third, employer(3, staff_count=99), version=version_of(third), by=cast.officer)
    undone = undo_batch(batch, by=cast.officer)
    assert undone.message == (
        "已撤销：移除登记的涵盖单位 1 家，改回原来的资料 1 家。另有 1 家在导入以后已有修改或移除，没有撤销。"
    )
    assert listed(cast) == {invent_uscc(1): 11, invent_uscc(3): 99}


def test_what_another_union_took_meanwhile_is_told_and_nothing_is_imported(cast):
    batch = sent(cast, row(1), row(2))
    cover_employer(joint(cast.neighbour), employer(1), by=cast.neighbour_officer)
    assert done(batch).state == ImportState.FAILED
    assert [problem.wrong for problem in batch.problems] == ["这家单位已由另一家工会涵盖，一家单位只能由一家工会涵盖"]
    assert listed(cast) == {}


def test_ten_thousand_rows_and_no_more(cast):
    with pytest.raises(Refused, match="10,001 行，一次最多 10,000 行"):
        sent(cast, *(row(seed) for seed in range(MAX_ROWS + 1)))
    assert not Batch.objects.exists()


def test_a_list_that_would_become_too_long_is_refused_as_a_whole(cast, monkeypatch):
    covered(cast)
    monkeypatch.setattr("gonghui.filings.coverage.sheet.MAX_COVERED", 2)
    with pytest.raises(Refused, match="会超过 2 家"):
        sent(cast, row(2), row(3))


def test_only_officers_of_a_union_that_covers_import(cast, client):
    client.force_login(cast.officer)
    address = reverse("imports:upload", args=["covered"])
    assert client.get(address).status_code == 404
    joint(cast.union)
    page = client.get(address).content.decode()
    assert "每行一家，最多 10000 行" in page
    client.force_login(cast.reviewer)
    assert client.get(address).status_code == 404


def test_the_template_has_headings_and_hints_and_no_row(client):
    response = client.get(reverse("imports:template", args=["covered"]))
    assert "涵盖单位导入模板.xlsx" in unquote(response["Content-Disposition"])
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).worksheets[0]
    assert [str(cell.value).rstrip("*") for cell in sheet[1]] == HEADINGS
    assert sheet.cell(2, 1).value is None


def test_the_check_asks_as_many_queries_for_many_rows(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        batch = sent(cast, *(row(seed) for seed in range(300)))
    with django_assert_max_num_queries(40):
        done(batch)
    assert len(listed(cast)) == 300
    assert not Filing.objects.exists()
