"""The pages of an import for officers: whole workbooks through the real form."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.styles import PatternFill

from gonghui.audit.models import Entry
from gonghui.imports import actions, job
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.members.models import Member
from tests.workbooks import HEADINGS, member_row, saved, upload, workbook

pytestmark = pytest.mark.django_db


def send(officer: Client, content: bytes | None, name: str = "会员.xlsx"):
    data = {} if content is None else {"file": SimpleUploadedFile(name, content)}
    return officer.post(reverse("imports:upload", args=["members"]), data)


def text_of(response) -> str:
    return response.content.decode()


def test_page_offers_template_upload_and_history(officer):
    shown = text_of(officer.get("/imports/members/"))
    for words in ("模板导入会员", "下载导入模板", "选择导入文件", "确认", "历史导入记录", "还没有导入过"):
        assert words in shown
    assert "hx-get" not in shown  # nothing runs, so the page requests nothing


@pytest.mark.parametrize("user", ["reviewer", "viewer", "district_admin", "platform_admin", "claimant"])
def test_nobody_but_officers_finds_the_pages(client, cast, user):
    batch = actions.upload_workbook(cast.union, KINDS["members"], upload([member_row(1)]), by=cast.officer)
    client.force_login(getattr(cast, user))
    for name, args in (("upload", ["members"]), ("progress", ["members"])):
        assert client.get(reverse(f"imports:{name}", args=args)).status_code == 404
    for name in ("batch", "marked"):
        assert client.get(reverse(f"imports:{name}", args=[batch.pk])).status_code == 404
    for name in ("confirm", "discard"):
        assert client.post(reverse(f"imports:{name}", args=[batch.pk])).status_code == 404


def test_another_unions_import_is_not_found(client, cast):
    batch = actions.upload_workbook(cast.union, KINDS["members"], upload([member_row(1, mobile="1")]), by=cast.officer)
    client.force_login(cast.neighbour_officer)
    assert client.get(reverse("imports:batch", args=[batch.pk])).status_code == 404
    assert client.get(reverse("imports:marked", args=[batch.pk])).status_code == 404
    assert client.post(reverse("imports:confirm", args=[batch.pk])).status_code == 404
    assert client.post(reverse("imports:discard", args=[batch.pk])).status_code == 404
    assert batch.filename not in text_of(client.get(reverse("imports:upload", args=["members"])))


def test_unapproved_union_is_told_what_to_do_first(client, cast):
    client.force_login(cast.newcomer)
    assert "审核通过以后才能导入" in text_of(client.get(reverse("imports:upload", args=["members"])))
    assert "审核通过以后才能导入" in text_of(send(client, saved(workbook([member_row(1)]))))
    assert not Batch.objects.exists()


def test_template_is_a_workbook_that_imports_nothing_by_itself(officer):
    response = officer.get(reverse("imports:template", args=["members"]))
    content = b"".join(response.streaming_content)
    assert "%E4%BC%9A%E5%91%98%E5%AF%BC%E5%85%A5%E6%A8%A1%E6%9D%BF.xlsx" in response["Content-Disposition"]
    book = load_workbook(BytesIO(content))
    headings = [cell.value.rstrip("*") for cell in book["会员信息"][1]]
    assert headings == HEADINGS
    assert book["会员信息"].max_row == 1
    assert "只有表头" in text_of(send(officer, content))
    sheet = book["会员信息"]
    sheet.append(member_row(1))
    assert send(officer, saved(book)).status_code == 302
    assert Batch.objects.get().state == ImportState.QUEUED


def test_template_has_dropdowns_and_text_cells(officer):
    content = b"".join(officer.get(reverse("imports:template", args=["members"])).streaming_content)
    sheet = load_workbook(BytesIO(content))["会员信息"]
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == 6  # 工会职务 有效证件类型 性别 学历 户籍类型 技术等级
    assert sheet.column_dimensions["D"].width > 18


def test_clean_file_is_queued_and_listed_with_progress(officer, cast):
    response = send(officer, saved(workbook([member_row(1), member_row(2)])))
    assert response.headers["Location"] == reverse("imports:upload", args=["members"])
    shown = text_of(officer.get(reverse("imports:upload", args=["members"])))
    assert "处理中" in shown
    assert "0 / 2" in shown
    assert "hx-trigger" in shown
    fragment = officer.get(reverse("imports:progress", args=["members"]), headers={"HX-Request": "true"})
    assert "hx-trigger" in text_of(fragment)
    assert "HX-Refresh" not in fragment
    job.run_batch(Batch.objects.get().pk)
    fragment = officer.get(reverse("imports:progress", args=["members"]), headers={"HX-Request": "true"})
    assert "导入成功" in text_of(fragment)
    assert reverse("members:list") in text_of(fragment)
    assert "hx-trigger" not in text_of(fragment)
    assert fragment["HX-Refresh"] == "true"
    assert Member.objects.filter(union=cast.union).count() == 2


def test_problems_are_listed_with_row_column_value_and_remedy(officer):
    response = send(officer, saved(workbook([member_row(1), member_row(2, mobile="1380000", name="")])))
    shown = text_of(officer.get(response.headers["Location"]))
    for words in ("校验未通过", "检查出 2 处错误", "移动电话", "1380000", "应为 11 位", "没有填写姓名"):
        assert words in shown
    assert "没有错误的 1 行" in shown
    assert not Member.objects.exists()


def test_problems_come_fifty_a_page(officer):
    response = send(officer, saved(workbook([member_row(seed, mobile="1") for seed in range(60)])))
    address = response.headers["Location"]
    assert text_of(officer.get(address)).count('data-label="正确应为"') == 50
    assert text_of(officer.get(address + "?page=2")).count('data-label="正确应为"') == 10
    assert text_of(officer.get(address + "?page=nonsense&size=-1")).count('data-label="正确应为"') == 10


def test_marked_workbook_shows_the_cells_and_can_be_mended_and_sent_again(officer, cast):
    response = send(officer, saved(workbook([member_row(1), member_row(2, mobile="1380000")])), name="名单.xlsx")
    batch = Batch.objects.get()
    download = officer.get(reverse("imports:marked", args=[batch.pk]))
    book = load_workbook(BytesIO(b"".join(download.streaming_content)))
    sheet = book.worksheets[0]
    cell = sheet.cell(3, HEADINGS.index("移动电话") + 1)
    assert cell.value == "1380000"
    assert cell.fill.start_color.rgb == "FFFFC7CE"
    assert "11 位" in cell.comment.text
    assert Entry.objects.filter(verb="import.marked", actor=cast.officer).count() == 1
    cell.value = "19900000002"
    assert send(officer, saved(book)).headers["Location"] == reverse("imports:upload", args=["members"])
    assert Batch.objects.latest("pk").rows_valid == 2
    assert response.status_code == 302


def test_valid_rows_are_taken_after_confirmation_and_the_others_stay_listed(officer, cast):
    send(officer, saved(workbook([member_row(1), member_row(2, mobile="1")])))
    batch = Batch.objects.get()
    assert officer.post(reverse("imports:confirm", args=[batch.pk]), {"group": "new"}).status_code == 302
    job.run_batch(batch.pk)
    shown = text_of(officer.get(reverse("imports:batch", args=[batch.pk])))
    assert "导入成功" in shown
    assert "没有导入的行" in shown
    assert cast.union.members.count() == 1


def test_giving_up_forgets_the_file(officer):
    send(officer, saved(workbook([member_row(1, mobile="1")])))
    batch = Batch.objects.get()
    officer.post(reverse("imports:discard", args=[batch.pk]))
    batch.refresh_from_db()
    assert (batch.state, batch.file_sealed, batch.problems_sealed) == (ImportState.DISCARDED, None, None)
    assert "已放弃" in text_of(officer.get(reverse("imports:batch", args=[batch.pk])))
    response = officer.post(reverse("imports:confirm", args=[batch.pk]), headers={"HX-Request": "true"})
    assert response.status_code == 409


def test_steps_are_not_taken_by_a_link(officer):
    send(officer, saved(workbook([member_row(1, mobile="1")])))
    batch = Batch.objects.get()
    assert officer.get(reverse("imports:confirm", args=[batch.pk])).status_code == 405
    assert officer.get(reverse("imports:discard", args=[batch.pk])).status_code == 405


def test_no_file_chosen(officer):
    assert "请先选择" in text_of(send(officer, None))


def test_file_over_the_limit_is_cut_off_and_told(officer):
    response = send(officer, b"PK\x03\x04" + bytes(MAX_UPLOAD_BYTES))
    assert response.status_code == 422
    assert "超过上限 10 MB" in text_of(response)
    assert not Batch.objects.exists()


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)


def repacked(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A valid workbook with changed parts."""
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(BytesIO(saved(workbook([member_row(1)])))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_macros() -> bytes:
    return repacked(lambda parts: parts.update({"xl/vbaProject.bin": b"x"}))


def bomb() -> bytes:
    return repacked(lambda parts: parts.update({"xl/media/image1.png": bytes(600 * 1024 * 1024)}))


def far_cell() -> bytes:
    book = workbook([member_row(1)])
    book.active["XFD1048576"] = "x"
    return saved(book)


def with_headings(headings: list[str]) -> bytes:
    return saved(workbook([member_row(1)], headings=headings))


def two_sheets() -> bytes:
    book = workbook([member_row(1)])
    other = book.create_sheet("第二张")
    other.append(HEADINGS)
    other.append(member_row(2))
    return saved(book)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "空文件"),
    "not a workbook": (lambda: b"\x00\x01\x02\x03" * 100, "不是 Excel 工作簿"),
    "text": ("姓名,证件号码\n".encode, "CSV 或文本文件"),
    "pdf": (lambda: b"%PDF-1.7 something", "PDF"),
    "encrypted": (encrypted, "密码保护"),
    "xls renamed": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "旧版 .xls"),
    "macros": (with_macros, "含有宏"),
    "cut off": (lambda: saved(workbook([member_row(1)]))[:3000], "损坏"),
    "bomb": (bomb, "内容过大"),
    "far cell": (far_cell, "XFD1048576"),
    "no headings": (lambda: with_headings(["甲", "乙"]), "没有找到表头"),
    "heading missing": (lambda: with_headings([*HEADINGS[:3], "别的", *HEADINGS[4:]]), "缺少 “证件号码”"),
    "heading double": (lambda: with_headings([*HEADINGS[:-1], "姓名"]), "分不清以哪一列为准"),
    "two sheets": (two_sheets, "分不清以哪一张为准"),
    "no rows": (lambda: saved(workbook([])), "只有表头"),
    "too many rows": (lambda: saved(workbook([["王小明"]] * 10_001)), "一次最多 10,000 行"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_is_refused_with_a_sentence_and_nothing_is_kept(officer, case):
    make, sentence = HOSTILE[case]
    response = send(officer, make())
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not Batch.objects.exists()
    assert not Member.objects.exists()


def one(**changed: object) -> Callable[[], bytes]:
    return lambda: saved(workbook([member_row(1, **changed)]))


def merged() -> bytes:
    book = workbook([member_row(1), member_row(2)])
    book.active.merge_cells("H2:H3")
    return saved(book)


def with_formula() -> bytes:
    return saved(workbook([member_row(1, mobile='=CONCATENATE("199","00000001")')]))


def with_error() -> bytes:
    return saved(workbook([member_row(1, address="#N/A")]))


TROUBLED: dict[str, tuple[Callable[[], bytes], str]] = {
    "merged cells": (merged, "单元格已合并（H2:H3）"),
    "formula never calculated": (with_formula, "公式还没有计算结果"),
    "number lost its digits": (one(document_number=310110199001010018), "后面的数字已丢失"),
    "scientific text lost its digits": (one(document_number="3.10110E+17"), "后面的数字已丢失"),
    "wrong check digit": (one(document_number="310110199001010018"), "校验位不正确"),
    "impossible date": (one(born_on="1990-02-30"), "1990 年 2 月只有 28 天，没有 30 日"),
    "ambiguous date": (one(born_on="1/2/1990"), "分不清哪个是月、哪个是日"),
    "unknown choice": (one(education="幼儿园"), "学历中没有“幼儿园”"),
    "sex contradicts": (
        lambda: saved(workbook([member_row(1, sex="男"), member_row(1, sex="女")])),
        "证件号码表示的是",
    ),
    "script as name": (lambda: saved(workbook([member_row(1, name="<script>alert(1)</script>")])), "姓名中不能有"),
    "name too long": (one(name="长" * 51), "姓名不能超过 50 个字符"),
    "address too long": (one(address="路" * 101), "请缩短到 100 个字符以内"),
    "child": (one(document_type="护照", document_number="E12345678", born_on="2020-01-01"), "不满 16 周岁"),
}


@pytest.mark.parametrize("case", TROUBLED)
def test_wrong_cell_is_told_and_nothing_is_taken(officer, case):
    make, words = TROUBLED[case]
    response = send(officer, make())
    batch = Batch.objects.get()
    assert batch.state == ImportState.INVALID
    shown = text_of(officer.get(response.headers["Location"]))
    assert words in shown
    assert "<script>alert" not in shown
    assert officer.get(reverse("imports:marked", args=[batch.pk])).status_code == 200


def reordered() -> bytes:
    order = list(range(len(HEADINGS)))[::-1]
    row = member_row(1)
    return saved(workbook([[row[place] for place in order]], headings=[HEADINGS[place] for place in order]))


def formatted_blanks() -> bytes:
    book = workbook([member_row(1)])
    for row in range(3, 2000):
        book.active.cell(row, 1).fill = PatternFill("solid", fgColor="FFFF00")
    return saved(book)


def hidden_row() -> bytes:
    book = workbook([member_row(1)])
    book.active.row_dimensions[2].hidden = True
    return saved(book)


def full_width() -> bytes:
    row = member_row(1)
    wide = {ord(char): ord(char) + 0xFEE0 for char in "0123456789X-"}
    return saved(workbook([[str(value).translate(wide) for value in row]]))


def as_numbers() -> bytes:
    row = member_row(1)
    row[HEADINGS.index("移动电话")] = int(row[HEADINGS.index("移动电话")])
    row[HEADINGS.index("出生日期")] = int(row[HEADINGS.index("出生日期")].replace("-", ""))
    return saved(workbook([row]))


def spaced() -> bytes:
    row = member_row(1)
    row[0] = f"　{row[0][0]} {row[0][1:]}\u200b "
    row[3] = f"'{row[3][:6]} {row[3][6:14]} {row[3][14:]}"
    return saved(workbook([row]))


def titled() -> bytes:
    book = workbook([member_row(1)])
    book.active.insert_rows(1)
    book.active["A1"] = "示例公司会员名单"
    return saved(book)


HONEST: dict[str, Callable[[], bytes]] = {
    "columns in another order": reordered,
    "formatted blank rows": formatted_blanks,
    "hidden row": hidden_row,
    "full-width digits": full_width,
    "mobile and date as numbers": as_numbers,
    "spaces, apostrophe and invisible characters": spaced,
    "date in Chinese": one(born_on=""),
    "a title above the headings": titled,
    "headings with stars and spaces": lambda: with_headings([f" {heading}*" for heading in HEADINGS]),
    "only the required columns": lambda: saved(
        workbook([[member_row(1)[0], member_row(1)[3], member_row(1)[8]]], headings=["姓名", "身份证号码", "手机号码"])
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_honest_file_of_another_manner_gives_the_same_member(officer, cast, case):
    assert send(officer, HONEST[case]()).headers["Location"] == reverse("imports:upload", args=["members"])
    job.run_batch(Batch.objects.get().pk)
    member = Member.objects.get()
    row = dict(zip(HEADINGS, member_row(1), strict=True))
    assert (member.name, member.document_number, member.mobile) == (row["姓名"], row["证件号码"], row["移动电话"])
    assert member.born_on.isoformat() == row["出生日期"]
    assert member.get_sex_display() == row["性别"]


def test_hidden_rows_are_said_to_be_read(officer):
    send(officer, hidden_row())
    assert "隐藏" in text_of(officer.get(reverse("imports:upload", args=["members"])))
