"""An upload whose connection breaks leaves nothing."""

import socket
import time
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from gonghui.imports.models import Batch
from tests.workbooks import member_row, saved, workbook


@pytest.mark.django_db(transaction=True)
def test_connection_broken_half_way_changes_nothing_and_the_next_upload_works(cast, live_server):
    browser = Client()
    browser.force_login(cast.officer)
    page = browser.get(reverse("imports:upload", args=["members"]))
    token = str(page.context["csrf_token"])
    content = saved(workbook(member_row(seed) for seed in range(50)))
    body = (
        f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    ).encode() + content
    address = urlsplit(live_server.url)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    head = (
        f"POST {reverse('imports:upload', args=['members'])} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body) + 7}\r\n\r\n"
    ).encode()
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head + body[: len(body) // 2])
    time.sleep(1)
    assert not Batch.objects.exists()
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head + body + b"\r\n--x--")
        assert b" 302 " in connection.recv(100)
    assert Batch.objects.get().rows_valid == 50
