"""The pages of both registers, as an administrator uses them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.kit.invent import invent_person
from gonghui.registers import actions, job
from gonghui.registers.models import Load, Register
from tests.registers.files import checked, csv_of, employer_line, loaded, people_csv, person_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(cast, client):
    client.force_login(cast.platform_admin)
    return client


def text(response) -> str:
    return response.content.decode()


def test_an_empty_register_says_what_to_do(admin):
    for name in ("employers", "members"):
        page = text(admin.get(reverse(f"registers:{name}")))
        assert "还没有载入过" in page
        assert "下载模板" in page


def test_a_small_file_is_taken_whole_without_a_script(admin):
    file = SimpleUploadedFile("库.csv", csv_of([employer_line(1)]))
    answer = admin.post(reverse("registers:employers"), {"file": file})
    load = Load.objects.get()
    assert answer.url == reverse("registers:load", args=[load.pk])
    assert (load.state, load.bytes_received) == ("checking", load.size)
    assert "正在检查" in text(admin.get(answer.url))


def test_a_file_in_pieces_is_begun_sent_and_checked(admin):
    data = csv_of([employer_line(1)])
    steps = admin.post(reverse("registers:start", args=["employers"]), {"name": "库.csv", "size": len(data)}).json()
    for number, piece in enumerate((data[:50], data[50:])):
        answer = admin.post(steps["piece"], {"number": number, "piece": SimpleUploadedFile("piece", piece)})
        assert answer.status_code == 204
    assert admin.post(steps["check"]).url == steps["load"]
    job.run(Load.objects.get().pk)
    page = text(admin.get(steps["load"]))
    assert "确认后将会" in page
    assert "确认载入" in page


def test_what_cannot_begin_is_said_in_a_sentence(admin, cast):
    checked(csv_of([employer_line(1)]), by=cast.platform_admin)
    answer = admin.post(reverse("registers:start", args=["employers"]), {"name": "b.csv", "size": 5})
    assert (answer.status_code, "正在载入大统计库" in text(answer)) == (422, True)
    answer = admin.post(reverse("registers:start", args=["members"]), {"name": "b.csv", "size": actions.MAX_BYTES + 1})
    assert (answer.status_code, "超过上限 200 MB" in text(answer)) == (422, True)
    file = SimpleUploadedFile("库.csv", csv_of([employer_line(1)]))
    answer = admin.post(reverse("registers:employers"), {"file": file})
    assert (answer.status_code, "正在载入大统计库" in text(answer)) == (422, True)


def test_a_confirmed_load_shows_its_progress_and_then_its_end(admin, cast):
    load = checked(csv_of(map(employer_line, range(3))), by=cast.platform_admin)
    address = reverse("registers:load", args=[load.pk])
    assert admin.post(reverse("registers:confirm", args=[load.pk])).url == address
    part = admin.get(address, headers={"HX-Request": "true", "HX-Target": "running"})
    assert "HX-Refresh" not in part
    assert "已处理到第" in text(part)
    job.run(load.pk)
    part = admin.get(address, headers={"HX-Request": "true", "HX-Target": "running"})
    assert part["HX-Refresh"] == "true"
    assert "新增 3 家，变更 0 家。" in text(admin.get(address))
    assert re.search(r"<b[^>]*>\D*3\D*</b> 家", text(admin.get(reverse("registers:employers"))))


def test_the_error_list_masks_people_on_the_page_and_is_whole_in_the_file(admin, cast):
    number = invent_person(1).resident_id
    load = checked(people_csv([person_line(1, 证件号码=number[:-1] + "?")]), Register.MEMBERS, by=cast.platform_admin)
    page = text(admin.get(reverse("registers:load", args=[load.pk])))
    assert "错误清单" in page
    assert number[:-1] not in page
    report = admin.get(reverse("registers:report", args=[load.pk]))
    assert b"".join(report.streaming_content).startswith(b"PK")


def test_the_search_shows_what_is_found_and_what_to_do_when_nothing_is(admin):
    loaded(csv_of([employer_line(1, 单位名称="上海独一无二有限公司")]))
    address = reverse("registers:search", args=["employers"])
    assert "上海独一无二有限公司" in text(admin.post(address, {"q": "独一无二"}))
    assert "没有找到" in text(admin.post(address, {"q": "世上没有"}))
    answer = admin.post(address, {"q": "一"})
    assert (answer.status_code, "请至少填写两个字" in text(answer)) == (422, True)


def test_the_pages_ask_as_many_queries_for_many_rows(admin, cast):
    def queries(load: Load) -> list[int]:
        counts = []
        for address in (reverse("registers:employers"), reverse("registers:load", args=[load.pk])):
            admin.get(address)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert admin.get(address).status_code == 200
            counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            admin.post(reverse("registers:search", args=["employers"]), {"q": "上海"})
        return [*counts, len(captured)]

    few = queries(loaded(csv_of([employer_line(1), employer_line(2, 单位名称="")]), by=cast.platform_admin))
    for first in (10, 20):
        load = loaded(
            csv_of([employer_line(first + n, **({"单位名称": ""} if n else {})) for n in range(9)]),
            by=cast.platform_admin,
        )
    assert queries(load) == few
