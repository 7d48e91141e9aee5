"""Rows of the table of `test_scope`: the things are those of `YearbookThings`."""

from tests.rows import act, form, page
from tests.world import ABOVE, NEIGHBOURS_ABOVE, SUPERIORS, Row

CITY = {"platform_admin"}

ROWS = [
    *page("yearbooks:list", "", {200: SUPERIORS}, given="sheet"),
    *form("yearbooks:create", "", {200: CITY}, {422: CITY}),
    *form("yearbooks:edit", "draft_yearbook", {200: CITY}, {422: CITY}),
    *page("yearbooks:table", "yearbook", {200: SUPERIORS}),
    Row("yearbooks:table", "get", {200: CITY}, of="draft_yearbook"),
    *act("yearbooks:open", "draft_yearbook", {302: CITY}, data={"version": "1"}),
    *page("yearbooks:sheet", "sheet", {200: ABOVE}),
    Row("yearbooks:sheet", "get", {200: NEIGHBOURS_ABOVE}, of="signed_sheet"),
    Row("yearbooks:sheet", "get", {200: {"platform_admin", "bureau_admin", "company_reviewer"}}, of="returned_sheet"),
    *form("yearbooks:fill", "sheet", {200: {"reviewer"}}, {422: {"reviewer"}}),
    *act("yearbooks:sign", "sheet", {302: {"reviewer"}, 409: ABOVE - {"reviewer"}}, data={"version": "2"}),
    *form("yearbooks:send_back", "signed_sheet", {200: {"district_admin"}}, {422: {"district_admin"}}),
    *act("yearbooks:workbook", "signed_sheet", {200: NEIGHBOURS_ABOVE}, changes=NEIGHBOURS_ABOVE),
]
