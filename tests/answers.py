"""What every answer keeps to, whatever address it is of (docs/security.md V3, V4, V14): tests/test_scope.py asks them all."""

from html import unescape

from django.http import HttpResponse

from tests.world import LOGIN, NOBODY

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
DIRECTIVES = {
    "default-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "script-src 'self'",
}
CLOSED = {403, 404, 405, LOGIN}
"""Answers without anybody's data."""


def has_the_headers(response: HttpResponse) -> None:
    """The headers of each answer; its characters are named, its files are attachments."""
    assert {name: response.get(name) for name in HEADERS} == HEADERS
    assert set(response["Content-Security-Policy"].split("; ")) >= DIRECTIVES
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in response
    kind = response.get("Content-Type", "")
    if kind.startswith("text/") or "+xml" in kind:
        assert "charset=utf-8" in kind.replace('"', "")
    if "Content-Disposition" in response:
        assert response["Content-Disposition"].startswith("attachment")


def is_in_no_cache(response: HttpResponse, who: str) -> None:
    """What a signed-in person gets by GET."""
    if who != NOBODY and response.request["REQUEST_METHOD"] == "GET" and response.status_code not in CLOSED:
        kept = response["Cache-Control"].split(", ")
        assert "immutable" in kept or {"no-store", "private"} <= set(kept)  # a public picture is the same for all


def is_polite(response: HttpResponse) -> None:
    """您 and never 你, in what we write and in what our libraries write on our pages."""
    if response.get("Content-Type", "").startswith("text/") and not response.streaming:
        assert "你" not in unescape(response.getvalue().decode())


def says_how_to_go_on(response: HttpResponse) -> None:
    """No 405 is empty."""
    if response.status_code == 405:
        assert "这个地址不能这样打开" in response.text
        assert response["Allow"]
        assert int(response["Content-Length"]) == len(response.content)
