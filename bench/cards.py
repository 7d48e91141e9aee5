"""A production order of 50,000 members through the card maker's file and back, against one of 5,000 and a raw COPY.

Each step runs in a process of its own, so that its peak of memory is its own. Exits with 1 when the larger order takes more
than 1.5 times as long a member, or more than 1.25 times the memory.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from register import CAST, STRANGERS, Register, approved_unions, opened, parser

FEW, MANY = 5_000, 50_000
A_BATCH = 2_000
STEPS = ("build", "export", "check", "process")
TURNS = {"build": 1, "export": 3, "check": 3, "process": 1, "sample": 1}
"""What takes a fraction of a second is done three times, and the median counts."""
SLOWER, LARGER = 1.5, 1.25


def main() -> int:
    """Fill, measure, print."""
    asked = parser(members=100_000)
    asked.add_argument(
        "--orders", type=int, nargs=2, default=(FEW, MANY), help="members of the two orders (5000 50000)"
    )
    options = asked.parse_args()
    fewer, more = options.orders
    with opened(options) as register:
        few, many = _order(register, fewer, 0), _order(register, more, fewer)
        told = {order: [_measured(step, order) for step in STEPS] for order in (few, many)}
        copy = statistics.median(_copy(register) for _ in range(3))
    print(f"raw COPY of {fewer + more:,} cards with their indexes: {copy / (fewer + more) * 1e6:.0f} us a card (= 1)")
    bad = 0
    for place, step in enumerate(STEPS):
        small, large = told[few][place], told[many][place]
        each = [one["seconds"] / size * 1e6 for one, size in ((small, fewer), (large, more))]
        reference = copy / (fewer + more) * 1e6
        slower, larger = each[1] / each[0], large["peak"] / small["peak"]
        bad += slower > SLOWER or larger > LARGER
        print(
            f"{step:7} {more:,}: {large['seconds']:.1f} s, {each[1]:.0f} us a member ({each[1] / reference:.1f}), "
            f"{large['peak']:.0f} MB; {fewer:,}: {each[0]:.0f} us, {small['peak']:.0f} MB; "
            f"a member {slower:.2f} x, memory {larger:.2f} x"
        )
    return int(bad > 0)


def _order(register: Register, people: int, after: int) -> int:
    """An order gathered of approved batches of many unions."""
    from django.db import transaction

    from gonghui.cards.orders import actions as orders
    from gonghui.policies.actions import set_policy

    city = register.cast.platform_admin  # who sends the files without a second person here
    set_policy(city.union, {"export_alone_rows": 100_000}, by=city)
    unions = [*islice(cycle(approved_unions()), bool(after) * 100, bool(after) * 100 + 100)]
    with transaction.atomic():
        batches = [
            _batch(register.cast, unions[start // A_BATCH], min(A_BATCH, people - start), after + start)
            for start in range(0, people, A_BATCH)
        ]
        return orders.gather("new", foreign=False, batches=batches, by=city).pk


def _batch(cast: Any, union: Any, people: int, after: int) -> int:
    from gonghui.cards.applications.preflight import seen
    from gonghui.cards.models import Application, Batch
    from gonghui.kit.invent import invent_person
    from gonghui.members.encryption import to_columns
    from gonghui.members.models import Member
    from gonghui.members.validation import document_key, validate_member

    members = []
    for seed in range(after, after + people):
        person = invent_person(STRANGERS + 35_000_000 + seed)
        raw = {
            "name": "王小明",
            "document_number": person.resident_id,
            "address": person.address,
            "mobile": person.mobile,
        }
        values, problems = validate_member(raw)
        if values is None:
            raise ValueError(problems)
        key = document_key(values.document_type, values.document_number)
        members.append(
            Member(
                number=f"{8_000_000_000 + seed}",
                union=union,
                document_hash=key,
                **to_columns(values._asdict(), uuid4()),
            )
        )
    Member.objects.bulk_create(members, batch_size=1_000)
    code = f"{after:08}0"
    batch = Batch.objects.create(union=union, count=people, code=code, created_by=cast.officer)
    Application.objects.bulk_create(
        (
            Application(batch=batch, member=member, purpose="new", printed_name=member.name, seen=seen(member))
            for member in members
        ),
        batch_size=1_000,
    )
    for rows in (Batch.objects.filter(pk=batch.pk), Application.objects.filter(batch=batch)):
        rows.update(state="approved")
    return batch.pk


def _measured(step: str, order: int) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, step, str(order)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _step(step: str, order_id: int) -> None:
    """In the process of its own: one step, its seconds and its peak in MB."""
    from gonghui.config import database
    from gonghui.config.environment import read

    database.ensure(read())
    import django

    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile

    from gonghui.accounts.models import User
    from gonghui.cards.models import Order, ResultFile
    from gonghui.cards.orders import actions as orders
    from gonghui.cards.orders import results
    from gonghui.cards.orders.sample import sample_results

    by = User.objects.select_related("union").get(email=CAST["platform_admin"])
    order = Order.objects.get(pk=order_id)
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"gonghui-results-{order_id}.txt"  # noqa: S108 (invented numbers)
    if step == "check":  # the card maker's work is not ours to measure
        path.write_bytes(
            subprocess.run(
                [sys.executable, __file__, "sample", str(order_id)], check=True, stdout=subprocess.PIPE
            ).stdout
        )
    acts: dict[str, Callable[[], object]] = {
        "build": lambda: orders.build(order.pk),
        "export": lambda: sum(map(len, orders.export_order(order, by=by).parts.contents())),
        "check": lambda: results.upload_results(order, SimpleUploadedFile(path.name, path.read_bytes()), by=by),
        "process": lambda: results.process(ResultFile.objects.get(order=order).pk),
        "sample": lambda: sys.stdout.buffer.write(sample_results(order)),
    }
    took = statistics.median(_timed(acts[step], last=turn == TURNS[step] - 1) for turn in range(TURNS[step]))
    if step == "process":
        path.unlink()
    if step != "sample":
        print(json.dumps({"seconds": took, "peak": _peak()}))


def _timed(act: Callable[[], object], *, last: bool) -> float:
    """Seconds of an act in a transaction, which only the last turn keeps."""
    from django.db import transaction

    started = time.perf_counter()
    with transaction.atomic():
        act()
        took = time.perf_counter() - started
        transaction.set_rollback(not last)
    return took


def _peak() -> float:
    """The process's own, in MB; what `resource` tells holds the parent's of before the start."""
    found = re.search(r"VmHWM:\s+([0-9]+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _copy(register: Register) -> float:
    """The finished cards into a copy of their table with its indexes."""
    with psycopg.connect(register.owner_url, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS copied; CREATE TABLE copied (LIKE cards_card INCLUDING ALL)")
        with owner.cursor().copy("COPY cards_card TO STDOUT") as out:
            data = b"".join(bytes(part) for part in out)
        started = time.perf_counter()
        with owner.cursor().copy("COPY copied FROM STDIN") as into:
            into.write(data)
        return time.perf_counter() - started


if __name__ == "__main__":
    arguments: Sequence[str] = sys.argv[1:]
    if arguments[:1] and arguments[0] in (*STEPS, "sample"):
        _step(arguments[0], int(arguments[1]))
    else:
        sys.exit(main())
