"""Every address: what each of the cast gets there by GET and by POST, and who changes anything by it."""

from django.utils.timezone import localdate

from tests.bookings import officer_rows as officers_bookings
from tests.bookings import rows as bookings
from tests.circulars import rows as circulars
from tests.duplicates import rows as duplicates
from tests.exports import rows as exports
from tests.national import rows as national
from tests.publishing import rows as publishing
from tests.registers import rows as registers
from tests.rows import act, for_guests, form, own, page, public
from tests.statistics import rows as statistics
from tests.superiors import rows as superiors
from tests.world import (
    ABOVE,
    ADMINS,
    APPROVED,
    EVERYBODY,
    NEIGHBOURS_ABOVE,
    NOBODY,
    NOT_ADMINS,
    OFFICERS,
    SIGNED_IN,
    SUPERIORS,
    Row,
)
from tests.yearbooks import rows as yearbooks

UNION_AND_ABOVE = ABOVE | {"officer"}
IN_DISTRICT = ABOVE | {"other_reviewer"}

TABLE: list[Row] = [
    # The portal
    *public("portal"),
    *public("section", post=405, of="section"),
    *public("article", post=405, of="news"),
    *public("feed", post=405, of="section"),
    *public("local", post=405, of="local"),
    *public("local_article", post=405, of="local_news"),
    *public("local_feed", post=405, of="local"),
    *public("search", post=405),
    *public("preview", post=405, of="preview"),
    *public("picture", post=405, of="rendition"),
    Row("download", "get", {200: EVERYBODY}, "published_file", changes=EVERYBODY),  # it is counted
    Row("download", "post", {405: EVERYBODY}, "published_file"),
    *public("view", get=405, post=302),
    *public("platform"),
    *public("help"),
    *public("privacy", post=405),
    *public("downloads", post=405),
    *public("manual", post=405),
    *public("manual_chapter", post=405, of="chapter"),
    *public("manual_whole", post=405),
    *public("manual_file", post=405),
    *public("demo_mail"),
    *public("healthz"),
    *public("readyz", 503, 503),  # no worker runs here
    *own("home"),
    *form("find", "", {200: SIGNED_IN}, {302: SIGNED_IN}),
    *act("find_suggest", "", {200: SIGNED_IN}),
    *publishing.TABLE,
    # One's own account: allauth's pages by the rule that each follows
    *for_guests("account_login"),
    *for_guests("account_signup"),
    Row("account_logout", "get", {200: SIGNED_IN, 302: {NOBODY}}),
    Row("account_logout", "post", {302: EVERYBODY}, changes=SIGNED_IN),
    *public("account_inactive", post=405),
    *public("account_email_verification_sent", post=405),
    *public("account_confirm_email", post=404, of="no_key"),
    *public("account_reset_password"),
    *public("account_reset_password_done", post=405),
    *public("account_reset_password_from_key", of="no_link"),
    *public("account_reset_password_from_key_done", post=405),
    *own("account_reauthenticate"),
    *own("account_email", post=302),
    *own("account_change_password"),
    *own("usersessions_list", post=302),
    *own("mfa_index", post=405),
    *own("mfa_authenticate", 302, 302),
    *own("mfa_reauthenticate", 302, 302),
    *own("mfa_activate_totp", 302, 302),  # asks for the password again
    *own("mfa_deactivate_totp", 404, 404),  # not set up
    *own("mfa_view_recovery_codes", 404, 405),
    *own("mfa_generate_recovery_codes", 302, 302),
    *own("mfa_download_recovery_codes", 404, 404),
    # Accounts
    *own("accounts:settings"),
    *own("accounts:privacy", post=422),
    *act("accounts:stay", "", {204: SIGNED_IN}),
    *act("accounts:kept_form", "", {410: SIGNED_IN}),
    *[Row("accounts:resend_verification", "get", {405: EVERYBODY})],
    *[Row("accounts:resend_verification", "post", {409: EVERYBODY})],  # without an address
    *[Row("accounts:send_device_link", "get", {405: EVERYBODY})],
    *[Row("accounts:send_device_link", "post", {409: EVERYBODY})],  # likewise
    *public("accounts:device", get=410, post=410, of="no_token"),
    *[Row("accounts:list", method, {200: ADMINS}, rest=403) for method in ("get", "post")],
    *form("accounts:create", "", {200: ADMINS}, {422: ADMINS}, rest=403),
    *page("accounts:account", "account", {200: {"reviewer"}, 404: ADMINS - {"reviewer"}, 403: NOT_ADMINS}),
    *act("accounts:roles", "account", {422: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    *form(
        "accounts:hand_over", "account",
        {200: {"reviewer"}, 404: ADMINS - {"reviewer"}}, {422: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403,
    ),
    *act("accounts:reset", "account", {302: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    *page("accounts:officers", "union", {200: {"reviewer"}, 403: {"viewer"}}),
    *act("accounts:disable", "account", {302: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    *act("accounts:enable", "account", {409: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    *act("accounts:invite", "account", {409: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    # Filings
    *page("filings:own", "", {200: OFFICERS}),
    *act("filings:reveal", "", {409: OFFICERS}),
    *form("filings:start", "", {200: {"newcomer"}, 302: APPROVED}, {200: {"newcomer"}, 302: APPROVED}),
    *page("filings:superiors", "", {}),
    *page("filings:union", "union", {200: ABOVE, 302: {"officer"}}),
    *act("filings:withdraw", "review", {302: {"newcomer"}}),
    *form("filings:amend", "", {200: APPROVED, 302: {"newcomer"}}, {422: APPROVED, 302: {"newcomer"}}),
    *form("filings:relocate", "", {200: APPROVED, 302: {"newcomer"}}, {409: APPROVED, 302: {"newcomer"}}),
    *page("filings:coverage", "", {200: OFFICERS}),
    *page("filings:union_coverage", "union", {200: ABOVE, 302: {"officer"}}),
    Row("filings:coverage_add", "get", {200: {"officer"}, 403: OFFICERS - {"officer"}}, given="covered"),
    Row("filings:coverage_add", "post", {422: {"officer"}, 403: OFFICERS - {"officer"}}, given="covered"),
    *form("filings:coverage_edit", "covered", {200: {"officer"}, 403: ABOVE}, {422: {"officer"}, 403: ABOVE}),
    *act("filings:coverage_remove", "covered", {302: {"officer"}, 403: ABOVE}),
    *act(
        "filings:coverage_export", "union", {200: UNION_AND_ABOVE}, given="covered", changes=UNION_AND_ABOVE,
    ),
    *form("filings:dissolve", "", {302: OFFICERS}, {302: OFFICERS}),
    *page("filings:heir", "", {200: OFFICERS}),
    *page("filings:dissolutions", "", {200: SUPERIORS}),
    *page("filings:deadlines", "", {200: SUPERIORS}),
    *act("filings:remind", "", {409: SUPERIORS}),
    *act("filings:deadlines_export", "", {409: SUPERIORS}),
    # of `cast.neighbour`, which is below the district, not below `cast.street`
    *page("filings:dissolution", "dissolution", {200: {*NEIGHBOURS_ABOVE, "neighbour_officer"}}),
    *act("filings:restore", "dissolution", {302: {"platform_admin"}}, data={"reason": "误操作"}),
    *form(
        "filings:register", "",
        {200: {"claimant"}, 302: SUPERIORS | OFFICERS}, {422: {"claimant"}, 302: SUPERIORS | OFFICERS},
    ),
    *public("filings:suggest", post=405),
    *act("filings:withdraw_claim", "claim", {302: {"claimant"}}),
    # Reviews: this one waits for `cast.street`
    *page("reviews:desk", "", {200: SUPERIORS}),
    *page("reviews:review", "review", {200: ABOVE | {"newcomer"}}),
    *act(
        "reviews:decide", "review",
        {302: {"reviewer"}, 409: ABOVE - {"reviewer"} | {"newcomer"}}, data={"decision": "refused", "opinion": "不全"},
    ),
    *act(
        "reviews:reveal", "correction", {200: {"reviewer"}, 409: ABOVE - {"reviewer"} | {"officer"}}, changes={"reviewer"},
    ),
    *act(
        "reviews:several", "", {302: {"reviewer"}, 409: SUPERIORS - {"reviewer"}}, given="review",
        data={"decision": "refused", "opinion": "不全", "step": "{step}", "sure": "1"}, changes={"reviewer"},
    ),
    *act(
        "reviews:export", "", {200: {"reviewer", "viewer"}, 409: SUPERIORS - {"reviewer", "viewer"}}, given="review",
        changes={"reviewer", "viewer"},
    ),
    *act("reviews:change_bulk", "bulk", {302: {"reviewer"}, 409: {"viewer"}}, data={"act": "take_back"}),
    *page("reviews:fit", "", {200: SUPERIORS}),
    *act("reviews:presence", "review", {200: ABOVE | {"newcomer"}}),
    *page("reviews:form", "review", {200: ABOVE | {"newcomer"}}),
    *page("reviews:below", "", {200: {"platform_admin", "district_admin", "bureau_admin"}}),
    *page("reviews:below_union", "street", {200: {"platform_admin", "district_admin"}}),
    *form("reviews:covers", "", {200: SUPERIORS}, {422: SUPERIORS}),
    *act("reviews:revoke_cover", "cover", {302: {"reviewer"}, 409: {"viewer"}}),
    *act("reviews:remove_phrase", "phrase", {302: {"reviewer"}}),
    # Attachments: this one goes along with the amendment of `cast.union`
    *act("attachments:add", "", {422: OFFICERS}, data={"kind": "relocation", "scan": "approval"}),
    *act("attachments:remove", "attachment", {422: ABOVE | {"officer"}}),
    *page("attachments:download", "attachment", {200: ABOVE | {"officer"}}, changes=ABOVE | {"officer"}),
    *act("attachments:remove", "draft_attachment", {200: {"officer"}}, changes={"officer"}),
    # Unions
    *page("unions:tree", "", {200: SUPERIORS}),
    *page("unions:node", "street", {200: {"platform_admin", "district_admin"}, 302: {"reviewer", "viewer"}}),
    # Policies: of `cast.district`; its administrator decides
    *page("policies:own", "", {302: SUPERIORS}),
    Row("policies:policy", "get", {200: {"platform_admin", "district_admin"}}, of="district"),
    Row(
        "policies:policy", "post", {302: {"district_admin"}, 409: {"platform_admin"}}, of="district",
        data={"transfer_days": "7"}, changes={"district_admin"},
    ),
    # The collected columns: the city decides, all superiors see
    *page("policies:columns", "", {200: SUPERIORS}, rest=403),
    *form("policies:columns_edit", "subject", {200: {"platform_admin"}}, {422: {"platform_admin"}}, rest=403),
    *page("policies:draft", "draft_policy", {200: {"platform_admin"}}),
    *act("policies:confirm", "draft_policy", {302: {"platform_admin"}}, changes={"platform_admin"}),
    *act("policies:withdraw", "draft_policy", {302: {"platform_admin"}}, changes={"platform_admin"}),
    # Code lists: of the city
    *page("codelists:index", "", {200: {"platform_admin"}}),
    Row("codelists:code_list", "get", {200: {"platform_admin"}}, of="code_list"),
    Row(
        "codelists:code_list", "post", {302: {"platform_admin"}}, of="code_list",
        data={"label": "境外", "since": "2099-01-01"}, changes={"platform_admin"},
    ),
    Row("codelists:code", "get", {200: {"platform_admin"}}, of="list_code"),
    Row(
        "codelists:code", "post", {302: {"platform_admin"}}, of="list_code",
        data={"act": "rename", "label": "农村", "version": "1"}, changes={"platform_admin"},
    ),
    # Members
    *form("members:list", "", {200: SIGNED_IN}, {302: SIGNED_IN}),
    Row("members:list", "get", {200: UNION_AND_ABOVE | {"newcomer", "claimant"}}, query="union"),
    *form("members:add", "", {200: APPROVED}, {422: APPROVED}, rest=403),
    *act("members:check", "", {200: SIGNED_IN}),
    *form("members:export", "", {200: SUPERIORS | OFFICERS, 403: {"claimant"}}, {422: SUPERIORS | OFFICERS, 403: {"claimant"}}),
    Row(
        "members:export", "post", {409: UNION_AND_ABOVE, 403: {"claimant"}}, query="union", data={"numbers": "masked"}
    ),
    Row("members:retention", "get", {302: APPROVED, 403: SUPERIORS | {"newcomer"}}),
    Row(
        "members:retention", "post", {302: APPROVED, 403: SUPERIORS | {"newcomer"}}, given="member",
        data={"member": "{member}", "way": "retain", "reason": "sick", "on": str(localdate())}, changes={"officer"},
    ),
    *page("members:fit", "", {200: APPROVED, 403: SUPERIORS | {"newcomer"}}, given="member"),
    *page("members:view", "member", {200: UNION_AND_ABOVE}),
    *page("members:versions", "member", {200: UNION_AND_ABOVE}),
    *page("members:looks", "member", {200: UNION_AND_ABOVE - {"viewer"}, 403: {"viewer"}}),
    *page("members:masked", "member", {302: UNION_AND_ABOVE}),
    *form(
        "members:edit", "member", {200: {"officer"}, 403: ABOVE}, {422: {"officer"}, 403: ABOVE}, opening={"officer"}
    ),
    *page("members:by_code", "", {200: APPROVED, 403: SUPERIORS | {"newcomer"}}),
    *act("members:by_code_start", "", {302: APPROVED, 403: SUPERIORS | {"newcomer"}},
         given="bound", data={"code": "{own_code}", "which": "chosen", "member": "{bound}"}),
    *page("members:by_code_progress", "", {200: APPROVED, 403: SUPERIORS | {"newcomer"}}),
    *act(
        "members:by_code_withdraw", "code_import",
        {302: {"officer"}, 403: SUPERIORS | {"newcomer"}},
    ),
    *act(
        "members:withdraw", "member", {302: {"officer"}, 409: ABOVE}, given="correction",
    ),
    *act(
        "members:reveal", "member",
        {200: UNION_AND_ABOVE - {"viewer"}, 409: {"viewer"}}, changes=UNION_AND_ABOVE - {"viewer"},
    ),
    # Inspections: a window of `cast.district` alone, so that bureau and company have nothing to do with it
    *page("inspections:home", "", {200: SUPERIORS | OFFICERS}),
    Row(
        "inspections:confirm", "get",
        {200: {"officer", "neighbour_officer"}, 302: {"far_officer", "newcomer"}}, given="window",
    ),
    Row(
        "inspections:confirm", "post", {302: {"officer"}, 409: {"neighbour_officer"}}, given="window",
        data={"window": "{window}", "version": "{version}", "checked": "1"}, changes={"officer"},
    ),
    *page("inspections:confirmation", "confirmation", {200: UNION_AND_ABOVE}),
    *act(
        "inspections:reopen", "confirmation",
        {302: {"platform_admin", "reviewer"}, 409: {"district_admin", "viewer", "officer"}}, data={"reason": "有误"},
    ),
    Row("inspections:members", "get", {200: SUPERIORS | OFFICERS}, given="members_window"),
    Row(
        "inspections:members", "post",
        {302: {"officer"}, 409: {"neighbour_officer", "far_officer"}, 200: SUPERIORS | {"newcomer"}}, given="members_window",
        data={"window": "{members_window}", "version": "{members_version}", "checked": "1"}, changes={"officer"},
    ),
    *page("inspections:doubtful", "finding", {200: OFFICERS}),
    *page("inspections:member_list", "members_confirmation", {200: UNION_AND_ABOVE}),
    *page("inspections:covered_list", "confirmation", {200: UNION_AND_ABOVE}, given="covered"),
    *act("inspections:export_members", "members_confirmation", {200: UNION_AND_ABOVE}, changes=UNION_AND_ABOVE),
    *page("inspections:windows", "", {200: SUPERIORS}),
    *form(
        "inspections:open", "", {200: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
        {422: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
    ),
    *page("inspections:completion", "window", {200: IN_DISTRICT}),
    Row("inspections:completion", "get", {200: {"platform_admin", "district_admin", "reviewer", "viewer"}}, "window", query="node"),
    *act("inspections:remind", "window", {302: IN_DISTRICT - {"viewer"}, 409: {"viewer"}}),
    *act("inspections:export", "window", {200: IN_DISTRICT}, changes=IN_DISTRICT),
    *form(
        "inspections:extend", "window", {200: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
        {422: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
    ),
    *form(
        "inspections:close", "window", {200: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
        {422: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
    ),
    # Transfers: for grassroots unions; `transfer` is asked of `cast.union` by `cast.neighbour`
    *page("transfers:list", "", {200: OFFICERS}),
    *page("transfers:incoming", "", {200: OFFICERS}),
    *page("transfers:view", "transfer", {200: {"officer", "neighbour_officer"}}),
    *act(
        "transfers:act", "", {302: {"officer", "neighbour_officer", "far_officer"}, 409: {"newcomer"}}, given="transfer",
        data={"transfer": "{transfer}", "act": "agree"}, changes={"officer"},
    ),
    *form("transfers:bring_in", "", {200: OFFICERS}, {422: OFFICERS}),
    *act("transfers:bring_in_one", "", {422: OFFICERS}),
    *public("transfers:template", post=405),
    # Cards: batches and cards of `cast.union`; orders are the city's
    *page("cards:list", "", {200: SUPERIORS | APPROVED}),
    Row("cards:add", "get", {200: {"officer"}, 302: APPROVED - {"officer"}}, given="card_code"),
    Row("cards:add", "post", {302: APPROVED}, data={"name": "王"}),
    *page("cards:fit", "", {200: APPROVED}, given="member"),
    *act(
        "cards:apply", "", {302: APPROVED}, given="applicant", data={"applicant": "{applicant}", "confirmed": "1"},
        changes={"officer"},
    ),
    Row(
        "cards:apply", "post", {200: {"officer"}, 302: APPROVED - {"officer"}}, given="applicant",
        data={"applicant": "{applicant}"},
    ),
    *act(
        "cards:pick", "", {200: {"officer"}, 302: APPROVED - {"officer"}}, given="applicant", data={"member": "{applicant}"},
        changes=set(),
    ),
    *form("cards:code", "", {200: APPROVED}, {422: APPROVED}),
    *form("cards:agree", "rare", {200: {"officer"}}, {422: {"officer"}}),
    *page("cards:batch", "card_batch", {200: UNION_AND_ABOVE}),
    *act(
        "cards:act", "card_batch", {302: {"officer"}, 409: ABOVE}, data={"act": "withdraw", "application": "{application}"},
    ),
    *page("cards:sign_off", "card_batch", {200: UNION_AND_ABOVE}),
    Row("cards:holders", "get", {200: SUPERIORS | APPROVED}),
    Row("cards:holders", "post", {302: SUPERIORS | APPROVED}, data={"name": "王"}),
    *act(
        "cards:report", "", {302: APPROVED}, given="card", data={"purpose": "loss", "member": "{holder}", "reason": "丢失"},
        changes={"officer"},
    ),
    *page("cards:card", "card", {200: UNION_AND_ABOVE}),
    *act(
        "cards:reveal", "card", {200: UNION_AND_ABOVE - {"viewer"}, 409: {"viewer"}}, changes=UNION_AND_ABOVE - {"viewer"},
    ),
    *page("cards:ledger", "", {200: SUPERIORS}),
    *page("cards:desk", "", {200: {"platform_admin"}}),
    *act("cards:gather", "", {302: {"platform_admin"}}, given="approved_batch", data={"purpose": "new", "batch": "{approved_batch}"}),
    *page("cards:order", "card_order", {200: {"platform_admin"}}),
    *act("cards:export", "card_order", {200: {"platform_admin"}}, changes={"platform_admin"}),
    *act("cards:upload", "exported_order", {422: {"platform_admin"}}),
    *act("cards:sample", "exported_order", {200: {"platform_admin"}}),
    *act("cards:order_act", "card_order", {302: {"platform_admin"}}, data={"act": "cancel"}),
    *page("transfers:upload", "transfer_upload", {200: {"neighbour_officer"}}),
    *act("transfers:export", "transfer_upload", {200: {"neighbour_officer"}}, changes={"neighbour_officer"}),
    Row("transfers:release", "get", {302: APPROVED, 403: {"newcomer"}}),
    Row(
        "transfers:release", "post", {302: APPROVED, 403: {"newcomer"}}, given="member",
        data={"member": "{member}", "way": "leave", "reason": "resigned"}, changes={"officer"},
    ),
    *page("transfers:target", "", {200: OFFICERS}),
    *page("transfers:expulsions", "", {200: SUPERIORS}, given="expulsion", changes=ABOVE),
    *page("transfers:expulsion", "expulsion", {200: ABOVE}, changes=ABOVE),
    *act(
        "transfers:acknowledge", "", {302: {"reviewer"}, 409: SUPERIORS - {"reviewer"}}, given="expulsion",
        data={"expulsion": "{expulsion}"},
    ),
    # Imports: the officers' alone, but for the empty workbook
    *form("imports:upload", "kind", {200: OFFICERS}, {422: OFFICERS}),
    *public("imports:template", post=405, of="kind"),
    *page("imports:progress", "kind", {200: OFFICERS}),
    *page("imports:batch", "batch", {200: {"officer"}}),
    *page("imports:marked", "batch", {200: {"officer"}}, changes={"officer"}),
    *act("imports:map_columns", "batch", {302: {"officer"}}),
    *act("imports:confirm", "batch", {302: {"officer"}}, data={"group": "new"}),
    Row("imports:edit", "get", {200: {"officer"}}, "batch", changes={"officer"}),
    Row("imports:edit", "post", {302: {"officer"}}, "batch", data={"c-3-mobile": "7", "was-3-mobile": "1"}, changes={"officer"}),
    *act("imports:undo", "batch_done", {302: {"officer"}}),
    *act("imports:discard", "batch", {302: {"officer"}}),
    # Notices
    *own("notices:list"),
    *form("notices:settings", "", {200: SIGNED_IN}, {422: SIGNED_IN}),
    *act("accounts:list_setting", "", {204: SIGNED_IN}, data={"path": "/members/"}, changes=SIGNED_IN),
    *act("accounts:save_view", "", {302: SIGNED_IN}, data={"path": "/members/", "name": "常用", "query": "q=1"}),
    *act("accounts:remove_view", "saved_view", {302: {"officer"}}),
    *act("notices:open", "notice", {302: {"officer"}}),
    *act("notices:read_all", "", {302: SIGNED_IN}, given="notice", changes={"officer"}),
    # Audit
    *page("audit:search", "", {200: {"platform_admin"}}),
    *bookings.ROWS,
    *officers_bookings.ROWS,
    *national.ROWS,
    *registers.ROWS,
    *superiors.ROWS,
    *circulars.ROWS,
    *exports.ROWS,
    *statistics.ROWS,
    *duplicates.ROWS,
    *yearbooks.ROWS,
]  # fmt: skip
