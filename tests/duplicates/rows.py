"""The addresses of look-alikes: `pair` is of two records in `cast.union`, `asked_merge` waits for `cast.far`."""

from tests.rows import act, page
from tests.world import ABOVE, APPROVED, SUPERIORS, Row

SEEN = ABOVE | {"officer"}
WORKING = SEEN - {"viewer"}

ROWS: list[Row] = [
    *page("duplicates:list", "", {200: SUPERIORS | APPROVED}, given="pair"),
    *page("duplicates:pair", "pair", {200: SEEN}),
    *page("duplicates:pair", "merged_pair", {200: SEEN}, changes=SEEN),
    *act("duplicates:reveal", "pair", {200: WORKING, 409: {"viewer"}}, changes=WORKING),
    *act("duplicates:act", "dismissed_pair", {302: WORKING, 409: {"viewer"}}, data={"do": "reopen"}),
    *act("duplicates:act", "merged_pair", {302: WORKING, 409: {"viewer"}}, data={"do": "undo"}),
    *page("duplicates:pair", "silent_pair", {200: {"platform_admin"}}),
    *act("duplicates:act", "silent_pair", {302: {"platform_admin"}}, data={"do": "decide", "answer": "agree"}),
    *page("duplicates:asked", "", {200: APPROVED}, given="asked_merge", changes={"far_officer"}),
    Row("duplicates:consent", "get", {200: {"far_officer"}}, "asked_merge", changes={"far_officer"}),
    Row("duplicates:consent", "post", {405: SUPERIORS | APPROVED | {"newcomer", "claimant"}}, "asked_merge"),
    *act("duplicates:answer", "asked_merge", {302: {"far_officer"}}, data={"answer": "agree"}),
]
