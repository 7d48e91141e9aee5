"""What holds for the whole code base and no single app: public pages, settings, rules, verbs, templates, sizes, lists."""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from gonghui.audit.hooks import VERBS
from gonghui.config.environment import Environment
from gonghui.kit.paging import paginate, paginate_list

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "gonghui"
MAX_LINES = 400
MAX_COLUMNS = 120

PUBLIC = {
    "portal": "the city's home page",
    "section": "what the city publishes",
    "article": "what the city publishes",
    "feed": "what the city publishes",
    "search": "what the city publishes",
    "local": "what districts and bureaus publish",
    "local_article": "what districts and bureaus publish",
    "local_feed": "what districts and bureaus publish",
    "picture": "pictures of what the city publishes; the key is a secret until then",
    "download": "what the city publishes",
    "preview": "the link is signed by an editor's page and ends after a week",
    "view": "larger letters for a visitor: a cookie, and nothing here",
    "platform": "the platform's front page, before signing in",
    "help": "how to register and sign in",
    "privacy": "how personal data is processed, for whoever registers",
    "downloads": "empty workbooks and the manual",
    "manual": "how to use the platform; its pictures show invented data",
    "manual_chapter": "how to use the platform; its pictures show invented data",
    "manual_whole": "how to use the platform; its pictures show invented data",
    "manual_file": "how to use the platform; its pictures show invented data",
    "imports:template": "an empty workbook",
    "transfers:template": "an empty workbook",
    "healthz": "asked by the supervisor, tells nothing",
    "readyz": "asked by the supervisor, tells no data",
    "demo_mail": "the demo's mailbox; not there (404) outside the demo",
    "bookings:draw": "numbers of bookings without names, from which anybody draws the lots again",
    "bookings:draw_list": "the list of these numbers as it was closed",
    "filings:suggest": "suggestions while a newcomer registers: names of the statistical register, limited in number",
    "accounts:resend_verification": "for whoever cannot sign in before the e-mail is proved; answers all alike",
    "accounts:send_device_link": "for whoever is locked out; answers all alike",
    "accounts:device": "the link in the mail is the proof",
    "account_login": "the way in",
    "account_signup": "the way in",
    "account_logout": "the way out; leads home without a session",
    "mfa_authenticate": "the second step of signing in",
    "account_inactive": "says that an account is disabled",
    "account_email_verification_sent": "says that a mail is on its way",
    "account_confirm_email": "the link in the mail is the proof",
    "account_reset_password": "for whoever has lost the password",
    "account_reset_password_done": "for whoever has lost the password",
    "account_reset_password_from_key": "the link in the mail is the proof",
    "account_reset_password_from_key_done": "for whoever has lost the password",
}

# list page -> the test that it asks as many queries for many rows as for few
QUERY_COUNTS = {
    "section": "tests/publishing/public/test_views.py::test_the_lists_ask_as_many_queries_for_60_rows_as_for_3",
    "local": "tests/publishing/test_local.py::test_the_pages_stay_small_with_every_district_and_bureau",
    "search": "tests/publishing/public/test_views.py::test_the_lists_ask_as_many_queries_for_60_rows_as_for_3",
    "publishing:list": "tests/publishing/articles/test_views.py::test_the_list_asks_as_many_queries_for_60_rows_as_for_3",
    "publishing:downloads": "tests/publishing/downloads/test_views.py::test_the_list_asks_as_many_queries_for_60_rows_as_for_3",
    "demo_mail": "tests/test_lists.py::test_queries_do_not_grow_with_the_rows",
    "accounts:list": "tests/accounts/test_accounts.py::test_list_takes_the_same_number_of_queries",
    "accounts:officers": "tests/accounts/test_management.py::test_the_officers_take_the_same_number_of_queries",
    "audit:search": "tests/audit/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "bookings:booked": "tests/bookings/places/test_views.py::test_the_list_asks_as_many_statements_for_ten_as_for_one",
    "bookings:ledger": "tests/bookings/ledger/test_views.py::test_the_list_asks_no_more_for_many_than_for_few",
    "bookings:offer": "tests/bookings/catalogue/test_views.py::test_a_page_of_members_is_answered_by_the_same_statements",
    "bookings:offers": "tests/bookings/catalogue/test_views.py::test_the_list_asks_as_many_statements_for_ten_as_for_one",
    "bookings:programmes": "tests/bookings/programmes/test_views.py::test_a_list_of_many_programmes_asks_no_more_than_one_of_few",
    "bookings:sessions": "tests/bookings/sessions/test_views.py::test_the_lists_ask_no_more_for_many_than_for_few",
    "bookings:session": "tests/bookings/sessions/test_views.py::test_the_lists_ask_no_more_for_many_than_for_few",
    "bookings:people": "tests/bookings/rosters/test_views.py::test_a_list_of_many_people_asks_no_more_than_one_of_few",
    "bookings:contests": "tests/bookings/rosters/test_contest_views.py::test_a_list_of_many_asks_no_more_than_one_of_few",
    "bookings:self_checks": "tests/bookings/self_checks/test_views.py::test_the_lists_ask_no_more_for_many_than_for_few",
    "bookings:self_check_desk": "tests/bookings/self_checks/test_views.py::test_the_lists_ask_no_more_for_many_than_for_few",
    "bookings:draw": "tests/bookings/draws/test_views.py::test_the_list_asks_no_more_for_many_than_for_few",
    "bookings:providers": "tests/bookings/providers/test_views.py::test_the_list_of_accounts_asks_no_more_for_many_than_for_few",
    "bookings:roster": "tests/bookings/providers/test_views.py::test_the_roster_asks_no_more_for_many_than_for_few",
    "bookings:report": "tests/bookings/reports/test_views.py::test_lists_ask_no_more_for_many_than_for_few",
    "bookings:never": "tests/bookings/reports/test_views.py::test_lists_ask_no_more_for_many_than_for_few",
    "cards:list": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:add": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:apply": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:batch": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:act": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:holders": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:ledger": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:desk": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:order": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "cards:upload": "tests/cards/applications/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "filings:coverage": "tests/filings/coverage/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "filings:union_coverage": "tests/filings/coverage/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "filings:dissolution": "tests/filings/amendment/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "filings:dissolutions": "tests/filings/amendment/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "filings:deadlines": "tests/filings/reminders/test_views.py::test_pages_follow_the_day_and_cost_the_same",
    "filings:restore": "tests/filings/amendment/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "imports:upload": "tests/test_lists.py::test_queries_do_not_grow_with_the_rows",
    "circulars:sent": "tests/circulars/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "circulars:received": "tests/circulars/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "circulars:receipts": "tests/circulars/test_views.py::test_the_receipts_ask_as_many_queries_for_four_unions_as_for_one",
    "imports:progress": "tests/test_lists.py::test_queries_do_not_grow_with_the_rows",
    "imports:edit": "tests/imports/test_editing.py::test_the_page_asks_no_more_for_many_rows",
    "imports:batch": "tests/test_lists.py::test_queries_do_not_grow_with_the_rows",
    "inspections:home": "tests/inspections/confirmations/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "inspections:members": "tests/inspections/confirmations/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "inspections:completion": "tests/inspections/confirmations/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "inspections:windows": "tests/inspections/windows/test_views.py::test_the_windows_ask_as_many_queries_for_30_as_for_3",
    "inspections:covered_list": "tests/inspections/confirmations/test_views.py::test_the_covered_list_is_kept_as_it_was",
    "inspections:doubtful": "tests/inspections/members/test_check.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "inspections:member_list": "tests/inspections/members/test_check.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "members:looks": "tests/members/looks/test_views.py::test_the_page_asks_as_many_queries_for_100_looks_as_for_10",
    "members:list": "tests/members/register/test_views.py::test_the_list_takes_four_statements_however_many_rows",
    "members:by_code": "tests/members/by_code/test_actions.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "exports:list": "tests/exports/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "national:home": "tests/national/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "national:members": "tests/national/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "national:exports": "tests/national/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "national:export": "tests/national/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "notices:list": "tests/notices/test_views.py::test_list_takes_the_same_number_of_queries",
    "registers:employers": "tests/registers/test_views.py::test_the_pages_ask_as_many_queries_for_many_rows",
    "registers:members": "tests/registers/test_views.py::test_the_pages_ask_as_many_queries_for_many_rows",
    "registers:load": "tests/registers/test_views.py::test_the_pages_ask_as_many_queries_for_many_rows",
    "registers:unorganised": "tests/registers/unorganised/test_views.py::test_a_page_costs_as_much_with_many_rows_as_with_few",
    "registers:search": "tests/registers/test_views.py::test_the_pages_ask_as_many_queries_for_many_rows",
    "reviews:desk": "tests/reviews/test_views.py::test_the_desk_asks_as_many_queries_for_100_rows_as_for_10",
    "reviews:below": "tests/reviews/test_desk.py::test_the_lists_below_ask_as_many_queries_for_100_rows_as_for_10",
    "reviews:below_union": "tests/reviews/test_desk.py::test_the_lists_below_ask_as_many_queries_for_100_rows_as_for_10",
    "reviews:covers": "tests/reviews/test_covers.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "superiors:changes": "tests/superiors/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "transfers:list": "tests/transfers/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "transfers:incoming": "tests/transfers/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "transfers:expulsions": "tests/transfers/expulsions/test_views.py::test_the_list_costs_the_same_however_long_it_is",
    "transfers:bring_in": "tests/transfers/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "transfers:bring_in_one": "tests/transfers/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "transfers:upload": "tests/transfers/test_views.py::test_the_lists_ask_as_many_queries_for_100_rows_as_for_10",
    "unions:tree": "tests/unions/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
    "duplicates:list": "tests/duplicates/test_views.py::test_the_queue_costs_as_much_with_many_pairs_as_with_few",
    "duplicates:asked": "tests/duplicates/test_views.py::test_the_requests_cost_as_much_with_many_as_with_few",
    "statistics:own": "tests/statistics/test_views.py::test_a_page_costs_as_much_with_many_unions_as_with_few",
    "statistics:cell": "tests/statistics/test_cells.py::test_a_page_is_a_few_statements_however_many_are_on_it",
    "yearbooks:list": "tests/yearbooks/tables/test_views.py::test_the_list_costs_as_much_with_many_years_as_with_one",
    "yearbooks:sheet": "tests/yearbooks/sheets/test_views.py::test_a_page_costs_as_much_with_many_sheets_below_as_with_few",
    "statistics:node": "tests/statistics/test_views.py::test_a_page_costs_as_much_with_many_unions_as_with_few",
    "unions:node": "tests/unions/test_views.py::test_the_list_asks_as_many_queries_for_100_rows_as_for_10",
}

# A verb that two functions record, and why that is one act.
RECORDED_TWICE = {
    "account.recovery_codes_made": "allauth reports codes made at first and codes made anew separately",
    "programme.edited": "its columns, money, rules or venues: each part has its own action, and is named in the record",
    "account.created": "by an administrator, or at the command line",
    "account.invited": "by an administrator, or at the command line",
}

SPEC_ROWS = [f"{chapter}.{row}" for chapter, rows in enumerate((6, 7, 11, 4, 6, 9, 6), 1) for row in range(1, rows + 1)]


def views(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[tuple[str, Any]]:
    """The name and the view of every address."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", pattern.callback


def sources(*folders: str, ending: str = ".py") -> list[Path]:
    """The files of ours that git knows or would take, migrations left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob(f"*{ending}"))
    return sorted(path for path in found if not {"migrations", "vendor"} & set(path.parts))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_only_the_listed_pages_are_public():
    public = {name for name, view in views() if not getattr(view, "login_required", True)}
    assert public == set(PUBLIC)


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "operations.md").read_text()
    variables = {item.metadata["variable"] for item in fields(Environment)}
    assert {variable for variable in variables if f"`{variable}`" not in text} == set()
    told = set(re.findall(r"`(GONGHUI_[A-Z_]+)`", text))
    assert told <= variables | {item.metadata["formerly"] for item in fields(Environment)}, "documented, but not read"


# docs/rules.md


def rule_rows() -> list[list[str]]:
    """The cells of the tables of docs/rules.md: SPEC row, rule, functions, tests."""
    lines = (ROOT / "docs" / "rules.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]
    assert all(len(row) == 4 for row in rows), "a row of docs/rules.md has four cells"
    return rows


def test_rules_have_every_row_of_the_specification_in_order():
    numbers = [row[0] for row in rule_rows()]
    assert list(dict.fromkeys(numbers)) == SPEC_ROWS


@pytest.mark.parametrize("row", rule_rows(), ids=lambda row: row[0])
def test_every_rule_points_at_what_exists(row):
    _, rule, functions, tests = row
    if functions == tests == "not yet":
        return
    assert rule, "a rule is a sentence"
    names, nodes = re.findall(r"`([^`]+)`", functions), re.findall(r"`([^`]+)`", tests)
    assert names, "a rule that is built names its functions"
    assert nodes, "a rule that is built names its tests"
    assert [name for name in names if not exists(f"gonghui.{name}")] == []
    assert [node for node in nodes if not is_test(f"tests/{node}")] == []


def exists(dotted: str) -> bool:
    """Whether a dotted path leads to a module or to something in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def is_test(node: str) -> bool:
    """Whether ``tests/x/test_y.py::test_z`` (or a whole file) is there."""
    path, _, name = node.partition("::")
    if not (ROOT / path).is_file():
        return False
    tests = {item.name for item in ast.walk(tree_of(ROOT / path)) if isinstance(item, ast.FunctionDef)}
    return not name or name in tests


def test_documents_link_to_what_exists():
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md"]:
        links = re.findall(r"(?<!!)\[[^]]*\]\((?!http)([^)#]+)", path.read_text())
        assert [link for link in links if not (path.parent / link).exists()] == [], path


# The audit's verbs


def recorded_verbs() -> dict[str, set[str]]:
    """For each verb that stands in the sources the functions in which it does, but those that invent a past.
    ``f"review.{decision}"`` is the two decisions.
    """
    found = defaultdict(set)
    for path in sources("src"):
        if path.is_relative_to(SOURCES / "demo_data" / "city"):
            continue
        for place, item in literals(tree_of(path), path.stem):
            if isinstance(item, ast.JoinedStr):
                texts = ["review.approved", "review.refused"] if ast.unparse(item) == "f'review.{decision}'" else []
            else:
                texts = [item.value] if re.fullmatch(r"[a-z]+\.[a-z_]+", str(item.value)) else []
            for text in texts:
                found[text].add(f"{path.relative_to(SOURCES)}:{place}")
    return found


def literals(node: ast.AST, place: str) -> Iterator[tuple[str, ast.Constant | ast.JoinedStr]]:
    """The texts below ``node`` with the function that they stand in."""
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef) else place
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
            yield inside, child
        else:
            yield from literals(child, inside)


def test_each_verb_is_recorded_by_one_action():
    places = recorded_verbs()
    list(views())  # every app's actions are loaded
    many = {verb: places[verb] for verb in VERBS if len(places[verb]) != 1}
    assert {verb: found for verb, found in many.items() if verb not in RECORDED_TWICE} == {}
    assert set(RECORDED_TWICE) <= set(many), "an exception that is none any more"


def test_each_recorded_verb_is_registered():
    list(views())
    unknown = set()
    for path in sources("src"):
        for call in ast.walk(tree_of(path)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record" and call.args:
                unknown |= {
                    text.value for _, text in literals(ast.Expression(call.args[0]), "") if hasattr(text, "value")
                }
    assert {verb for verb in unknown if "." in verb} <= set(VERBS)


# Templates, sizes, lists, migrations


@pytest.mark.parametrize("path", sources("src", ending=".html"), ids=lambda path: str(path.relative_to(SOURCES)))
def test_templates_hold_no_inline_style_or_script(path):
    text = path.read_text()
    assert not re.search(r"""\s(style|on[a-z]+|hx-on[a-z:-]*)\s*=\s*["']""", text)
    assert not re.search(r"<style|javascript:|<script(?![^>]*\ssrc=)", text)


def test_no_file_is_too_long():
    files = [*sources("src", "tests", "bench"), *sources("src", ending=".html"), *sources("src", ending=".js")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_no_line_of_the_documents_is_too_long():
    """But rows of tables, which cannot be broken."""
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")]
    assert len(documents) > 30
    assert not [
        f"{path.relative_to(ROOT)}:{number}"
        for path in documents
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > MAX_COLUMNS and not line.startswith("|")
    ]


def test_every_list_page_has_a_query_count_test():
    lists = {name for name, view in views() if is_list(inspect.unwrap(view))}
    assert lists == set(QUERY_COUNTS)
    assert [node for node in QUERY_COUNTS.values() if not is_test(node)] == []


def is_list(view: Any) -> bool:
    """Whether a view of ours pages through rows, itself or by functions of the views' modules."""
    reached, ahead = set(), {view}
    while ahead:
        reached |= ahead
        ahead = {called for function in ahead for called in called_by(function)} - reached
    return bool(reached & {paginate, paginate_list})


def called_by(function: Any) -> set[Any]:
    """The functions that one of a module of views calls by their bare names."""
    if not re.search(r"^gonghui\..*(views|pages)$", function.__module__):
        return set()
    (definition,) = ast.parse(inspect.getsource(function)).body
    names = {call.func.id for call in ast.walk(definition) if isinstance(call, ast.Call) and hasattr(call.func, "id")}
    found = (inspect.unwrap(function).__globals__.get(name) for name in names)
    return {inspect.unwrap(called) for called in found if inspect.isfunction(called)}


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
