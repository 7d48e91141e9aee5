"""A full export can be imported again without changes: form, register and workbook clean a value alike."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gonghui.exports import actions
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.kit.documents import id_check_digit
from gonghui.kit.excel import ERRORS
from gonghui.members.field import Empty
from gonghui.members.fields import CORE
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.roster import actions as intake
from gonghui.members.validation import validate_member
from tests.exports.stories import built
from tests.factories import make_member, resident_id
from tests.members.people import typed, values

pytestmark = pytest.mark.django_db

PERMIT = f"81000019900101{101:03}"
FOREIGN = f"91112419860606{441:03}"
ODD = [
    {"name": "\u2ee2建国"},
    {"name": "\uf9e1英子"},
    {"name": "买买提•艾力"},
    {"name": "王\U0002f800"},
    {"name": "葛\U000e0101三"},
    {"name": "Ｊｏｈｎ  Ｓｍｉｔｈ", "document_type": "passport", "document_number": "e 1234-5678"},
    {"name": "Jose\u0301 Ávila", "document_type": "passport", "document_number": "ｐ１２３４５６７"},
    {"name": "O’Brien Jr.", "document_type": "foreign_permanent", "document_number": "usa310101010101"},
    {"name": "陈大文", "document_type": "hk_macao_permit", "document_number": "h1234567801"},
    {"name": "林美美", "document_type": "taiwan_permit", "document_number": "1234567801(B)"},
    {"name": "陈小文", "document_type": "resident_id", "document_number": PERMIT + id_check_digit(PERMIT)},
    {"name": "安娜", "document_type": "resident_id", "document_number": FOREIGN + id_check_digit(FOREIGN)},
    {"name": "李文件", "document_type": "other", "document_number": "军字第 123（4）号"},
    {"address": "  示例路１２号\u3000Ａ座\n３楼  "},
    {"address": "'示例路"},
    {"address": "' '示例路"},
    {"address": "＝1+1"},
    {"address": "=HYPERLINK(1)"},
    {"address": "+86 示例路"},
    {"address": "-1 号楼"},
    {"address": "@示例"},
    {"address": "示例路\u200b1\u00ad号\u202e"},
    {"address": "示例・路•1"},
    {"address": "1E10"},
    {"address": "TRUE"},
    {"address": "2020-01-01"},
    {"address": "𠮷路😀"},
    {"address": "a" * 100},
    {"mobile": "+86 199-0000 1234"},
    {"expires_on": "2099-12-31"},
    {"expires_on": "2035/1/2"},
]


def again(cast) -> dict[str, int]:
    """Returns the number of rows by group when the full export is imported again."""
    content = actions.fetch(built(cast.officer), by=cast.officer).content
    batch = upload_workbook(cast.union, KINDS["members"], SimpleUploadedFile("会员.xlsx", content), by=cast.officer)
    assert not batch.problem_count, batch.problems
    return batch.group_counts


def test_every_value_comes_in_again_as_it_is(cast):
    for seed, odd in enumerate(ODD):
        own = {} if "document_type" not in odd or odd["document_type"] == "resident_id" else {"sex": "female"}
        born = {"born_on": "", "sex": ""} if odd.get("document_type") == "resident_id" else {}
        add_member(cast.union, values(seed, **{**own, **born, **odd}), by=cast.officer)
    assert again(cast) == {intake.SAME: len(ODD)}


def test_every_code_comes_in_again_as_it_is(cast):
    count = 0
    for field in CORE:
        for code in field.codes.values if field.codes and field.empty == Empty.KEPT and not field.identifies else ():
            add_member(cast.union, values(count, **{field.name: code}), by=cast.officer)
            count += 1
    assert again(cast) == {intake.SAME: count}


def test_what_an_earlier_version_stored_comes_in_again(cast):
    """Values that today's form would clean."""
    make_member(cast.union, name="\u2ee2建国", number=resident_id(1), address="示例路１２号")
    make_member(cast.union, name="SMITH JOHN", number=resident_id(2), address="A\u3000B")
    assert again(cast) == {intake.SAME: 2}


def test_a_difference_of_letter_case_is_no_change(cast):
    member = add_member(cast.union, values(1, name="John Smith"), by=cast.officer)
    edited = edit_member(member, values(1, name="JOHN SMITH"), version=version_of(member), by=cast.officer)
    assert not edited.at_once
    assert not edited.for_review
    member.refresh_from_db()
    assert member.name == "John Smith"


@pytest.mark.parametrize("text", sorted(ERRORS))
def test_what_a_workbook_takes_for_an_error_the_form_does_not_take_either(text):
    checked, problems = validate_member(typed(1) | {"address": text})
    assert checked is None
    assert [(field, "错误值" in wrong) for field, wrong, _ in problems] == [("address", True)]
