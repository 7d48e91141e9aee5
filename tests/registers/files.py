"""Files of the registers as a city exports them, and their loads."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from gonghui.accounts.models import User
from gonghui.kit.invent import invent_employer_name, invent_person, invent_uscc
from gonghui.registers import actions, job
from gonghui.registers.models import Load, Register

EMPLOYER_HEADINGS = ("单位名称", "统一社会信用代码", "经济类型", "单位所属行业", "单位地址", "职工人数", "街镇代码")
PERSON_HEADINGS = ("姓名", "证件号码", "移动电话", "联系地址", "学历", "组织机构代码")


def employer_line(seed: int, **changed: object) -> list[object]:
    """A good line of the statistical register; ``changed`` by heading."""
    values = [
        invent_employer_name(seed),
        invent_uscc(seed),
        "私营企业",
        "制造业",
        f"示例路{seed}号",
        seed % 500 + 1,
        "",
    ]
    return [changed.get(heading, value) for heading, value in zip(EMPLOYER_HEADINGS, values, strict=True)]


def person_line(seed: int, **changed: object) -> list[object]:
    """A good line of the member register; ``changed`` by heading."""
    person = invent_person(seed)
    values = [person.name, person.resident_id, person.mobile, person.address, "大学本科", invent_uscc(seed // 20)]
    return [changed.get(heading, value) for heading, value in zip(PERSON_HEADINGS, values, strict=True)]


def csv_of(
    rows: Iterable[Sequence[object]], headings: Sequence[object] = EMPLOYER_HEADINGS, encoding: str = "utf-8"
) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def people_csv(rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> bytes:
    return csv_of(rows, PERSON_HEADINGS, encoding)


def sent(data: bytes, register: Register = Register.EMPLOYERS, *, by: User | None = None, name: str = "库.csv") -> Load:
    """The file is there, and its check waits for the job."""
    load = actions.begin(register, name, len(data), by=by)
    actions.add_pieces(load, [data], by=by)
    return actions.check(load, by=by)


def checked(
    data: bytes, register: Register = Register.EMPLOYERS, *, by: User | None = None, name: str = "库.csv"
) -> Load:
    """The job has checked the file."""
    load = sent(data, register, by=by, name=name)
    job.run(load.pk)
    load.refresh_from_db()
    return load


def loaded(data: bytes, register: Register = Register.EMPLOYERS, *, by: User | None = None) -> Load:
    """Checked, confirmed where there is something to confirm, and loaded."""
    load = checked(data, register, by=by)
    if load.state == "waiting":
        job.run(actions.confirm(load, by=by).pk)
        load.refresh_from_db()
    return load


def counts(load: Load) -> tuple[int, int, int, int]:
    """新增, 变更, 不变, 有误."""
    return load.rows_new, load.rows_changed, load.rows_same, load.rows_wrong
