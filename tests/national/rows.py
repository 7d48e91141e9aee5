"""The addresses of the national forms (tests/addresses.py); the export is of `cast.union`."""

from tests.rows import act, form, page
from tests.world import ABOVE, ADMINS, APPROVED, SUPERIORS, Row

UNION_AND_ABOVE = ABOVE | {"officer"}

ROWS: list[Row] = [
    *page("national:home", "", {200: SUPERIORS | APPROVED}),
    *page("national:union", "union", {200: UNION_AND_ABOVE}),
    *page("national:members", "union", {200: UNION_AND_ABOVE}),
    *page("national:exports", "", {200: ADMINS | APPROVED}),
    *form("national:ask", "national_form", {200: ADMINS | APPROVED}, {422: ADMINS | APPROVED}),
    *page("national:export", "national_export", {200: {"officer"}}),
    *act("national:download", "national_file", {200: {"officer"}}, changes={"officer"}),
    *act("national:mark", "national_export", {302: {"officer"}}),
]
