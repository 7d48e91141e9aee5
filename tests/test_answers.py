"""What every answer carries whatever it is of: headers, methods and cookies (docs/security.md, V3, V4 and V13)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from gonghui.imports.models import Batch
from tests import test_scope
from tests.addresses import TABLE
from tests.answers import has_the_headers
from tests.factories import PASSWORD
from tests.watched import watched
from tests.world import Row, World, read

pytestmark = pytest.mark.django_db

signed_in, world = test_scope.signed_in, test_scope.world


def test_errors_and_static_files_have_the_headers_too(tmp_path: Path):
    for name in ("a.svg", "a.css", "a.js", "a.txt"):
        (tmp_path / name).write_text("a")
    with override_settings(STATIC_ROOT=tmp_path):
        client = Client()
        paths = [f"/static/{path.name}" for path in tmp_path.iterdir()]
        found = {path: read(client.get(path)) for path in paths}
        assert {response.status_code for response in found.values()} == {200}
        found["not found"] = client.get("/nowhere/")
        found["a folder"] = client.get("/static/")
        assert found["a folder"].status_code == 404
        found["another host"] = client.get("/", headers={"host": "evil.example"})
        found["too large"] = client.post("/", b"x", content_type="text/plain", CONTENT_LENGTH=str(2**25 + 1))
        found["another method"] = client.generic("TRACE", "/")
    for response in found.values():
        has_the_headers(response)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
def test_only_looking_and_sending_forms_are_answered(world: World, method: str):
    client = world.client("officer")
    for path in ("/", "/home/", "/members/", "/accounts/login/", "/healthz"):
        response = client.generic(method, path)
        assert response.status_code == 405, path
        assert "这个地址不能这样打开" in response.text


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "post"], ids=str)
def test_no_form_of_another_site_is_taken(world: World, row: Row):
    """Neither without our token, nor with it from a page of theirs."""
    address, token = world.address(row), "a" * 32
    for who in sorted({str(status): who for who, status in row.expected.items()}.values()):
        client = Client(enforce_csrf_checks=True)
        client.cookies = world.client(who).cookies
        client.cookies[settings.CSRF_COOKIE_NAME] = token
        right = row.data | {"csrfmiddlewaretoken": token}
        with watched() as watch:
            assert client.post(address, row.data).status_code == 403, who
            assert client.post(address, right, headers={"origin": "https://evil.example"}).status_code == 403, who
        assert not watch.changed, who


@pytest.mark.parametrize(
    "name", ['a"; filename="b.html', "a\r\nSet-Cookie: a=b", "../../etc/passwd", "名册\u202exslx.exe"]
)
def test_a_files_name_ends_no_header_and_leads_nowhere(world: World, name: str):
    Batch.objects.filter(pk=world.batch.pk).update(filename=name)
    response = read(world.client("officer").get(reverse("imports:marked", args=[world.batch.pk])))
    told = response["Content-Disposition"]
    assert re.fullmatch(r"""attachment; filename(\*=utf-8''[\w.%~-]+|="[^"\\\r\n]*")""", told, re.ASCII), told
    assert "Set-Cookie" not in response


def https_settings() -> dict[str, object]:
    """Our settings of sessions, cookies and transport as they are with GONGHUI_HTTPS=1 behind a proxy."""
    names = "('SESSION_COOKIE', 'CSRF_COOKIE', 'DEVICE_COOKIE', 'SECURE_')"
    code = (
        "import json; from gonghui.config import settings as ours;"
        f"print(json.dumps({{name: value for name, value in vars(ours).items() if name.startswith({names})}}))"
    )
    env = os.environ | {"GONGHUI_HTTPS": "1", "GONGHUI_PROXIES": "1"}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_by_https_every_cookie_is_the_hosts_own_and_no_scripts(world: World):
    email = world.cast.officer.email
    with override_settings(**https_settings()):
        client, seen = Client(headers={"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}), {}
        for response in (
            client.get("/accounts/login/"),
            client.post("/accounts/login/", {"login": email, "password": "wrong-password-1"}),
            client.post("/accounts/login/", {"login": email, "password": PASSWORD}),
            client.get("/home/"),
            client.post("/accounts/settings/", {"name": "王小明"}),
            client.post("/accounts/logout/"),
        ):
            assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
            seen |= {name: cookie for name, cookie in response.cookies.items() if cookie.value}
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(seen)
    for name, cookie in seen.items():
        assert name.startswith("__Host-"), name
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", ""), name
        assert cookie["samesite"] in {"Lax", "Strict"}, name


def test_no_cookie_tells_what_a_message_says(world: World):
    client = world.client("officer")
    response = client.post("/accounts/settings/", {"name": "王小明"})
    assert "messages" not in response.cookies
    assert "姓名已保存" in client.get(response.url).text


def test_a_page_of_ours_reads_no_cookie_and_stores_no_personal_data():
    """Scripts keep in a browser: whether the desk's keys are on, the numbers of ticked rows, the address of the row that was
    opened, and when the session was used last.
    """
    folder = Path(__file__).parent.parent / "src" / "gonghui" / "static"
    scripts = {path.name: path.read_text() for path in folder.glob("*.js")}
    stores = {name: text.count("Storage.setItem") for name, text in scripts.items() if "Storage" in text}
    assert stores == {"desk.js": 1, "ticks.js": 2, "lists.js": 1, "session.js": 1}
    assert [name for name, text in scripts.items() if "cookie" in text] == []
