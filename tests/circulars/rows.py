"""Rows of the table of `test_scope`: `circular` was sent by `cast.district`, `draft_circular` is its draft."""

from tests.rows import act, form, page
from tests.world import OFFICERS, SUPERIORS, Row

SENDERS = {"district_admin"}
REACHED = {"reviewer", "viewer", "other_reviewer", "officer", "neighbour_officer"}
SEEN = REACHED | SENDERS | {"platform_admin"}
ADMINS = SUPERIORS - {"viewer"}

ROWS = [
    *page("circulars:received", "", {200: (SUPERIORS | OFFICERS) - {"platform_admin"}, 302: {"platform_admin"}}),
    *page("circulars:sent", "", {200: SUPERIORS}),
    *form("circulars:create", "", {200: ADMINS}, {422: ADMINS}),
    *form("circulars:edit", "draft_circular", {200: SENDERS}, {422: SENDERS}),
    *page("circulars:circular", "circular", {200: SEEN}, changes=REACHED),
    Row("circulars:circular", "get", {200: SEEN}, of="recalled_circular"),
    *act("circulars:act", "draft_circular", {302: SENDERS}, data={"do": "send", "version": "1"}),
    *form("circulars:recall", "circular", {200: SENDERS}, {422: SENDERS}),
    *act("circulars:confirm", "circular", {302: REACHED - {"viewer"}, 409: {"viewer"}}),
    *page("circulars:receipts", "circular", {200: SEEN - {"officer", "neighbour_officer"}}),
]
