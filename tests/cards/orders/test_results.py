"""The card maker's results (SPEC 4.4): processed as a whole or not at all, member by member."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.cards.makers import Outcome, maker_of
from gonghui.cards.models import Batch, Card, Line, ResultFile
from gonghui.cards.orders import results
from gonghui.cards.orders.sample import card_number, number_in
from gonghui.kit import crypto
from gonghui.kit.errors import Refused
from tests.cards.stories import answer, approved, carded, exported, gathered, made, only, read
from tests.factories import live, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def order_of(cast, people: int = 3):
    return exported(cast, approved(cast, *(make_member(cast.union) for _ in range(people))))


def refused(cast, order, data: bytes, by=None) -> str:
    """Checks that nothing has changed."""
    before = (
        list(Line.objects.values_list("pk", "state").order_by("pk")),
        Card.objects.count(),
        ResultFile.objects.count(),
    )
    with pytest.raises(Refused) as refusal:
        results.upload_results(order, ContentFile(data, "结果.txt"), by=by or cast.platform_admin)
    assert before == (
        list(Line.objects.values_list("pk", "state").order_by("pk")), Card.objects.count(), ResultFile.objects.count()
    )  # fmt: skip
    return refusal.value.sentence


def written(order, *outcomes: Outcome) -> bytes:
    return maker_of(order.maker).write_results(order.number, localdate(), outcomes)


def numbers(order) -> list[str]:
    rows = Line.objects.filter(order=order).order_by("sequence")
    return list(rows.values_list("application__member__number", flat=True))


def test_cards_are_made_person_by_person(cast):
    order = order_of(cast)
    result = read(cast, order, answer(order, failed=[2]))
    assert (result.state, result.made, result.failed, result.known) == ("done", 2, 1, 0)
    states = list(Line.objects.filter(order=order).order_by("sequence").values_list("state", flat=True))
    assert states == ["done", "failed", "done"]
    first, second, _ = (line.application for line in Line.objects.filter(order=order).order_by("sequence"))
    assert (first.state, second.state, second.remark) == ("made", "failed", "E01 证件信息核查不一致")
    assert (first.member.has_card, second.member.has_card) == (True, False)
    assert first.card.number == number_in(order, 1)
    assert first.card.state == "made"
    assert live(order).state == "done"
    assert live(first.batch).state == "failed"
    assert cast.officer.notices.filter(title__contains="会员服务卡已制成").exists()
    assert Entry.objects.filter(verb="cardorder.result_read", data__made=2, data__failed=1).exists()


def test_an_upload_is_read_and_sealed_in_pieces(cast, monkeypatch):
    monkeypatch.setattr(results, "PIECE_BYTES", 100)
    order = order_of(cast)
    data = answer(order, failed=[2])
    result = results.upload_results(order, SimpleUploadedFile("结果.txt", data), by=cast.platform_admin)
    assert result.parts.count() == -(-len(data) // 100) > 1
    assert b"".join(result.parts.contents()) == data
    assert all(b"D0000" not in bytes(part.content_sealed) for part in result.parts.all())
    results.process(result.pk)
    assert live(result).made == 2


def test_the_number_is_sealed_and_masked(cast):
    order = order_of(cast, 1)
    read(cast, order, answer(order))
    card = Card.objects.get()
    assert card.number.encode() not in bytes(card.number_sealed)
    assert card.masked_number == f"{card.number[:4]}{'*' * 11}{card.number[-4:]}"
    assert bytes(card.number_hash) == crypto.fingerprint(card.number)


def test_results_may_come_in_several_files(cast):
    order = order_of(cast)
    assert read(cast, order, answer(order, only=[2])).made == 1
    assert live(order).state == "exported"
    assert read(cast, order, answer(order, only=[1, 3]), "其余.txt").made == 2
    assert live(order).state == "done"


def test_a_file_that_repeats_what_is_known_adds_the_rest(cast):
    order = order_of(cast)
    read(cast, order, answer(order, only=[1, 2], failed=[2]))
    result = read(cast, order, answer(order, failed=[2]), "累计.txt")
    assert (result.made, result.failed, result.known) == (1, 0, 2)
    assert Card.objects.count() == 2


def test_the_same_file_again_is_recognised(cast):
    order = order_of(cast)
    data = answer(order, only=[1])
    read(cast, order, data)
    assert "已由 市总平台管理员 于" in refused(cast, order, data)
    of_another_day = maker_of(order.maker).write_results(order.number, date(2026, 1, 1), [first_outcome(order)])
    assert "都已有相同的结果" in refused(cast, order, of_another_day)


def first_outcome(order) -> Outcome:
    return Outcome(0, 1, numbers(order)[0], number_in(order, 1))


def test_a_result_that_is_known_does_not_change(cast):
    order = order_of(cast)
    read(cast, order, answer(order, only=[1, 2], failed=[2]))
    first, second, _ = numbers(order)
    other = written(order, Outcome(0, 1, first, card_number("other")))
    assert "第 2 行：序号 1 已有结果（成功），与这次的不同" in refused(cast, order, other)
    healed = written(order, Outcome(0, 2, second, card_number("healed")))
    assert "第 2 行：序号 2 已有结果（失败），与这次的不同" in refused(cast, order, healed)


def test_unknown_lines_and_other_people_are_refused_with_the_line(cast):
    order = order_of(cast)
    first, second, third = numbers(order)
    good = Outcome(0, 1, first, card_number("a"))
    unknown = written(order, good, Outcome(0, 9, second, card_number("b")))
    assert f"第 3 行：序号 9 不在订单 {order.number} 中" in refused(cast, order, unknown)
    mixed = written(order, good, Outcome(0, 2, third, card_number("b")))
    assert "第 3 行：会员编号与订单中序号 2 的不符" in refused(cast, order, mixed)


def test_a_card_number_that_is_anothers_is_refused_with_the_line(cast):
    (card,) = carded(cast, make_member(cast.union))
    yesterday()
    order = order_of(cast)
    first, second, _ = numbers(order)
    good = Outcome(0, 1, first, card_number("a"))
    for number in (card.number, card_number("a")):  # of an existing card; of the line before
        data = written(order, good, Outcome(0, 2, second, number))
        assert "第 3 行：卡号与另一张卡的相同" in refused(cast, order, data)


def yesterday() -> None:
    """Moves today's batches to yesterday, so that another one may follow."""
    Batch.objects.update(day=F("day") - timedelta(days=1))


def test_a_file_of_another_order_is_refused(cast):
    first = exported(cast, approved(cast))
    other = first.number[:-1] + "9"
    data = maker_of(first.maker).write_results(other, localdate(), [first_outcome(first)])
    assert f"这是订单 {other} 的结果文件" in refused(cast, first, data)


def test_an_order_that_was_not_exported_has_no_results(cast):
    order = gathered(cast, approved(cast))
    assert "还没有导出" in refused(cast, order, answer(order))


def test_only_the_desk_reads_results(cast):
    order = order_of(cast)
    for by in (cast.officer, cast.district_admin):
        assert "平台管理员" in refused(cast, order, answer(order), by=by)


def test_one_file_at_a_time(cast):
    order = order_of(cast)
    results.upload_results(order, ContentFile(answer(order, only=[1]), "一.txt"), by=cast.platform_admin)
    assert "上一个结果文件正在读入" in refused(cast, order, answer(order, only=[2]))


def test_taken_twice_it_is_taken_once(cast):
    order = order_of(cast)
    result = read(cast, order, answer(order))
    results.process(result.pk)
    assert Card.objects.count() == 3
    assert Entry.objects.filter(verb="cardorder.result_read").count() == 1


def test_what_does_not_hold_any_more_when_the_job_comes_is_dropped_and_told(cast):
    order = order_of(cast, 1)
    result = results.upload_results(order, ContentFile(answer(order), "结果.txt"), by=cast.platform_admin)
    Line.objects.filter(order=order).update(state="failed", failure="E99")  # with an unknown failure
    results.process(result.pk)
    assert not ResultFile.objects.exists()
    assert not Card.objects.exists()
    assert cast.platform_admin.notices.filter(title__contains="没有读入").exists()


# Existing cards


def test_a_replacement_ends_the_old_card_when_the_new_one_is_made(cast):
    (old,) = carded(cast, make_member(cast.union))
    batch = made(cast, old.member, purpose="replacement")
    new = only(batch).card
    assert (live(old).state, new.state, new.replaces) == ("replaced", "made", old)
    assert live(old).ended_at is not None
    assert live(old.member).has_card


def test_a_loss_is_confirmed_and_a_cancellation_ends_the_card(cast):
    (card,) = carded(cast, make_member(cast.union))
    batch = made(cast, card.member, purpose="loss")
    assert (live(card).state, only(batch).state, batch.state) == ("lost", "done", "done")
    batch = made(cast, card.member, purpose="cancellation")
    assert (live(card).state, only(batch).state) == ("cancelled", "done")
    assert not live(card.member).has_card
    yesterday()
    assert only(made(cast, card.member)).card.state == "made"  # requested again


def test_a_loss_that_names_another_card_is_refused(cast):
    (card,) = carded(cast, make_member(cast.union))
    order = exported(cast, approved(cast, card.member, purpose="loss"))
    data = written(order, Outcome(0, 1, card.member.number, card_number("other")))
    assert "第 2 行：卡号不是订单中序号 1 的那张卡的" in refused(cast, order, data)


def test_the_database_itself_allows_one_card_that_counts(cast):
    (card,) = carded(cast, make_member(cast.union))
    with pytest.raises(IntegrityError, match="card_one_live"), transaction.atomic():
        Card.objects.create(member=card.member, number_sealed=b"x", number_hash=b"x" * 32, printed_name="王")
    with pytest.raises(IntegrityError, match="number_hash"), transaction.atomic():
        Card.objects.create(
            member=make_member(cast.union), number_sealed=b"x", number_hash=card.number_hash, printed_name="王"
        )


def test_many_results_cost_as_many_statements_as_few(cast):
    counts = []
    for size in (3, 60):
        order = order_of(cast, size)
        result = results.upload_results(order, ContentFile(answer(order), "结果.txt"), by=cast.platform_admin)
        with CaptureQueriesContext(connection) as queries:
            results.process(result.pk)
        counts.append(len(queries))
        yesterday()
    assert counts[0] == counts[1]
