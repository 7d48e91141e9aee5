"""Sample result files of a card maker, for the demo and the tests: invented card numbers, a failure now and then."""

import hashlib
from collections.abc import Iterator

from django.utils.timezone import localdate
from stdnum import luhn

from gonghui.cards.makers import Outcome, maker_of
from gonghui.cards.models import Line, Order
from gonghui.cards.states import MAKING, LineState

PREFIX = "999901"
"""No issuer's prefix: ISO/IEC 7812 reserves 9 for national use, and China does not use 99."""

FAILURES = (("E01", "证件信息核查不一致"), ("E07", "手机号码已被他人使用"))


def card_number(seed: str) -> str:
    """Returns an invented number of 19 digits with a right check digit."""
    body = PREFIX + f"{int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 10**12:012}"
    return body + luhn.calc_check_digit(body)


def number_in(order: Order, sequence: int) -> str:
    """Returns the number of the card that the sample makes for a line."""
    return card_number(f"{order.pk}.{sequence}")


def sample_results(order: Order, *, failing: int = 25) -> bytes:
    """Returns results for every line that still waits; each ``failing``-th fails."""
    return maker_of(order.maker).write_results(order.number, localdate(), _outcomes(order, failing))


def _outcomes(order: Order, failing: int) -> Iterator[Outcome]:
    lines = Line.objects.filter(order=order, state=LineState.AWAITED).order_by("sequence")
    for line in lines.select_related("application__member", "application__card").iterator(chunk_size=1_000):
        sequence, member, card = line.sequence or 0, line.application.member, line.application.card
        if failing and sequence % failing == 0:
            yield Outcome(0, sequence, member.number, "", *FAILURES[sequence // failing % len(FAILURES)])
        elif order.purpose in MAKING or card is None:
            yield Outcome(0, sequence, member.number, number_in(order, sequence))
        else:
            yield Outcome(0, sequence, member.number, card.number)
