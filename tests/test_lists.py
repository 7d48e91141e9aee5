"""Lists ask the database as often for many rows as for few: those whose app has no such test of its own."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.imports.models import Batch, ImportState
from gonghui.kit.sealing import purpose
from gonghui.notices.actions import send_mail
from tests.people import Cast


def more_mail(cast: Cast, count: int) -> str:
    for number in range(count):
        send_mail("officer@example.test", f"第 {number} 封", "正文")
    return reverse("demo_mail")


def more_imports(cast: Cast, count: int) -> str:
    for number in range(count):
        make_batch(cast, number)
    return reverse("imports:upload", args=["members"])


def progress_of_more_imports(cast: Cast, count: int) -> str:
    more_imports(cast, count)
    return reverse("imports:progress", args=["members"])


def more_problems(cast: Cast, count: int) -> str:
    return reverse("imports:batch", args=[make_batch(cast, count).pk])


def make_batch(cast: Cast, problems: int) -> Batch:
    told = [[row, "mobile", "移动电话", "1", "不是手机号码", "请填写 11 位手机号码"] for row in range(2, problems + 2)]
    owner = uuid4()
    return Batch.objects.create(
        kind="members",
        union=cast.union,
        state=ImportState.INVALID,
        filename="会员.xlsx",
        problem_count=problems,
        seal_id=owner,
        problems_sealed=purpose(Batch, "problems_sealed").seal(json.dumps(told), owner),
        uploaded_by=cast.officer,
    )


@pytest.mark.parametrize("make", [more_mail, more_imports, progress_of_more_imports, more_problems])
def test_queries_do_not_grow_with_the_rows(client, cast, make: Callable[[Cast, int], str]):
    client.force_login(cast.officer)
    counts = []
    for rows in (10, 100):
        address = make(cast, rows)
        client.get(address)  # the session's own upkeep is done
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{address}?size=100").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
