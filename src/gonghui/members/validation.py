"""All rules of one member's values: the form, the workbook import and the API check with `validate_member`.

Rules that need the database (is the person a member already?) are in `actions.py`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from django.db.models import TextChoices

from gonghui.codelists.queries import label, offered, refusal
from gonghui.kit import crypto
from gonghui.kit.documents import CheckedDocument, Invalid, check_document, check_mobile, resembles
from gonghui.kit.excel import ERRORS, Cell, CellKind, clean_date, clean_typed, unclear
from gonghui.kit.names import clean_name
from gonghui.kit.normal import plain
from gonghui.members import national
from gonghui.members.codes import DocumentType, Sex
from gonghui.members.field import Empty, Field, Problem
from gonghui.members.fields import CORE, FIELDS, LABELS, MemberValues
from gonghui.members.words import FOR_EVER, meant

MIN_AGE = 16  # 《中华人民共和国劳动法》第十五条: younger people may not be employed, so they cannot be union members
MAX_AGE = 100  # SPEC gives no maximum; a higher age is probably a typing error
_sexes = {"M": Sex.MALE.value, "F": Sex.FEMALE.value}


def document_key(document_type: str, number: str) -> bytes:
    """Returns the key of a person (SPEC 3.3): the keyed hash of type and checked number, as in `Member.document_hash`."""
    return crypto.fingerprint(f"{document_type}:{number}")


def type_question(document_type: str, number: str) -> tuple[str, str] | None:
    """Returns the question about a checked number that looks like another document's: the finding, and the remedy.

    None for nearly all numbers. The officer may confirm the type (SPEC 3.11). There is no question about registered
    people.
    """
    similar = resembles(CheckedDocument(number, None, None, document_type))
    if not similar:
        return None
    chosen, other = label(DocumentType, document_type), label(DocumentType, similar)
    return (
        f"证件类型选的是“{chosen}”，号码却像“{other}”的号码",
        f"请对照证件核对：是{other}的，请把证件类型改为“{other}”",
    )


def differs(field: str, old: Any, new: Any) -> bool:
    """Returns whether a checked value differs from the register's, which an earlier version may have cleaned less.

    A difference of letter case in a name does not count.
    """
    if old == new or not isinstance(old, str) or not isinstance(new, str):
        return bool(old != new)
    cleaned = clean_typed(old, FIELDS[field].kind)
    return cleaned.casefold() != new.casefold() if field == "name" else cleaned != new


_CODES = {field.name: field.codes for field in FIELDS.values() if field.codes}


def retired(values: MemberValues, fields: Iterable[str]) -> Iterator[Problem]:
    """The codes in ``fields``, new to a person, that may not be chosen any more, or not yet. What a person has already stays:
    therefore `validate_member`, which knows nobody, does not ask.
    """
    for name in fields:
        codes = _CODES.get(name)
        if codes and (told := refusal(codes, getattr(values, name))):
            yield name, *told


def validate_member(
    raw: Mapping[str, str | date | None], unread: Collection[str] = (), fields: Collection[Field] = CORE
) -> tuple[MemberValues | None, list[Problem]]:
    """Checks one member as typed (SPEC 3.3). Absent keys count as empty.

    Required are name, document number, sex, birth date and mobile; a document without an end is valid for ever; 工会职务 defaults to 会员, the type to 身份证.
    A number that tells sex and birth date fills them in (GB 11643), and gives the document type that it proves (a
    residence permit typed as 身份证). Codes are given by label, value, or another word for them (`words`). Returns the
    values, or None and every problem. ``unread`` fields hold what is worthless and told already. What follows from a wrong
    field is no problem of the fields that follow. Other fields than ``fields`` are not read; what of the national form is
    required, the actions check (`collected.missing`).
    """
    problems: list[Problem] = []
    text = {
        field.name: "" if (value := raw.get(field.name)) is None else clean_typed(str(value), field.kind)
        for field in fields
    }
    values: dict[str, Any] = {}
    for field in fields:
        name, typed = field.name, raw.get(field.name)
        if field.kind == CellKind.DATE and isinstance(typed, date):
            values[name] = typed
        elif name != "document_number":
            values[name] = _RULES.get(name, _value)(name, text[name], problems)
    wrong = {*unread, *(problem[0] for problem in problems)}
    _take_document(values, text, wrong, problems)
    _check_age(values["born_on"], "born_on" if text["born_on"] else "document_number", problems)
    if len(fields) > len(CORE):
        national.check(values, wrong, problems)
    problems = [problem for problem in problems if problem[0] not in unread]
    return (None, problems) if problems or unread else (MemberValues(**values), [])


def _checked(check: Callable[[str], Any], field: str, text: str, problems: list[Problem]) -> Any:
    """Returns the result of ``check``, or None and adds a problem."""
    if not text:
        problems.append(_missing(field))
        return None
    try:
        return check(text)
    except Invalid as invalid:
        problems.append((field, *invalid.halves))
        return None


def _value(name: str, text: str, problems: list[Problem]) -> Any:
    """The rule of a field's kind, for a field without its own rule."""
    field = FIELDS[name]
    if not text and field.empty == Empty.REFUSED:
        problems.append(_missing(name))
    if field.codes:
        return _code(field, field.codes, text, problems)
    return _date(name, text, problems) if field.kind == CellKind.DATE else _text(field, text, problems)


def _text(field: Field, text: str, problems: list[Problem]) -> str:
    text = " ".join(text.split())
    if text in ERRORS:  # as in a workbook, where a formula left it
        problems.append((field.name, f"“{text}”是表格的错误值", f"请填写{field.label}，没有的留空"))
    if len(text) > field.max_length:
        wording = f"{field.label}有 {len(text)} 个字符", f"请缩短到 {field.max_length} 个字符以内"
        problems.append((field.name, *wording))
    return text


def _missing(field: str) -> Problem:
    return field, f"没有填写{LABELS[field]}", f"请填写{LABELS[field]}"


def _code(field: Field, codes: type[TextChoices], text: str, problems: list[Problem]) -> str:
    """Returns the code of a word; for an ambiguous word "", with a problem that lists the choices."""
    if not text:
        return field.default
    meanings = meant(codes, text)
    if len(meanings) == 1:
        return meanings[0]
    if meanings:
        choices = "、".join(f"“{label(codes, value)}”" for value in meanings)
        wrong = f"“{text[:20]}”可能是{choices}，分不清是哪一个"
        problems.append((field.name, wrong, f"请改为其中的一个：{choices}"))
    else:
        labels = "、".join(text for _, text in offered(codes))
        problems.append((field.name, f"{field.label}中没有“{text[:20]}”", f"请从以下选项中选择：{labels}"))
    return ""


def _date(field: str, text: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    day = clean_date(Cell(text))
    if day is None:
        problems.append((field, unclear(text), "请写成“1990-01-31”的样子"))
    return day


_one_day = r"(?:[0-9]{4}(?:年|[-/.])[0-9]{1,2}(?:月|[-/.])[0-9]{1,2}日?|[0-9]{8})"
_from_to = re.compile(rf"({_one_day})(?:-|–|—|——|~|～|至|到|--)((?:{_one_day})|[\u4e00-\u9fff]{{2,4}})")


def _end(field: str, text: str, problems: list[Problem]) -> date | None:
    """Returns the end of a document's validity: the second date of 2015.12.31-2035.12.31; None for 长期."""
    end, word = text, plain(text)
    if term := _from_to.fullmatch(word):
        start = _date(field, term[1], problems)
        end, word = term[2], term[2]
        ends = clean_date(Cell(end))
        if start and ends and ends < start:
            problems.append((field, f"有效期“{text[:30]}”的截止日期早于起始日期", "请对照证件改正，只填截止日期也可以"))
    if word in FOR_EVER or word.startswith("9999"):
        return None
    return _date(field, end, problems)


_RULES: dict[str, Callable[[str, str, list[Problem]], Any]] = {
    "name": partial(_checked, clean_name),
    "mobile": partial(_checked, check_mobile),
    "expires_on": _end,
}


def _take_document(
    values: dict[str, Any], text: dict[str, str], wrong: Collection[str], problems: list[Problem]
) -> None:
    """Adds the checked number and the values that it contains. Then sex and birth date are required.

    A ``wrong`` type or number has its own problem, so the values that depend on it get none.
    """
    doc_type, number = values["document_type"], text["document_number"]
    if "document_type" in wrong or "document_number" in wrong:
        if not number and "document_number" not in wrong:
            problems.append(_missing("document_number"))
        return
    document = _checked(partial(check_document, doc_type), "document_number", number, problems)
    if document:
        values["document_number"], values["document_type"] = document.number, document.doc_type
        _agree(values, document, problems)
    if document or doc_type not in _TELLING:
        missing = (
            field for field in ("sex", "born_on") if not values[field] and not text[field] and field not in wrong
        )
        problems.extend(map(_missing, missing))


# For these types a wrong number is one problem: it would contain sex and birth date.
_TELLING = (DocumentType.RESIDENT_ID, DocumentType.HMT_RESIDENCE)


def _agree(values: dict[str, Any], document: CheckedDocument, problems: list[Problem]) -> None:
    """Takes sex and birth date from the number; a different typed value is a problem of its own field."""
    if document.sex:
        sex = _sexes[document.sex]
        if values["sex"] not in ("", Sex.UNKNOWN, sex):
            proven, typed = label(Sex, sex), label(Sex, values["sex"])
            problems.append(("sex", f"性别填的是“{typed}”，证件号码表示的是“{proven}”", "请核对证件号码和性别"))
        values["sex"] = sex
    if document.born_on:
        if values["born_on"] and values["born_on"] != document.born_on:
            typed, proven = f"{values['born_on']:%Y-%m-%d}", f"{document.born_on:%Y-%m-%d}"
            wrong = f"出生日期填的是 {typed}，证件号码中的是 {proven}"
            problems.append(("born_on", wrong, "请核对证件号码和出生日期"))
        values["born_on"] = document.born_on


def _check_age(born_on: date | None, field: str, problems: list[Problem]) -> None:
    if born_on is None or (problems and any(problem[0] == "born_on" for problem in problems)):
        return
    today = date.today()  # noqa: DTZ011 (the process is in the site's zone; quick, for each row of an import)
    age = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    if born_on > today:
        problems.append((field, f"出生日期 {born_on:%Y-%m-%d} 晚于今天", "请对照证件改正"))
    elif age < MIN_AGE:
        problems.append((field, f"年龄不满 {MIN_AGE} 周岁，不能登记为会员", "请核对出生日期和证件号码"))
    elif age > MAX_AGE:
        problems.append((field, f"按出生日期 {born_on:%Y-%m-%d} 计算已超过 {MAX_AGE} 岁", "请核对出生日期和证件号码"))
