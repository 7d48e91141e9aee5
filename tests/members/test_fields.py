"""Every field of a member: changed by form and workbook, undone, and shown by page, export and history."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

import gonghui
from gonghui.kit.excel import CellKind
from gonghui.members.field import Empty, Field, Group
from gonghui.members.fields import CHANGING, FIELDS
from gonghui.members.memberships import move
from gonghui.members.models import Member, StagedMember
from gonghui.members.register.actions import add_member, version_of
from gonghui.members.register.export import export_fields, headings
from gonghui.members.register.history import Difference, changes_of
from gonghui.members.roster import actions as intake
from gonghui.members.validation import validate_member
from tests.exports.stories import taken
from tests.members.roster.test_actions import send
from tests.members.roster.test_undo import done, undone
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db

TEXTS = {
    "name": ("王小明", "李小红"),
    "document_type": ("护照", "其他证件（已核对）"),
    "document_number": ("E12345678", "E87654321"),
    "address": ("上海市杨浦区示例路 1 号", "上海市静安区示例路 2 号"),
    "mobile": ("19900001234", "19911112222"),
    "staff_number": ("A0001", "A0002"),
    "joined_on": ("2015-03-01", "2016-04-02"),
    "honour_level": ("全国级", "省部级"),
    "honour_year": ("2015", "2020"),
}
"""Two valid texts of each field without another rule; a passport number contains neither sex nor birth date."""


def texts(field: Field) -> tuple[str, str]:
    """Two valid texts of a field, by which two members differ."""
    if pair := TEXTS.get(field.name):
        return pair
    if field.codes:
        first, second, *_ = [label for value, label in field.codes.choices if value != field.default]
        return first, second
    return ("1990-01-01", "1991-02-03") if field.kind == CellKind.DATE else ("示例一", "示例二")


FIRST, SECOND = ({name: texts(field)[place] for name, field in FIELDS.items()} for place in (0, 1))


ALL = list(FIELDS.values())
HEADINGS = [field.label for field in ALL]


def row(**changed: str) -> list[str]:
    return list((FIRST | changed).values())


@pytest.fixture
def member(cast) -> Member:
    """All fields as in FIRST; the city collects every one."""
    collecting(cast)
    values, problems = validate_member(FIRST, fields=ALL)
    assert values, problems
    return add_member(cast.union, values, by=cast.officer, type_confirmed=True)


def register() -> dict[str, str]:
    """Returns all fields of the only member, as texts."""
    member = Member.objects.get()
    return {name: field.text(field.value_in(member), full=True) for name, field in FIELDS.items()}


def read(name: str, text: str) -> str:
    """A text as it is shown once it has been read."""
    values, _ = validate_member(FIRST | {name: text}, fields=ALL)
    return FIELDS[name].text(getattr(values, name), full=True)


def page(client, name: str, member: Member, **sent) -> str:
    """Returns a page of the member without its tags."""
    address = reverse(f"members:{name}", args=[member.pk])
    response = client.post(address, sent) if name == "reveal" else client.get(address)
    return re.sub(r"(\s*<[^>]*>\s*)+", " ", response.content.decode())


def found_everywhere(cast, client, tmp_path, member: Member, field: Field) -> None:
    """Checks that facts, export and versions have the second value, in full or masked as the field requires."""
    text = read(field.name, SECOND[field.name])
    masked = field.mask(text) if field.mask else text
    client.force_login(cast.officer)
    facts = f"{field.label} {{}} "
    assert facts.format(masked) in page(client, "view", member)
    assert facts.format(text) in page(client, "reveal", member)
    former = read(field.name, FIRST[field.name])
    (change,) = changes_of(Member.objects.get())
    (difference,) = change.differences
    assert difference == Difference(field.label, field.mask(former) if field.mask else former, masked)
    assert f"{difference.label} {difference.old} 改为 {difference.new} " in page(client, "versions", member)
    for full in (True, False):
        headings, line = taken(cast.officer, full=full, sensitive=field.sensitive)
        shown = text if full or field.sensitive else masked
        assert (dict(zip(headings, line, strict=True))[field.label] or "") == shown


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_each_is_changed_by_the_form_and_shown_everywhere(cast, client, tmp_path, member, field):
    client.force_login(cast.officer)
    before = register()
    sent = FIRST | {field.name: SECOND[field.name], "version": version_of(member), "type_confirmed": "on"}
    codes = {name: found.value_in(member) for name, found in FIELDS.items() if found.codes}
    if field.codes:
        codes[field.name] = getattr(
            validate_member(FIRST | {field.name: SECOND[field.name]}, fields=ALL)[0], field.name
        )
    response = client.post(reverse("members:edit", args=[member.pk]), sent | codes)
    assert response.status_code == 302, response.content.decode()
    assert register() == before | {field.name: read(field.name, SECOND[field.name])}
    found_everywhere(cast, client, tmp_path, member, field)


@pytest.mark.parametrize("field", CHANGING, ids=lambda field: field.name)
def test_each_is_changed_by_a_workbook_shown_everywhere_and_undone(cast, client, tmp_path, member, field):
    before = register()
    batch = done(cast, row(**{field.name: SECOND[field.name]}), headings=HEADINGS)
    assert register() == before | {field.name: read(field.name, SECOND[field.name])}
    found_everywhere(cast, client, tmp_path, member, field)
    undone(cast, batch)
    assert register() == before
    assert Member.objects.filter(name_key=member.name_key, pinyin=member.pinyin).exists()


@pytest.mark.parametrize(
    "field", [field for field in FIELDS.values() if field.identifies], ids=lambda field: field.name
)
def test_with_another_document_a_row_is_about_somebody_else(cast, member, field):
    other = {field.name: SECOND[field.name], "staff_number": SECOND["staff_number"]}
    assert send(cast, row(**other), headings=HEADINGS).state == "queued"


def test_an_empty_cell_erases_none_of_them(cast, member):
    before = register()
    kept = {field.name: "" for field in CHANGING if field.empty == Empty.KEPT}
    done(cast, row(**kept, mobile=SECOND["mobile"]), headings=HEADINGS)
    assert register() == before | {"mobile": SECOND["mobile"]}


def test_who_comes_back_keeps_or_gets_each_as_the_table_says_and_undone_has_it_as_before(cast, member):
    move([member.pk], to=None, reason="resigned")
    before = register()
    got = {field.name: SECOND[field.name] for field in CHANGING if field.returns}
    kept = {field.name: SECOND[field.name] for field in CHANGING if not field.returns and field.name != "name"}
    batch = done(cast, row(**got, **kept), headings=HEADINGS)
    assert register() == before | {name: read(name, text) for name, text in got.items()}
    undone(cast, batch)
    assert register() == before


def test_the_table_and_the_models_agree():
    """A column in one of the two models alone would be lost on the way."""
    assert set(intake._statements(tuple(FIELDS)).columns) == {
        field.column for field in StagedMember._meta.concrete_fields
    } - {"id"}
    columns = {field.column: field for field in Member._meta.concrete_fields}
    for field in FIELDS.values():
        assert set(field.columns) <= set(columns)
        if not field.sealed:
            column = columns[field.columns[0]]
            assert (column.verbose_name, column.choices or []) == (
                field.label,
                field.codes.choices if field.codes else [],
            )
    typed = {column for field in FIELDS.values() for column in field.columns}
    kept_by_the_platform = {
        "id", "seal_id", "number", "union_id", "document_hash", "unit_code", "has_card", "status", "correction", "batch_id",
        "created_at", "standing", "retained_for", "standing_on",
    }  # fmt: skip
    assert set(columns) == typed | kept_by_the_platform


def test_every_field_has_a_column_in_the_export():
    shown = headings(export_fields(ALL, sensitive=True))
    assert len(shown) == len(set(shown))
    assert set(shown) >= {field.label for field in ALL}


@pytest.mark.parametrize("name", [field.name for field in FIELDS.values() if field.group == Group.OTHER])
def test_a_field_without_a_rule_of_its_own_is_named_in_table_and_model_alone(name):
    """So the recipe "Adding a field" of `docs/contributing.md` is complete."""
    files = [path for path in Path(gonghui.__file__).parent.rglob("*") if path.suffix in (".py", ".html", ".js")]
    named = [path for path in files if re.search(rf"\b{name}\b", path.read_text()) and "migrations" not in path.parts]
    known = {path.name for path in named if "demo_data" not in path.parts}
    assert known - {"codes.py", "member_form.py", "dimensions.py"} == {"fields.py", "models.py"}, (
        "its code list, if it has one, is registered under its name; the national form has a column of its own, and "
        "figures may be divided by it"
    )
