"""``gonghui manage load_register``: the same acts as on the page, for operators."""

import pytest
from django.core.management import CommandError, call_command

from gonghui.registers.models import Load
from gonghui.unions.models import RegisteredEmployer
from tests.registers.files import csv_of, employer_line, people_csv, person_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, capsys, cast):
    def run(data: bytes, *options: str, register: str = "employers") -> str:
        path = tmp_path / "库.csv"
        path.write_bytes(data)
        call_command("load_register", register, str(path), *options)
        return capsys.readouterr().out

    return run


def test_a_file_is_loaded_and_what_was_done_is_said(run):
    said = run(csv_of(map(employer_line, range(3))))
    assert "CSV，UTF-8" in said
    assert "3 行：新增 3，变更 0，不变 0" in said
    assert "已载入：新增 3 家，变更 0 家。" in said
    assert "已载入：没有变化。" in run(csv_of(map(employer_line, range(3))))
    assert [load.by for load in Load.objects.all()] == [None, None]


def test_people_too(run):
    assert "新增 2 人" in run(people_csv(map(person_line, range(2))), register="members")


def test_check_says_what_would_be_and_changes_nothing(run):
    assert "新增 1" in run(csv_of([employer_line(1)]), "--check")
    assert not RegisteredEmployer.objects.exists()
    assert Load.objects.get().state == "discarded"


def test_one_wrong_line_and_nothing_is_loaded_unless_the_good_ones_are_asked_for(run, capsys):
    data = csv_of([employer_line(1), employer_line(2, 单位名称="")])
    with pytest.raises(CommandError, match="没有载入任何一行"):
        run(data)
    assert "第 3 行，单位名称" in capsys.readouterr().err
    assert not RegisteredEmployer.objects.exists()
    assert "新增 1 家" in run(data, "--good")


@pytest.mark.parametrize(("data", "words"), [(b"", "空文件"), (b"%PDF", "PDF"), ("姓名\n甲\n".encode(), "表头")])
def test_a_file_that_cannot_be_read_is_refused(run, data, words):
    with pytest.raises(CommandError, match=words):
        run(data)


def test_a_file_that_is_missing_is_named(cast):
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_register", "employers", "/no/such.csv")


def test_while_another_load_is_open_it_says_whose(run, cast):
    from tests.registers.files import checked

    checked(csv_of([employer_line(1)]), by=cast.platform_admin)
    with pytest.raises(CommandError, match="市总平台管理员"):
        run(csv_of([employer_line(2)]))
