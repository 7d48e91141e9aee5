"""Logs hold no personal data, and nobody slows them down by what is sent (SPEC 7.2)."""

import json
import re
import subprocess
import sys
import time

import pytest

from gonghui.kit.logs import scrub

SECONDS = 20
"""For what takes some hundredths of one; with time in the square of the length it would be minutes."""


def logged(value: object, key: str = "event") -> object:
    return scrub(None, "info", {key: value})[key]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("手机 19900001234 已登记", "手机 *** 已登记"),
        ("证件 31011019900101006X 有误", "证件 *** 有误"),
        ("卡号 9999011234567890123", "卡号 ***"),
        ("给 zhang.san+1@mail.example.test 的信", "给 ***@*** 的信"),
        ("GET /accounts/reset/key/MQ-abc/", "GET /accounts/reset/key/***/"),
        ("GET /members/?q=secret&page=2", "GET /members/?***"),
    ],
)
def test_personal_data_is_blotted_out(text, kept):
    assert logged(text) == kept


@pytest.mark.parametrize(
    "text", ["会员 0100000020", "共 2026112500 行", "5d0f0f9c-3a52-4b1e-9e86-123456789012", "a" * 64, "8.5 ms", "a@b"]
)
def test_what_is_no_personal_data_stays(text):
    assert logged(text) == text


def test_values_are_looked_at_at_any_depth_and_by_the_name_of_their_key():
    event = {"data": {"mobile": "x", "told": ["19900001234", {"leader": "y", "count": 3}]}}
    assert logged(event, "data") == {"data": {"mobile": "***", "told": ["***", {"leader": "***", "count": 3}]}}


@pytest.mark.parametrize("char", ["9", "a", "a.", "a@", "-", "9 ", "/?", "X"])
def test_a_long_line_takes_no_longer_than_its_length(char):
    began = time.monotonic()
    logged(char * (400_000 // len(char)))
    assert time.monotonic() - began < SECONDS


def test_a_line_is_one_line_of_json_with_its_time_in_utc(tmp_path):
    """Whatever is sent, it begins no line of its own (docs/security.md, V16)."""
    code = "from gonghui.kit import logs; import structlog; logs.configure('INFO'); structlog.get_logger('x').info(%r)"
    run = subprocess.run(
        [sys.executable, "-c", code % 'a"\n{"event": "forged"}'], capture_output=True, text=True, check=True
    )
    (line,) = run.stderr.splitlines()
    told = json.loads(line)
    assert told["event"] == 'a"\n{"event": "forged"}'
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", told["timestamp"])
