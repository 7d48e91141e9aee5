"""The addresses of the officer's side of bookings; `programme` is published by `cast.district` (tests/bookings/rows.py)."""

from tests.bookings.rows import IN_DISTRICT, MANAGING, UNION_AND_ABOVE
from tests.rows import act, form, page
from tests.world import ABOVE, APPROVED, OFFICERS, SUPERIORS, Row

OFFERED = {"officer", "neighbour_officer"}
NO_OFFICERS = SUPERIORS | (OFFICERS - APPROVED)

ROWS: list[Row] = [
    *page("bookings:offers", "", {200: OFFICERS, 302: SUPERIORS}),
    *page("bookings:offer", "programme", {200: OFFERED, 302: IN_DISTRICT}),
    *page("bookings:fit", "programme", {200: OFFERED, 403: IN_DISTRICT}),
    *act(
        "bookings:book", "programme", {302: OFFERED, 403: SUPERIORS | (OFFICERS - APPROVED)}, changes=set()
    ),  # nobody is ticked
    *form(
        "bookings:workbook",
        "programme",
        {200: OFFERED, 403: IN_DISTRICT},
        {422: OFFERED, 403: IN_DISTRICT},
    ),
    *page("bookings:workbook_template", "", {200: SUPERIORS | OFFICERS, 403: {"claimant"}}),
    *page("bookings:booked", "", {200: SUPERIORS | OFFICERS}),
    *page("bookings:booking", "booking", {200: UNION_AND_ABOVE}, changes=ABOVE),
    *act("bookings:withdraw", "booking", {409: UNION_AND_ABOVE}),
    *act("bookings:change", "booking", {409: UNION_AND_ABOVE}),
    *form("bookings:substitute", "place", {200: {"officer"}, 403: ABOVE}, {422: {"officer"}, 403: ABOVE}),
    *form("bookings:contest", "place", {200: {"officer"}, 403: ABOVE}, {422: {"officer"}, 403: ABOVE}),
    *act("bookings:answer", "offer", {302: {"officer"}, 409: ABOVE}, data={"decline": "1"}),
    *form("bookings:self_check_choose", "checkup", {200: OFFERED, 403: NO_OFFICERS}, {422: OFFERED, 403: NO_OFFICERS}),
    *form(
        "bookings:self_check_send",
        "to_check",
        {200: {"officer"}, 403: NO_OFFICERS},
        {422: {"officer"}, 403: NO_OFFICERS},
    ),
    *page("bookings:self_checks", "", {200: OFFICERS, 403: SUPERIORS}),
    *act("bookings:self_check_withdraw", "self_check", {302: {"officer"}, 403: MANAGING}),
    *act("bookings:self_check_again", "refused_self_check", {302: {"officer"}, 403: MANAGING}),
    *page("bookings:ledger", "", {200: OFFICERS, 403: SUPERIORS}),
    *page("bookings:record", "member", {200: {"officer"}, 403: SUPERIORS}),
]
