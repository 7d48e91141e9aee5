"""A street with hundreds of filings on its desk, in a running installation: each submitted by the action, by an officer of
its own. What became of them is read from the register. Everything is invented.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

from tests.stack import Demo, gonghui

STREET, EMAIL = "示例三百件街道工会", "sanbaijian@demo.test"
CHECKED_WITHIN = 300  # seconds; a busy machine is no bug


@dataclass(frozen=True)
class Outcome:
    """Of the street's filings: how many are approved, sent back, still wait; how many unions got their number."""

    approved: int
    refused: int
    waiting: int
    numbered: int


def submit(demo: Demo, *, clean: int, doubtful: int) -> None:
    """Let so many filings wait that no check doubts, and so many that are in no register; the worker has checked them."""
    _run(demo, f"submit_here({clean}, {doubtful})")


def outcome(demo: Demo) -> Outcome:
    return Outcome(**json.loads(_run(demo, "outcome_here()")))


def _run(demo: Demo, call: str) -> str:
    code = f"from tests import many_filings; many_filings.{call}"
    done = gonghui("manage", "shell", "--no-imports", "-c", code, env=demo.env | {"GONGHUI_DEMO": "1"})
    assert done.returncode == 0, done.stderr
    return done.stdout


# In a process of the installation's settings


def submit_here(clean: int, doubtful: int) -> None:
    from gonghui.reviews.models import Review
    from gonghui.unions.levels import UnionKind
    from gonghui.unions.models import Union
    from tests.factories import make_union, make_user

    district = Union.objects.get(name="杨浦区总工会")
    street = make_union(UnionKind.STREET, district, name=STREET)
    make_user(street, email=EMAIL, name="沈三百")
    for number in range(clean + doubtful):
        _submit_one(street, number, registered=number < clean)
    waiting = Review.objects.filter(steps__superior=street)
    deadline = time.monotonic() + CHECKED_WITHIN
    while waiting.filter(doubts=None).exists():
        assert time.monotonic() < deadline, "the worker checks nothing"
        time.sleep(0.2)
    doubts = Counter(bool(doubts) for doubts in waiting.values_list("doubts", flat=True))
    assert doubts == Counter({False: clean, True: doubtful}), doubts


def _submit_one(street: Any, number: int, *, registered: bool) -> None:
    from gonghui.filings.filing.actions import submit_filing
    from gonghui.unions.levels import UnionKind
    from gonghui.unions.models import RegisteredEmployer
    from tests.factories import make_union, make_user, org_code
    from tests.filings.stories import values

    name, code = f"上海示例三百{number:03}贸易有限公司", org_code(2_000_000 + number)
    union = make_union(UnionKind.GRASSROOTS, None, name=name)
    if registered:
        RegisteredEmployer.objects.create(name=name, code=code)
    cast = SimpleNamespace(street=street, district=street.superior)
    filled = values(cast) | {"employer_name": name, "name": f"{name}工会", "code": code}
    officer = make_user(union, email=f"sanbai{number}@demo.test")
    submit_filing(union, entrance="district", values=filled, by=officer)


def outcome_here() -> None:
    from gonghui.reviews.models import Review, ReviewState
    from gonghui.unions.models import Union

    states = Counter(Review.objects.filter(steps__superior__name=STREET).values_list("state", flat=True))
    numbered = Union.objects.filter(superior__name=STREET, state="approved").exclude(number=None).count()
    counts = (states[state] for state in (ReviewState.APPROVED, ReviewState.REFUSED, ReviewState.PENDING))
    sys.stdout.write(json.dumps(asdict(Outcome(*counts, numbered))))
