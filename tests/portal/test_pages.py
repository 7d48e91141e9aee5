"""The public pages, the front page after sign-in, the probes (SPEC 1.1, 1.2)."""

from dataclasses import replace
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.imports.hooks import KINDS
from gonghui.kit import disk
from tests.inspections.stories import confirmed, opened


@pytest.mark.parametrize("path", ["/", "/platform/", "/help/", "/news/", "/accounts/login/", "/accounts/signup/"])
def test_every_public_page_names_contact_and_version(client, db, path, settings):
    page = client.get(path).text
    for words in ("021-00000000", "support@demo.test", "3 个工作日内回复", f"v{settings.VERSION}"):
        assert words in page


def test_home_page_has_what_the_manual_shows(client, db):
    page = client.get("/").text
    for words in ("登录报送系统", "用户登录", "用户名", "密码", "工会新闻", "更多", "上海工会网上工作平台", "banner"):
        assert words in page


def test_platform_page_leads_to_sign_in_and_registration(client, db):
    page = client.get("/platform/").text
    assert 'href="/accounts/login/"' in page
    assert 'href="/accounts/signup/"' in page


def test_the_download_area_has_every_template_and_the_manual(client, db):
    page = client.get("/downloads/").text
    for kind in KINDS.values():
        address = reverse("imports:template", args=[kind.key])
        assert f'href="{address}"' in page
        assert kind.template_name in page
        book = load_workbook(BytesIO(client.get(address).getvalue()))  # the client is anonymous
        headings = [cell.value.rstrip("*") for cell in book.worksheets[0][1]]
        columns = kind.columns()
        assert headings == [column.heading for column in columns if column.heading in headings]
        assert {column.heading for column in columns if column.required} <= set(headings)
        assert book.worksheets[0].max_row == 1
    for name in ("manual", "manual_whole", "manual_file"):
        assert f'href="{reverse(name)}"' in page


@pytest.mark.parametrize("path", ["/", "/platform/", "/help/", "/accounts/login/"])
def test_the_public_pages_lead_to_the_download_area(client, db, path):
    assert 'href="/downloads/"' in client.get(path).text


@pytest.mark.parametrize("path", ["/home/", "/notices/", "/accounts/settings/", "/accounts/users/"])
def test_signed_in_pages_lead_to_sign_in(client, db, path):
    assert client.get(path).url == f"/accounts/login/?next={path}"


def test_unfiled_union_is_offered_the_two_entrances(client, cast):
    client.force_login(cast.newcomer)
    page = client.get("/home/").text
    assert "区总工会所属单位" in page
    assert "?entrance=district" in page
    assert "产业局所属单位" in page
    assert "?entrance=bureau" in page


def test_pending_union_waits(client, cast):
    cast.unfiled.state = "pending"
    cast.unfiled.save()
    client.force_login(cast.newcomer)
    page = client.get("/home/").text
    assert "正在等待上级工会审核" in page
    assert "?entrance=" not in page


def test_approved_union_sees_number_and_members(client, cast):
    client.force_login(cast.officer)
    page = client.get("/home/").text
    assert cast.union.number in page
    assert "会员管理" in page


def test_superior_sees_what_waits(client, cast):
    client.force_login(cast.reviewer)
    page = client.get("/home/").text
    assert "待办审核" in page
    assert "五角场镇工会" in page


def test_a_body_that_is_too_large_is_refused_with_a_page(client, cast):
    client.force_login(cast.officer)
    response = client.post("/imports/members/", b"x", content_type="multipart/form-data", CONTENT_LENGTH=str(2**25 + 1))
    assert response.status_code == 413
    for words in ("一次上传的内容超过 32 MB", "返回首页", "gonghui.css"):
        assert words in response.text


def test_an_open_inspection_stands_on_both_front_pages_until_it_is_confirmed(client, cast):
    window = opened(cast, cast.district)
    for user, words in [("officer", "组织年检待确认"), ("reviewer", "已完成 0 / "), ("platform_admin", "0.0%")]:
        client.force_login(getattr(cast, user))
        assert words in client.get("/home/").text
    confirmed(cast, window)
    for user in ("officer", "far_officer", "company_reviewer", "newcomer"):
        client.force_login(getattr(cast, user))
        assert "组织年检待确认" not in client.get("/home/").text
        assert "已完成 0 / " not in client.get("/home/").text


def test_health_needs_no_database(client):
    assert client.get("/healthz").text == "ok"


def test_readiness_says_what_is_missing(client, db):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "ok"
    assert "gonghui worker" in response.json()["worker"]


def test_readiness_with_a_worker_alive(client, db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    answer = client.get("/readyz").json()
    assert set(answer.pop("waiting").values()) == {0}
    assert answer == {"ready": True, "database": "ok", "migrations": "ok", "disk": "ok", "worker": "ok"}


def test_readiness_tells_how_long_each_queue_and_the_mail_wait(client, db, settings):
    from django.db import connection

    from gonghui.kit.jobs import QUEUES

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, email_url="smtp://127.0.0.1:1")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        for name in [*QUEUES, "unheard_of"]:
            for seconds in (400, 300):
                cursor.execute(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES (%s, 'x') RETURNING id", [name]
                )
                age = "UPDATE procrastinate_events SET at = now() - make_interval(secs => %s) WHERE job_id = %s"
                cursor.execute(age, [seconds, cursor.fetchone()[0]])
        mail = 'INSERT INTO notices_mail ("to", subject, body_sealed, state, urgent, created_at, due_at, error)'
        for urgent, due in ((True, 500), (False, 600), (False, -600)):
            cursor.execute(
                f"{mail} VALUES ('a@demo.test', '', '', 'waiting', %s, now(), now() - make_interval(secs => %s), '')",
                [urgent, due],
            )
    response = client.get("/readyz")
    assert response.status_code == 200
    waiting = response.json()["waiting"]
    jobs = dict.fromkeys([*QUEUES, "unheard_of"], 400)
    assert waiting == pytest.approx(jobs | {"outbox_of_urgent_mail": 500, "outbox_of_mail": 600}, abs=5)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, email_url="")
    assert client.get("/readyz").json()["waiting"]["outbox_of_mail"] == 0, "the demo keeps its mail"


@pytest.mark.parametrize(
    ("var", "floor", "sentence"),
    [("gone", 0, "cannot be written to: No such file or directory"), ("", 2**60, "free, less than")],
)
def test_readiness_says_no_on_a_full_disk(client, db, settings, monkeypatch, tmp_path, var, floor, sentence):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path / var)
    monkeypatch.setattr(disk, "FULL", floor)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert sentence in response.json()["disk"]
    assert str(tmp_path) not in response.text


def test_readiness_with_migrations_missing(client, db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'portal'")
    assert "gonghui migrate" in client.get("/readyz").json()["migrations"]
