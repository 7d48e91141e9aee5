"""The rules of docs/card-maker.md for every maker's results also hold for a format that only parses (SPEC 4.4)."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from inspect import getmembers, isfunction
from pathlib import Path
from re import findall, search

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.cards.makers import MAKERS, Head, Maker, Outcome, Record, maker_of
from gonghui.cards.makers.base import Source
from gonghui.cards.models import Card, ResultFile
from gonghui.cards.orders import results
from gonghui.cards.orders.sample import card_number, number_in
from gonghui.config import environment
from gonghui.kit.errors import Refused
from tests.cards.orders.test_results import numbers
from tests.cards.stories import answer, approved, exported, file_of, read
from tests.factories import live, make_member

pytestmark = pytest.mark.django_db


class Csv:
    """One line per member, UTF-8; the count is in the last line."""

    key, label, extension = "csv", "CSV", "csv"

    def head(self, head: Head) -> bytes:
        return f"{head.order}\n".encode()

    def line(self, record: Record) -> bytes:
        return f"{record.sequence},{record.member_number},{record.printed_name}\n".encode()

    def foot(self, head: Head, body: Source) -> bytes:
        return f"{head.count}\n".encode()

    def write_results(self, order: str, day: date, outcomes: Iterable[Outcome]) -> bytes:
        rows = (
            (outcome.sequence, outcome.member_number, outcome.card_number, outcome.failure_code, outcome.failure)
            for outcome in outcomes
        )
        return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()

    def read_results(self, source: Source, order: str) -> Iterator[Outcome]:
        for row, cells in enumerate(csv.reader(b"".join(source()).decode().splitlines()), 1):
            yield Outcome(row, int(cells[0]), *cells[1:])


@pytest.fixture(params=["fixed_columns", "csv"])
def order(request, cast, settings, monkeypatch):
    """An order with three members for each maker."""
    monkeypatch.setitem(MAKERS, "csv", Csv())
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, card_maker=request.param)
    return exported(cast, approved(cast, *(make_member(cast.union) for _ in range(3))))


def refused(cast, order, *outcomes: Outcome) -> str:
    """Checks that nothing of a file with these outcomes is stored."""
    data = maker_of(order.maker).write_results(order.number, localdate(), outcomes)
    with pytest.raises(Refused) as refusal:
        results.upload_results(order, ContentFile(data, "结果"), by=cast.platform_admin)
    assert not Card.objects.exists()
    assert not ResultFile.objects.exists()
    return refusal.value.sentence


def row(order, place: int) -> int:
    """Returns the line of the file that has the outcome."""
    return place + (order.maker == "fixed_columns")


def test_an_order_is_made_and_read_in_each_makers_format(cast, order):
    assert file_of(order).startswith(order.number.encode()) == (order.maker == "csv")
    assert read(cast, order, answer(order, failed=[2])).made == 2
    assert live(order).state == "done"
    assert Card.objects.get(applications__lines__sequence=1).number == number_in(order, 1)


@pytest.mark.parametrize(
    "number", ["12345", "1234567890123456", "", "９９９９０１１２３４５６７８９０", "9999 0112 3456 7890"]
)
def test_no_format_stores_a_card_number_that_is_none(cast, order, number):
    """Too short; a wrong check digit; empty; digits outside ASCII, spaces."""
    if order.maker == "fixed_columns" and len(number.encode("gb18030")) > 19:
        number = "9" * 19
    sentence = refused(cast, order, Outcome(0, 1, numbers(order)[0], number))
    assert sentence.startswith(f"第 {row(order, 1)} 行的卡号不是 16 至 19 位数字，或校验位不对。")


def test_no_format_gives_a_number_to_who_failed(cast, order):
    sentence = refused(cast, order, Outcome(0, 1, numbers(order)[0], card_number("a"), "E01", "不一致"))
    assert f"第 {row(order, 1)} 行是失败的结果，应有失败代码、没有卡号" in sentence


@pytest.mark.parametrize(
    ("sequences", "sentence"), [((1, 1), "1 与前面的行重复。"), ((2, 1), "1 与前面的行重复或没有按")]
)
def test_every_format_names_each_sequence_once_and_ascending(cast, order, sequences, sentence):
    members = numbers(order)
    outcomes = [
        Outcome(0, sequence, members[sequence - 1], card_number(f"{place}")) for place, sequence in enumerate(sequences)
    ]
    assert f"第 {row(order, 2)} 行：序号 {sentence}" in refused(cast, order, *outcomes)


def test_every_format_is_asked_whether_a_sequence_is_of_the_order(cast, order):
    sequence = 99_999_999 if order.maker == "fixed_columns" else 10**20
    assert f"序号 {sequence} 不在订单 {order.number} 中" in refused(
        cast, order, Outcome(0, sequence, numbers(order)[0], card_number("a"))
    )


def test_the_files_are_named_as_the_makers_are(cast, client, order):
    client.force_login(cast.platform_admin)
    extension = maker_of(order.maker).extension
    sample = client.post(reverse("cards:sample", args=[order.pk]))
    assert f'filename="JG{order.number}-{localdate():%m%d}.{extension}"' in sample["Content-Disposition"]
    page = client.get(reverse("cards:order", args=[order.pk])).content.decode()
    assert f'accept=".{extension},text/plain"' in page


def test_the_setting_takes_each_maker_and_no_other(order):
    for key in MAKERS:
        assert environment.read({"GONGHUI_DEMO": "1", "GONGHUI_CARD_MAKER": key}).card_maker == key
    with pytest.raises(environment.BadEnvironment, match=f"expected one of {', '.join(MAKERS)}"):
        environment.read({"GONGHUI_DEMO": "1", "GONGHUI_CARD_MAKER": "xml"})


def test_the_document_names_the_methods_of_a_format():
    document = Path("docs/card-maker.md").read_text()
    named = search(r"methods of `cards.makers.base.Maker` \(([^)]+)\)", document)
    assert named
    methods = {name for name, _ in getmembers(Maker, isfunction) if not name.startswith("_")}
    assert set(findall(r"`(\w+)`", named[1])) == methods
