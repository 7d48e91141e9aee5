"""Agreed names (SPEC 4.3): who needs one, which are valid, which are offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonghui.cards.applications.names import check_agreed, homophones, needs_agreement, printable, readings, suggestions
from gonghui.kit.errors import Refused


def refused(agreed: str, name: str, document_type: str = "resident_id") -> str:
    with pytest.raises(Refused) as refusal:
        check_agreed(agreed, name=name, document_type=document_type)
    return refusal.value.sentence


@pytest.mark.parametrize(
    ("name", "document_type", "special"),
    [
        ("王小明", "resident_id", False),
        ("阿依古丽·艾合买提", "resident_id", False),  # long, but printable
        ("李鑫", "resident_id", False),  # of GB 2312's second level
        ("王喆", "resident_id", True),
        ("𠅤文", "resident_id", True),  # beyond the basic plane
        ("Elena Marchetti", "passport", True),
        ("王小明", "foreign_permanent", True),
        ("陈大文", "hk_macao_permit", False),  # no foreigner
    ],
)
def test_the_system_finds_who_is_special(name, document_type, special):
    assert needs_agreement(name, document_type) is special


def test_the_same_sound_is_taken_in_place_of_the_rare_character():
    assert check_agreed(" 王 哲 ", name="王喆", document_type="resident_id") == "王哲"


def test_an_agreed_name_that_is_too_long_rare_itself_or_not_chinese_is_refused():
    assert "不能超过 4 个汉字，现在是 5 个" in refused("王哲王哲王", "王喆")
    assert "“堃”也是生僻字" in refused("王堃", "王喆")
    assert "“Z”不是汉字" in refused("王Zhe", "王喆")
    assert "请填写约定姓名" in refused("　 ", "王喆")


def test_another_sound_another_length_and_a_change_of_what_is_not_rare_are_refused():
    assert "第 2 个字“明”与“喆”（zhé）读音不同" in refused("王明", "王喆")
    assert "应与姓名字数相同" in refused("王哲哲", "王喆")
    assert "第 1 个字“王”不是生僻字，请保留" in refused("汪哲", "王喆")


def test_a_character_that_no_dictionary_reads_takes_any_common_one():
    unread = next(char for char in map(chr, range(0x30000, 0x31350)) if not readings(char))
    assert check_agreed("王明", name=f"王{unread}", document_type="resident_id") == "王明"
    assert suggestions(f"王{unread}", "resident_id") == []


def test_foreigners_have_at_most_eight_english_characters():
    for agreed, stored in (("marchett", "MARCHETT"), ("e  marche", "E MARCHE"), ("Li", "LI")):
        assert check_agreed(agreed, name="Elena Marchetti", document_type="passport") == stored
    assert "不能超过 8 个英文字符，现在是 9 个" in refused("MARCHETTI", "Elena Marchetti", "passport")
    for odd in ("马尔凯蒂", "MARCH-ET", "M4RCHE", "ÉLENA"):
        assert "只能用英文字母" in refused(odd, "Elena Marchetti", "passport")


def test_homophones_are_of_the_same_tone_first_the_commonest_first_and_printable():
    offers = homophones("喆")
    assert offers[:3] == ["折", "辙", "哲"]
    assert offers.index("者") > offers.index("谪")  # zhě: the sound, not the tone
    assert homophones("玥")[0] == "月"
    assert "卵" not in homophones("堃")  # nobody reads it kūn
    assert all(printable(char) for name in "喆堃玥垚昇翀" for char in homophones(name))


@given(st.sampled_from("喆堃玥垚昇翀旻昉晞烨璟").map(lambda char: f"王{char}"))
def test_whatever_is_offered_is_taken(name):
    if needs_agreement(name, "resident_id"):
        offers = suggestions(name, "resident_id")
        assert offers
        for offer in offers:
            assert check_agreed(offer, name=name, document_type="resident_id") == offer


@given(st.from_regex(r"[A-Z][a-z]{1,12}( [A-Z][a-z'-]{0,14}){0,3}", fullmatch=True))
def test_whatever_is_offered_to_a_foreigner_is_taken(name):
    for offer in suggestions(name, "passport"):
        assert check_agreed(offer, name=name, document_type="passport") == offer
