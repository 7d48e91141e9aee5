"""Names: what may stand in one, in which order they come, when two spellings are one, and that PostgreSQL finds what Python asks."""

from contextlib import suppress

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from gonghui.kit import names
from gonghui.kit.documents import Invalid
from gonghui.kit.invent import invent_person

ideographs = st.sampled_from("张王李建国秀英𠮷𫖯𬱖〇㐂龦")
stored_text = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("张", ["张"]),
        ("张伟", ["张伟"]),
        ("张建国", ["张建", "建国"]),
        ("𠮷平安", ["𠮷平", "平安"]),
        ("li", ["li"]),
    ],
)
def test_what_is_asked_for_are_neighbouring_characters(text, expected):
    assert names.grams(text) == expected


def test_postgresql_holds_what_python_asks_for(db):
    @given(st.lists(stored_text, min_size=20))
    @example(["", "张", "欧阳建国", "𠮷𫖯", "ÉCOLE", "İstanbul", "e\u0301a", "John Smith", "👨‍👩‍👧"])
    def same(texts):
        with connection.cursor() as cursor:
            cursor.execute("SELECT gonghui_grams(t) FROM unnest(%s::text[]) t", [texts])
            assert [set(row[0]) for row in cursor] == [{*text, *names.grams(text)} for text in texts]

    same()


def test_a_fragment_is_found_through_the_index(db):
    people = [invent_person(seed).name for seed in range(3000)] + ["欧阳建国", "建国", "John Smith"]
    query = "SELECT name FROM person WHERE gonghui_grams(lower(name)) @> %s::text[] AND lower(name) LIKE %s"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE person AS SELECT unnest(%s::text[]) AS name", [people])
        cursor.execute("CREATE INDEX person_grams ON person USING gin (gonghui_grams(lower(name)))")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}", [names.grams("建国"), "%建国%"])
        assert "person_grams" in "\n".join(row[0] for row in cursor)
        for fragment in ("建国", "阳建国", "伟强", "smi", "n s", "阳", "j"):
            cursor.execute(query, [names.grams(fragment), f"%{fragment}%"])
            assert sorted(row[0] for row in cursor) == sorted(name for name in people if fragment in name.lower())


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("单雄信", "shan4"),
        ("仇英", "qiu2"),
        ("曾国藩", "zeng1"),
        ("解缙", "xie4"),
        ("查良镛", "zha1"),
        ("盖叫天", "ge3"),
        ("朴正", "piao2"),
        ("区大相", "ou1"),
        ("任伟", "ren2"),
        ("尉迟恭", "yu4尉 chi2"),
        ("万俟卨", "mo4万 qi2"),
        ("长孙无忌", "zhang3长 sun1"),
    ],
)
def test_surnames_sort_by_their_own_reading(name, start):
    assert names.pinyin_key(name).startswith(start)


def test_names_sort_by_reading_then_by_character():
    ordered = ["单雄", "万俟卨", "伟单", "张建国", "张伟", "章伟", "赵伟", "𠮷平"]
    ordered = sorted(ordered, key=names.pinyin_key)
    assert ordered == ["万俟卨", "单雄", "伟单", "张建国", "张伟", "章伟", "赵伟", "𠮷平"]


def test_a_reading_is_a_surname_only_at_the_start():
    assert names.pinyin_key("张单").endswith("dan1单")
    assert names.pinyin_key("查干·巴特").startswith("cha2查")


def test_units_and_places_have_no_surname():
    assert names.unit_pinyin("单位工会").startswith("dan1")
    assert names.unit_pinyin("长宁区").startswith("chang2长 ning2")
    assert names.unit_pinyin("重固镇") < names.unit_pinyin("夏阳街道") < names.unit_pinyin("重型机床公司工会")


def test_foreign_names_sort_by_letters():
    assert names.pinyin_key("José Ávila") == "jose avila"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张建国", "张建国"),
        (" 张　三 ", "张三"),
        ("阿卜杜 • 热合曼", "阿卜杜·热合曼"),
        ("阿卜杜.热合曼", "阿卜杜·热合曼"),
        ("阿卜杜。热合曼", "阿卜杜·热合曼"),
        ("Ｊｏｈｎ　 Smith", "John Smith"),
        ("O’Brien Jr.", "O'Brien Jr."),
        ("Jose\u0301", "José"),
        ("Anne-Marie Li", "Anne-Marie Li"),
        ("⼤明", "大明"),
        ("\ufeff张三\u200b", "张三"),
        ("葛\U000e0101三", "葛三"),
        ("𠮷𬱖", "𠮷𬱖"),
        ("李\ufa0e", "李\ufa0e"),
        ("王\U0002f800", "王丽"),
        ("王\U00031350", "王\U00031350"),
        ("张⺼", "张肉"),
        ("\u2ee2建国", "马建国"),
        ("\uf9e1英子", "李英子"),
        ("〇々", "〇々"),
        ("x" * 50, "x" * 50),
    ],
)
def test_a_real_name_is_taken_in_its_stored_form(typed, stored):
    assert names.clean_name(typed) == stored


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "请填写姓名"),
        (" \u3000 ", "请填写姓名"),
        ("张", "至少 2 个字"),
        ("张" * 100, "不能超过 50 个字符，现在是 100 个"),
        ("张3", "不能有“3”"),
        ("张😀", "不能有“😀”"),
        ("张，三", "不能有"),
        ("张(三)", "不能有"),
        ("张\x07三", "不能有“U+0007”"),
        ("Жан", "不能有“Ж”"),
        ("-张三", "开头和结尾"),
        ("张三·", "开头和结尾"),
        ("欧阳--三", "不能连用"),
        ("<b>张三</b>", "不能有“<”"),
    ],
)
def test_what_is_no_name_is_refused_with_the_reason(typed, words):
    with pytest.raises(Invalid) as caught:
        names.clean_name(typed)
    assert words in caught.value.sentence


@given(st.text(alphabet=st.one_of(ideographs, st.characters(exclude_categories=["Cs"])), max_size=60))
def test_a_stored_name_stays_as_it_is(typed):
    with suppress(Invalid):
        stored = names.clean_name(typed)
        assert names.clean_name(stored) == stored
        assert names.pinyin_key(stored)


SPELLINGS = [
    {
        "马建国",
        "\u2ee2建国",
        "马 建国",
        "马\u3000建国",
        "马\u200b建国",
        "\u202e马建国",
        "马建\u2f16国".replace("\u2f16", ""),
    },
    {"李英子", "\uf9e1英子"},
    {"鱼小龙", "\u2ee5小\u2ef0", "\u2fc2小龙".replace("\u2fc2", "鱼")},
    {
        "买买提·艾力",
        "买买提•艾力",
        "买买提・艾力",
        "买买提∙艾力",
        "买买提‧艾力",
        "买买提 艾力",
        "买买提艾力",
        "买买提。艾力",
    },
    {"JOHN SMITH", "john smith", "Smith, John", "SMITH  JOHN", "ＪＯＨＮ ＳＭＩＴＨ", "John\u00a0Smith"},
    {"ANNE-MARIE O'NEIL", "O’Neil Anne Marie", "oneil, anne‐marie"},
    {"JOSÉ ÁVILA", "Jose\u0301 A\u0301vila"},
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=min)
def test_all_spellings_of_a_name_have_one_key(spellings):
    assert len({names.name_key(spelling) for spelling in spellings}) == 1


def test_the_keys_of_different_names_differ():
    keys = [names.name_key(min(spellings)) for spellings in SPELLINGS]
    assert len(set(keys)) == len(keys)


def test_every_radical_is_an_ideograph():
    """Both blocks, but the one radical of the supplement for which Unicode names no ideograph, and the one unassigned."""
    for code in (*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6)):
        key = names.name_key(f"王{chr(code)}明")
        assert not "\u2e80" <= key[1] <= "\u2fdf" or code in (0x2E80, 0x2E9A), f"U+{code:04X}"


@given(st.text(alphabet=st.one_of(ideographs, st.characters(exclude_categories=["Cs"])), max_size=60))
def test_a_key_is_its_own_key_and_that_of_the_clean_name(typed):
    key = names.name_key(typed)
    assert names.name_key(key) == key
    with suppress(Invalid):
        assert names.name_key(names.clean_name(typed)) == key


@pytest.mark.parametrize(
    "spellings",
    [
        {
            "上海示例（集团）有限公司",
            "上海示例(集团)有限公司",
            "上海示例 （集团） 有限公司",
            "上海示例〔集团〕有限公司",
        },
        {"ＡＢＣ科技", "abc科技", "ABC 科技", "A B C科技"},
    ],
    ids=min,
)
def test_all_spellings_of_an_employers_name_have_one_key(spellings):
    assert len({names.unit_key(spelling) for spelling in spellings}) == 1
