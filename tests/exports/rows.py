"""The addresses of exports (tests/addresses.py); each export is of `cast.union`."""

from tests.rows import act, page
from tests.world import ABOVE, OFFICERS, SUPERIORS, Row

UNION_AND_ABOVE = (ABOVE | {"officer"}) - {"viewer"}

ROWS: list[Row] = [
    *page("exports:list", "", {200: SUPERIORS | OFFICERS}),
    *page("exports:export", "pending_export", {200: UNION_AND_ABOVE}),
    *page("exports:export", "ready_export", {200: UNION_AND_ABOVE}),
    *act(
        "exports:decide", "pending_export", {302: {"reviewer"}, 422: UNION_AND_ABOVE - {"reviewer"}},
        data={"do": "approve", "rows": "2"},
    ),
    *act("exports:recall", "pending_export", {302: UNION_AND_ABOVE}, data={"reason": "用错了条件"}),
    *act("exports:fetch", "ready_export", {200: {"officer"}, 409: UNION_AND_ABOVE - {"officer"}}, changes={"officer"}),
]  # fmt: skip
