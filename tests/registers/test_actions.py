"""A file is sent in pieces, one load at a time, by the city's platform administrators."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.kit.sealing import opened_bytes
from gonghui.registers import actions
from gonghui.registers.models import Load, Piece, Register
from tests.factories import make_member, make_user
from tests.registers.files import checked, csv_of, employer_line, people_csv, person_line, sent

pytestmark = pytest.mark.django_db

EMPLOYERS = Register.EMPLOYERS


def begun(size: int = 10, **more) -> Load:
    return actions.begin(EMPLOYERS, "库.csv", size, by=None, **more)


def test_a_file_is_kept_sealed_in_pieces(cast, monkeypatch):
    monkeypatch.setattr(actions, "PIECE_BYTES", 1000)
    data = csv_of(map(employer_line, range(30)))
    load = begun(len(data))
    actions.add_pieces(load, [data], by=None)
    pieces = list(Piece.objects.filter(load=load).order_by("number"))
    assert len(pieces) > 2
    assert b"".join(opened_bytes(piece, "content_sealed") for piece in pieces) == data
    assert all("示例路".encode() not in bytes(piece.content_sealed) for piece in pieces)


def test_only_platform_administrators_may(cast):
    for who in (cast.district_admin, cast.officer, cast.reviewer):
        with pytest.raises(Refused, match="只有市总工会的平台管理员"):
            actions.begin(EMPLOYERS, "库.csv", 10, by=who)
    load = checked(csv_of([employer_line(1)]), by=cast.platform_admin)
    for act in (actions.confirm, actions.discard):
        with pytest.raises(Refused, match="只有市总工会的平台管理员"):
            act(load, by=cast.district_admin)


@pytest.mark.parametrize(("size", "words"), [(0, "空文件"), (actions.MAX_BYTES + 1, "超过上限 200 MB")])
def test_an_empty_file_and_one_byte_too_many_are_refused_before_they_are_sent(cast, size, words):
    with pytest.raises(Refused, match=words):
        begun(size)
    assert begun(actions.MAX_BYTES).size == actions.MAX_BYTES


def test_the_second_administrator_is_told_who_loads(cast):
    other = make_user(cast.city, "platform_admin", name="另一位管理员")
    load = checked(csv_of([employer_line(1)]), by=cast.platform_admin)
    with pytest.raises(Refused, match=r"市总平台管理员.*正在载入大统计库（“库\.csv”，待确认）") as refused:
        actions.begin(EMPLOYERS, "别的.csv", 10, by=other)
    assert "请先确认或放弃它" in refused.value.sentence
    actions.confirm(load, by=other)
    with pytest.raises(Refused, match=r"载入中.*请等它完成"):
        actions.begin(EMPLOYERS, "别的.csv", 10, by=other)
    assert actions.begin(Register.MEMBERS, "会员.csv", 10, by=other).is_open  # the other register is free


def test_another_administrator_may_give_up_what_waits(cast):
    load = checked(csv_of([employer_line(1)]), by=cast.platform_admin)
    actions.discard(load, by=make_user(cast.city, "platform_admin", name="另一位管理员"))
    load.refresh_from_db()
    assert (load.state, "另一位管理员" in load.message, Piece.objects.count()) == ("discarded", True, 0)
    with pytest.raises(Refused, match="已放弃"):
        actions.discard(load, by=None)


def test_an_upload_that_was_left_keeps_nobody_out(cast):
    left = begun()
    with pytest.raises(Refused):
        begun()
    Load.objects.filter(pk=left.pk).update(touched_at=timezone.now() - actions.LEFT_AFTER - timedelta(seconds=1))
    assert begun().is_open
    left.refresh_from_db()
    assert left.state == "discarded"


def test_a_command_that_was_killed_keeps_nobody_out(cast):
    killed = sent(csv_of([employer_line(1)]))
    assert begun().is_open
    killed.refresh_from_db()
    assert killed.state == "failed"


def test_a_piece_that_comes_twice_counts_once_and_one_that_is_missing_is_told(cast):
    load = begun(6)
    for _ in range(2):
        assert actions.add_piece(load, 0, b"abc", by=None).bytes_received == 3
    with pytest.raises(Refused, match="不符"):
        actions.add_piece(load, 2, b"abc", by=None)
    with pytest.raises(Refused, match="没有上传完整"):
        actions.check(load, by=None)


@pytest.mark.parametrize("data", [b"", b"x" * 11])
def test_a_piece_that_does_not_fit_is_refused(cast, data):
    with pytest.raises(Refused):
        actions.add_piece(begun(10), 0, data, by=None)


def test_a_step_out_of_turn_is_refused(cast):
    load = sent(csv_of([employer_line(1)]))
    for act in (actions.confirm, actions.check, actions.discard):
        with pytest.raises(Refused, match="检查中"):
            act(load, by=None)
    with pytest.raises(Refused, match="已经结束"):
        actions.add_piece(load, 1, b"abc", by=None)


def test_the_error_list_is_given_in_full_and_recorded(cast):
    load = checked(people_csv([person_line(1, 移动电话="123")]), Register.MEMBERS, by=cast.platform_admin)
    assert [problem.value for problem in actions.report(load, by=cast.platform_admin)] == ["123"]
    assert Entry.objects.get(verb="register.reported").data["problems"] == 1
    with pytest.raises(Refused, match="没有可以下载的错误清单"):
        actions.report(checked(csv_of([employer_line(1)])), by=cast.platform_admin)


def test_people_are_found_by_name_number_code_and_document_and_that_is_recorded(cast):
    member = make_member(None, name="欧阳小明", unit_code="MA1FL0001")
    make_member(cast.union, name="欧阳小明")
    by_document = member.document_number
    for text in ("欧阳小", member.number, by_document):
        (found,) = actions.search(Register.MEMBERS, text, by=cast.platform_admin)
        assert (found.name, found.place) == ("欧阳小明", member.number)
        assert by_document not in str(found)
    assert Entry.objects.filter(verb="register.searched").count() == 3
    assert "欧阳" not in str(list(Entry.objects.values_list("data", flat=True)))


def test_employers_are_found_by_a_part_of_the_name_or_the_code(cast):
    from tests.registers.files import loaded

    loaded(csv_of([employer_line(1, 单位名称="上海示例（集团）有限公司"), employer_line(2)]))
    code = employer_line(1)[1]
    for text in ("示例(集", code):
        (found,) = actions.search(EMPLOYERS, text, by=cast.platform_admin)
        assert found.code == code
    assert not Entry.objects.filter(verb="register.searched").exists()
