"""Numbers are accepted in any way people write them, and refused with a sentence that says the remedy."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from gonghui.kit import documents
from gonghui.kit.documents import Invalid, check_document, parse_resident_id
from gonghui.kit.invent import REGIONS, invent_org_code, invent_person, invent_uscc

GOOD = invent_person(7).resident_id


def with_check_digit(body: str) -> str:
    """GB 11643 as it is printed: weights 2^(18-i) modulo 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def refusal(check, *typed: str) -> str:
    with pytest.raises(Invalid) as caught:
        check(*typed)
    return caught.value.sentence


@given(
    st.sampled_from(REGIONS),
    st.dates(min_value=date(1880, 1, 1), max_value=documents._today()),
    st.integers(min_value=0, max_value=999),
)
def test_a_good_number_tells_birth_and_sex(region, born_on, order):
    document = parse_resident_id(with_check_digit(f"{region}{born_on:%Y%m%d}{order:03d}"))
    assert document.born_on == born_on
    assert document.sex == ("M" if order % 2 else "F")
    assert document.region_known


@given(
    st.integers(min_value=0, max_value=200_000), st.integers(min_value=0, max_value=17), st.sampled_from("0123456789X")
)
def test_one_wrong_character_is_always_noticed(seed, place, wrong):
    number = invent_person(seed).resident_id
    changed = number[:place] + wrong + number[place + 1 :]
    if changed != number:
        refusal(parse_resident_id, changed)


@given(st.integers(min_value=0, max_value=200_000), st.integers(min_value=0, max_value=16))
def test_two_neighbours_exchanged_are_always_noticed(seed, place):
    number = invent_person(seed).resident_id
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if changed != number:
        refusal(parse_resident_id, changed)


@given(st.integers(min_value=0, max_value=200_000))
def test_the_library_agrees_on_today_s_districts(seed):
    number = invent_person(seed).resident_id
    assert ric.calc_check_digit(number) == parse_resident_id(number).number[-1]


@pytest.mark.parametrize(
    "typed",
    [
        f" {GOOD} ",
        f"'{GOOD}",
        f"{GOOD[:6]} {GOOD[6:14]} {GOOD[14:]}",
        f"{GOOD[:6]}-{GOOD[6:]}",
        "".join(chr(ord(c) + 0xFEE0) for c in GOOD),
        f"\ufeff{GOOD}\u200b",
    ],
)
def test_spaces_hyphens_and_full_width_do_not_matter(typed):
    assert parse_resident_id(typed).number == GOOD


def test_a_small_x_is_a_large_one():
    number = next(p.resident_id for p in map(invent_person, range(100)) if p.resident_id.endswith("X"))
    assert parse_resident_id(number.lower()).number == number


@pytest.mark.parametrize("region", ["310225", "310103", "310119"])
def test_people_of_abolished_counties_are_people(region):
    assert parse_resident_id(with_check_digit(f"{region}19850606123")).region_known


def test_an_unheard_of_region_is_accepted_with_a_warning():
    assert not parse_resident_id(with_check_digit("31999919850606123")).region_known


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_are_accepted(prefix):
    number = with_check_digit(f"{prefix}19850606123")
    assert parse_resident_id(number).region_known
    assert check_document("hmt_residence", number).born_on == date(1985, 6, 6)


def test_a_residence_permit_typed_as_resident_id_is_the_same_document():
    number = with_check_digit("81000019850606123")
    assert check_document("resident_id", number) == check_document("hmt_residence", number)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "请填写"),
        ("31010119900101123", "应为 18 位，现在是 17 位"),
        ("310101900101123", "15 位旧身份证"),
        ("3101O1199001011234", "只能是数字"),
        ("三一〇一〇一一九九〇〇一〇一一二三四", "只能是数字"),
        (with_check_digit("31010119900230123"), "不是一个存在的日期"),
        (with_check_digit("31010118791231123"), "早于 1880 年"),
        (with_check_digit("31010120990101123"), "晚于今天"),
        (GOOD[:-1] + ("1" if GOOD[-1] != "1" else "2"), "校验位不正确"),
    ],
)
def test_a_refusal_says_what_is_wrong(typed, words):
    sentence = refusal(parse_resident_id, typed)
    assert words in sentence
    assert sentence.endswith("。")
    assert not typed or typed not in sentence


def test_a_child_born_today_has_a_number_and_one_of_tomorrow_has_not(monkeypatch):
    today = documents._today()
    number = with_check_digit(f"310101{today:%Y%m%d}123")
    assert parse_resident_id(number).born_on == today
    refusal(parse_resident_id, with_check_digit(f"310101{today + timedelta(days=1):%Y%m%d}123"))
    monkeypatch.setattr(documents, "STARTED_ON", today - timedelta(days=400))
    assert parse_resident_id(number).born_on == today


def test_an_organisation_code_of_the_standard_s_annex_is_right():
    assert documents.check_org_code("D2143569-X") == "D2143569X"


def test_a_credit_code_is_right_however_it_is_typed():
    assert documents.check_uscc(" 9135 0100 m000 100y 43 ") == "91350100M000100Y43"


@given(st.integers(min_value=0, max_value=2_000_000))
def test_invented_codes_are_right(seed):
    code = invent_uscc(seed)
    assert documents.check_unit_code(code.lower()) == uscc.validate(code)
    assert documents.check_unit_code(f"{code[8:16]}-{code[16]}") == invent_org_code(seed)


def test_rural_collectives_have_codes_that_begin_with_a_letter():
    body = f"N2310115{invent_org_code(5)}"
    assert documents.check_uscc(body + uscc.calc_check_digit(body))


@pytest.mark.parametrize(
    ("check", "typed", "words"),
    [
        (documents.check_org_code, "D2143569", "应为 9 位，现在是 8 位"),
        (documents.check_org_code, "D2143569A", "校验位（数字或 X）"),
        (documents.check_org_code, "D21435691", "校验位不正确"),
        (documents.check_uscc, "91350100M000100Y4", "应为 18 位，现在是 17 位"),
        (documents.check_uscc, "91350100M00O100Y43", "数字 0 写成字母 O"),
        (documents.check_uscc, "91350100M000100Y44", "校验位不正确"),
        (documents.check_unit_code, "12345", "18 位统一社会信用代码或 9 位组织机构代码，现在是 5 位"),
    ],
)
def test_a_wrong_unit_code_is_refused_with_the_remedy(check, typed, words):
    assert words in refusal(check, typed)


@pytest.mark.parametrize(
    ("doc_type", "typed", "number"),
    [
        ("passport", "ea 1234567", "EA1234567"),
        ("passport", "G12345678", "G12345678"),
        ("hk_macao_permit", "h12345678", "H12345678"),
        ("hk_macao_permit", "M1234567802", "M12345678"),
        ("hk_macao_permit", "HA1234567", "HA1234567"),
        ("taiwan_permit", "01234567", "01234567"),
        ("taiwan_permit", "0123456701(B)", "01234567"),
        ("foreign_permanent", "usa310090010101", "USA310090010101"),
        ("other", "沪字第 0012 号", "沪字第0012号"),
    ],
)
def test_other_documents_are_kept_in_one_form(doc_type, typed, number):
    document = check_document(doc_type, typed)
    assert (document.number, document.doc_type, document.born_on, document.sex) == (number, doc_type, None, None)


def test_the_new_card_of_foreign_residents_tells_birth_and_sex():
    document = check_document("foreign_permanent", with_check_digit("93184019850606124"))
    assert (document.born_on, document.sex) == (date(1985, 6, 6), "F")


@pytest.mark.parametrize(
    ("doc_type", "typed"),
    [
        ("passport", "ABCDEFG"),
        ("passport", "E1"),
        ("passport", "E1234567890"),
        ("hk_macao_permit", "A12345678"),
        ("taiwan_permit", "1234567"),
        ("other", "😀😀😀"),
        ("library_card", "123456"),
    ],
)
def test_a_wrong_document_is_refused_with_a_sentence(doc_type, typed):
    assert refusal(check_document, doc_type, typed).endswith("。")


@pytest.mark.parametrize(
    "typed", ["19900001234", "+86 199-0000-1234", "8619900001234", "１９９００００１２３４", "0086 19900001234"]
)
def test_a_mobile_is_eleven_digits(typed):
    assert documents.check_mobile(typed) == "19900001234"


@pytest.mark.parametrize("typed", ["", "1990000123", "12900001234", "199000012345", "19900001234.0", "021-61234567"])
def test_what_is_no_mobile_is_refused(typed):
    assert "11 位" in refusal(documents.check_mobile, typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("199 0000 1234", "19900001234"),
        ("1990000-1234", "19900001234"),
        ("021-61234567", "021-61234567"),
        ("（021）61234567转801", "021-61234567-801"),
        ("021-61234567-801", "021-61234567-801"),
        ("02161234567 分机 801", "021-61234567-801"),
        ("+86 21 61234567", "021-61234567"),
        ("0512-65123456", "0512-65123456"),
        ("61234567", "61234567"),
        ("400-820-1234", "4008201234"),
    ],
)
def test_a_phone_is_a_mobile_or_a_land_line(typed, number):
    assert documents.check_phone(typed) == number


@pytest.mark.parametrize("typed", ["", "123", "021-1234", "021-61234567转", "张三", "19900001234转8"])
def test_what_is_no_phone_is_refused(typed):
    assert "区号" in refusal(documents.check_phone, typed)


def test_masks_look_as_on_screen():
    assert documents.mask_number("310101199001018408") == "3101**********8408"
    assert documents.mask_number("E12345678") == "E1*****78"
    assert documents.mask_mobile("13812345678") == "138****5678"


@given(st.text())
def test_a_masked_number_shows_at_most_half_and_never_more_than_eight(text):
    masked = documents.mask_number(text.replace("*", ""))
    shown = masked.replace("*", "")
    assert len(shown) <= min(8, len(masked) / 2)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("上海市杨浦区新芽路100弄5号", "上海市杨浦区******"),
        ("浦东新区新芽路100弄5号", "浦东新区******"),
        ("新芽路100弄5号303室", "新芽路100******"),
        ("新芽路5号", "新芽******"),
        ("", ""),
    ],
)
def test_a_masked_address_keeps_the_district(address, masked):
    assert documents.mask_address(address) == masked
