"""The card maker's files: an order decodes to exactly its input; an altered result file is refused as a whole."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonghui.cards.makers import BadFile, Head, Outcome, Record
from gonghui.cards.makers.base import Unprintable, sm3
from gonghui.cards.makers.fixed_columns import FixedColumns
from gonghui.cards.orders.sample import card_number
from gonghui.members.codes import DocumentType, Sex

MAKER = FixedColumns()
ORDER = "202611250001"

texts = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Cn", "Co"), blacklist_characters="\u2028\u2029"),
    max_size=40,
).map(str.strip)
digits = st.text("0123456789", min_size=1, max_size=18)
records = st.builds(
    Record,
    sequence=st.integers(1, 99_999_999),
    member_number=st.text("0123456789", min_size=10, max_size=10),
    printed_name=texts.map(lambda text: text[:25]),
    name=texts.map(lambda text: text[:50]),
    document_type=st.sampled_from(DocumentType.values),
    document_number=st.text("0123456789ABCX()/.", min_size=3, max_size=30),
    sex=st.sampled_from(Sex.values),
    born_on=st.dates(date(1880, 1, 1), date(2050, 12, 31)),
    mobile=st.text("0123456789", min_size=11, max_size=11),
    address=texts,
    union_code=st.text("0123456789ABC", min_size=9, max_size=9),
    nczy=st.text("0123456789", min_size=3, max_size=3),
    union_name=texts,
    card_number=st.one_of(st.just(""), digits),
)


def order_file(lines: list[Record], head: Head) -> bytes:
    body = MAKER.head(head) + b"".join(map(MAKER.line, lines))
    return body + MAKER.foot(head, lambda: [body])


@given(st.lists(records, max_size=8, unique_by=lambda record: record.sequence), st.booleans())
def test_every_exported_file_decodes_to_exactly_what_went_in(lines, foreign):
    lines.sort(key=lambda line: line.sequence)
    head = Head(ORDER, "new", foreign, date(2026, 11, 25), len(lines))
    assert MAKER.read_order(lambda: [order_file(lines, head)]) == (head, lines)


def record(**changes) -> Record:
    values = {
        "sequence": 1, "member_number": "0100000001", "printed_name": "王哲", "name": "王喆", "document_type": "resident_id",
        "document_number": "310110199001010019", "sex": "male", "born_on": date(1990, 1, 1), "mobile": "19900001234",
        "address": "杨浦区示例路1号", "union_code": "700050017", "nczy": "010", "union_name": "上海示例科技有限公司工会",
    }  # fmt: skip
    return Record(**values | changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"address": "路" * 81}, "联系地址超过制卡文件的长度（160 字节）"),
        ({"address": "一行\r\n又一行"}, "联系地址中有不能写入制卡文件的字符"),
        ({"name": " 王喆"}, "姓名中有不能写入制卡文件的字符"),
    ],
)
def test_what_does_not_fit_is_told_by_the_columns_name(changes, sentence):
    with pytest.raises(Unprintable, match=sentence[:20]):
        MAKER.line(record(**changes))


def test_a_line_is_as_long_as_the_document_says():
    assert len(MAKER.line(record())) == 792 + 2
    assert MAKER.line(record(address="𠅤" * 40)).endswith(b"\r\n")  # four bytes each


# Results


def outcomes(count: int = 5) -> list[Outcome]:
    """The third has failed."""
    return [
        Outcome(n + 1, n, f"{n:010}", "", "E01", "证件信息核查不一致")
        if n == 3
        else Outcome(n + 1, n, f"{n:010}", card_number(str(n)))
        for n in range(1, count + 1)
    ]


def result_file(count: int = 5) -> bytes:
    return MAKER.write_results(ORDER, date(2026, 11, 25), outcomes(count))


def read(data: bytes, piece: int = 50) -> list[Outcome]:
    """Reads a file that comes in pieces of any size."""
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    return list(MAKER.read_results(lambda: pieces, ORDER))


def refused(data: bytes) -> str:
    with pytest.raises(BadFile) as bad:
        read(data)
    return bad.value.sentence


def signed(lines: list[bytes]) -> bytes:
    """A file that somebody has composed with a right digest."""
    body = b"".join(line + b"\r\n" for line in lines[:-1])
    return body + lines[-1][:21] + sm3([body]).encode() + b"\r\n"


def test_a_good_file_is_read_line_by_line():
    assert read(result_file()) == outcomes()
    assert read(result_file(0)) == []


@given(st.integers(1, 700))
def test_it_is_the_same_file_in_pieces_of_any_size(piece):
    assert read(result_file(), piece) == outcomes()


def test_a_file_without_lines_is_not_read_to_its_end():
    def endless():
        yield result_file()[:33]
        while True:
            yield b"0" * 1_000

    with pytest.raises(BadFile, match="第 2 行的长度不对"):
        MAKER.read_results(endless, ORDER)


@pytest.mark.parametrize("code", [*range(0x0A), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0x85, 0x2028])
def test_no_control_character_comes_in_with_any_column(code):
    """Although count, lengths and digest are right: some programs write NUL instead of spaces."""
    character = chr(code).encode("gb18030")
    lines = result_file().split(b"\r\n")[:-1]
    for place, width in ((3, 60), (0, len(character))):  # the failed line's text, the head's order
        line = lines[place]
        spoiled = line[: -width or None].ljust(len(line) - width) + character + b" " * (width - len(character))
        assert "控制字符" in refused(signed([*lines[:place], spoiled, *lines[place + 1 :]]))


@given(st.data())
def test_every_mutilated_result_file_is_refused_whole(data):
    """A byte changed, removed, added or doubled, two lines swapped, the end cut off."""
    good = result_file()
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))
    lines = good.split(b"\r\n")
    first, second = data.draw(st.lists(st.integers(0, 6), min_size=2, max_size=2, unique=True))
    swapped = [*lines]
    swapped[first], swapped[second] = swapped[second], swapped[first]
    bad = data.draw(
        st.sampled_from([
            good[:place] + bytes([byte]) + good[place + 1 :],
            good[:place] + good[place + 1 :],
            good[:place] + bytes([byte]) + good[place:],
            good[:place] + good[place : place + 40] + good[place:],
            b"\r\n".join(swapped),
            b"\r\n".join([*lines[:first], lines[first], *lines[first:]]),
            b"\r\n".join([*lines[:first], *lines[first + 1 :]]),
            good[:place],
            good + good,
            good + bytes([byte]),
        ])
    )  # fmt: skip
    assert bad != good
    with pytest.raises(BadFile):
        read(bad)


def test_a_file_of_another_order_names_it():
    other = MAKER.write_results("202611240007", date(2026, 11, 25), outcomes())
    assert refused(other).startswith("这是订单 202611240007 的结果文件，不是本订单 202611250001 的")


def test_a_changed_amount_of_lines_is_refused_with_both_numbers():
    lines = result_file().split(b"\r\n")[:-1]
    assert "文件头写明 5 行，实际有 4 行" in refused(signed([*lines[:2], *lines[3:]]))


def test_the_wrong_encoding_is_named():
    text = result_file().decode("gb18030")
    assert "编码不是 GB 18030" in refused(b"\xef\xbb\xbf" + text.encode())
    assert "编码不是 GB 18030" in refused(text.encode("utf-16"))
    assert "第 4 行" in refused(text.encode())  # the line with Chinese words is longer, or not GB 18030


def test_a_file_cut_in_the_middle_names_the_line():
    good = result_file()
    assert "文件在第 3 行中断，没有结尾行" in refused(good[: 33 + 105 + 40])
    assert "文件在第 6 行中断，没有结尾行" in refused(good[:-87])
    assert "文件是空的" in refused(b"")


def test_an_altered_file_is_refused_by_its_digest():
    good = result_file()
    assert "校验值不符" in refused(good.replace("核查".encode("gb18030"), "检查".encode("gb18030")))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"D000000020000000002" + b"1" + b" " * 83, "第 3 行是失败的结果，应有失败代码"),
        (b"D000000020000000002" + b"2" + b" " * 83, "第 3 行的结果标志不对"),
        (b"D0000000X0000000002" + b"1" + b" " * 83, "第 3 行的序号不是 8 位数字"),
    ],
)
def test_a_line_that_makes_no_sense_is_named_though_the_digest_holds(line, sentence):
    lines = result_file().split(b"\r\n")[:-1]
    assert sentence in refused(signed([*lines[:2], line, *lines[3:]]))


def test_the_order_file_is_no_result_file():
    assert "这是导出给制卡方的制卡文件" in refused(order_file([], Head(ORDER, "new", False, date(2026, 11, 25), 0)))
    assert "这不是制卡结果文件" in refused(b"PK\x03\x04" + b"x" * 5_000)
