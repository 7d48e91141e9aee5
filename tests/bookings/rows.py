"""The addresses of bookings: what each of the cast gets (tests/addresses.py).

`programme` is published by `cast.district`, whose administrator manages it; `draft_programme` is its draft.
"""

from tests.rows import act, form, page, public
from tests.world import ABOVE, OFFICERS, SUPERIORS, Row

UNION_AND_ABOVE = ABOVE | {"officer"}
PUBLISHERS = {"platform_admin", "district_admin", "bureau_admin"}
MANAGING = {"district_admin"}
LOOKING_ON = (ABOVE | {"other_reviewer"}) - MANAGING
IN_DISTRICT = MANAGING | LOOKING_ON


def managed_form(name: str, of: str) -> list[Row]:
    """A form of the publisher's, about a programme that others see."""
    return form(name, of, {200: MANAGING, 403: LOOKING_ON}, {422: MANAGING, 403: LOOKING_ON})


ROWS: list[Row] = [
    *page("bookings:programmes", "", {200: SUPERIORS, 302: OFFICERS}),
    *form("bookings:create", "", {200: PUBLISHERS, 404: {"claimant"}}, {422: PUBLISHERS, 404: {"claimant"}}, rest=403),
    *page("bookings:programme", "programme", {200: IN_DISTRICT, 302: {"officer", "neighbour_officer"}}),
    *managed_form("bookings:edit", "programme"),
    *managed_form("bookings:venue_add", "programme"),
    *managed_form("bookings:venue_edit", "venue"),
    *act("bookings:venue_remove", "venue", {409: MANAGING, 403: LOOKING_ON}),
    *managed_form("bookings:package_add", "programme"),
    *managed_form("bookings:package_edit", "package"),
    *form("bookings:check", "draft_programme", {200: MANAGING}, {422: MANAGING}),
    Row("bookings:survey", "get", {302: MANAGING}, "draft_programme"),
    Row("bookings:survey", "post", {302: MANAGING}, "draft_programme", changes=MANAGING),
    *managed_form("bookings:cancel", "programme"),
    *page("bookings:sessions", "programme", {200: IN_DISTRICT}),
    *page("bookings:session", "session", {200: IN_DISTRICT}),
    *managed_form("bookings:session_add", "venue"),
    *managed_form("bookings:session_edit", "session"),
    *managed_form("bookings:session_capacity", "session"),
    *managed_form("bookings:share_add", "session"),
    *managed_form("bookings:places_move", "session"),
    *managed_form("bookings:session_cancel", "session"),
    *page("bookings:people", "programme", {200: MANAGING, 403: LOOKING_ON}, given="place", changes=MANAGING),
    *act("bookings:mark", "programme", {409: MANAGING, 403: LOOKING_ON}),
    *managed_form("bookings:roster_export", "programme"),
    *managed_form("bookings:insurance", "programme"),
    *page("bookings:sign_in_sheet", "programme", {200: MANAGING, 403: LOOKING_ON}, given="place", changes=MANAGING),
    Row("bookings:sign_in", "get", {200: MANAGING, 403: LOOKING_ON}, "sign_in_code", changes=MANAGING),
    Row("bookings:sign_in", "post", {302: MANAGING, 403: LOOKING_ON}, "sign_in_code", changes=MANAGING),
    *page("bookings:providers", "", {200: PUBLISHERS, 403: SUPERIORS - PUBLISHERS}),
    *page("bookings:pictures", "programme", {200: MANAGING, 403: LOOKING_ON}),
    *managed_form("bookings:picture_add", "programme"),
    *managed_form("bookings:picture_edit", "programme_picture"),
    *act("bookings:picture_move", "programme_picture", {302: MANAGING, 403: LOOKING_ON}, changes=set()),  # nowhere
    Row("bookings:picture_remove", "get", {200: MANAGING, 403: LOOKING_ON}, "programme_picture"),
    Row("bookings:picture_remove", "post", {302: MANAGING, 403: LOOKING_ON}, "programme_picture", changes=MANAGING),
    *page("bookings:picture", "programme_rendition", {200: IN_DISTRICT | {"officer", "neighbour_officer"}}),
    *managed_form("bookings:document_add", "programme"),
    Row("bookings:document_remove", "get", {200: MANAGING, 403: LOOKING_ON}, "programme_document"),
    Row("bookings:document_remove", "post", {302: MANAGING, 403: LOOKING_ON}, "programme_document", changes=MANAGING),
    *page("bookings:document", "programme_document", {200: IN_DISTRICT | {"officer", "neighbour_officer"}}),
    *form(
        "bookings:provider_create",
        "",
        {200: PUBLISHERS, 403: SUPERIORS - PUBLISHERS},
        {422: PUBLISHERS, 403: SUPERIORS - PUBLISHERS},
    ),
    *act("bookings:provider_change", "provider_account", {302: MANAGING}),
    Row("bookings:provider_reset", "get", {200: MANAGING}, "provider_account"),
    Row("bookings:provider_reset", "post", {302: MANAGING}, "provider_account", changes=MANAGING),
    *page("bookings:roster", "", {}),  # tests/bookings/providers/test_views.py asks as a provider
    *act("bookings:roster_mark", "", {}),
    *page("bookings:calendar", "booking", {200: UNION_AND_ABOVE}),
    *page("bookings:contests", "", {200: PUBLISHERS, 403: SUPERIORS - PUBLISHERS}),
    *managed_form("bookings:contest_decide", "contest"),
    *page(
        "bookings:self_check_desk",
        "",
        {200: PUBLISHERS, 403: SUPERIORS - PUBLISHERS},
        given="self_check",
        changes=MANAGING,
    ),
    Row("bookings:self_check", "get", {200: MANAGING | {"officer"}}, "self_check", changes=MANAGING),
    Row(
        "bookings:self_check",
        "post",
        {422: MANAGING, 403: {"officer"}},
        "self_check",
        data={"sent": "yes"},
        changes=MANAGING,
    ),
    *public("bookings:draw", post=405, of="drawn_programme"),
    *public("bookings:draw_list", post=405, of="drawn_programme"),
    *act("bookings:draw_run", "drawn_programme", {409: MANAGING, 403: LOOKING_ON}),
    *page("bookings:report", "", {200: SUPERIORS}),
    *act("bookings:report_export", "", {200: SUPERIORS}, changes=SUPERIORS),
    *page("bookings:never", "", {200: SUPERIORS}, given="member", changes=ABOVE),
    *act("bookings:never_export", "", {200: ABOVE, 409: SUPERIORS - ABOVE}, given="member", changes=ABOVE),
]
