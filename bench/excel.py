"""Workbooks against openpyxl, in one run: `python bench/excel.py [rows]` (goals F1 and F2).

Cases take turns and the medians are compared, so the ratios hold on a busy machine. Memory is measured in processes of
their own: what reading or exporting needs at its peak, parser's child included, interpreter and libraries too.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import xlsxwriter

from gonghui.kit.excel import CellKind, Column, export, read
from gonghui.kit.excel.scanning import scan

ROUNDS = 5
KINDS = {"姓名": CellKind.NAME, "证件号码": CellKind.CODE, "移动电话": CellKind.CODE, "出生日期": CellKind.DATE}
HEADINGS = ["姓名", "工会职务", "有效证件类型", "证件号码", "性别", "出生日期", "联系地址", "移动电话"]
HEADINGS += ["学历", "户籍类型", "技术等级"]
COLUMNS = [Column(heading, heading, required=True, kind=KINDS.get(heading, CellKind.TEXT)) for heading in HEADINGS]


def people(count: int) -> Iterator[tuple[str, ...]]:
    """Invented members, all different."""
    for n in range(count):
        name = "王李张刘陈杨赵黄周吴"[n % 10] + "伟芳娜敏静秀强磊洋"[n % 9] + "明华军平红"[n % 5]
        address = f"上海市黄浦区人民路{n}号"
        born = f"{1960 + n % 45}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        number, mobile = f"310000{n:012}", f"138{n:08}"
        yield name, "会员", "身份证", number, "男女"[n % 2], born, address, mobile, "大学本科", "非农业", "初级"


def make(path: Path, count: int) -> None:
    """A workbook as Excel saves it: with shared strings."""
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for row, values in enumerate([HEADINGS, *people(count)]):
            sheet.write_row(row, 0, values)


def read_ours(path: Path) -> int:
    """Scan, child and cleaning, and every row's texts looked at."""
    sheet = read(path.read_bytes(), COLUMNS, max_rows=99_999)
    return sum(1 for row in sheet.rows if row.cells.text("姓名"))


def read_openpyxl(path: Path) -> int:
    """Read-only mode, every row looked at."""
    workbook = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for row in workbook.worksheets[0].iter_rows(min_row=2, values_only=True) if row[0])


def export_ours(path: Path, count: int) -> None:
    """Our plain export."""
    export(path, HEADINGS, people(count), title="会员")


def export_openpyxl(path: Path, count: int) -> None:
    """Write-only mode."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.append(HEADINGS)
    for values in people(count):
        sheet.append(values)
    workbook.save(path)


def medians(cases: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds for each case, the median of ROUNDS in turns."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, case in cases.items():
            start = time.perf_counter()
            case()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def peak(case: str, path: Path, count: int) -> dict[str, int]:
    """Peak MB of a fresh process that runs one case, and of its child."""
    command = [sys.executable, __file__, "--peak", case, str(path), str(count)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def report_peak(case: str, path: str, count: str) -> None:
    """Run one case and print its peak memory as JSON."""
    if case == "read":
        read_ours(Path(path))
    else:
        export_ours(Path(path), int(count))
    status = Path("/proc/self/status").read_text()  # its peak is our own; getrusage's begins with that of our parent
    own = int(status.split("VmHWM:")[1].split()[0]) // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(json.dumps({"process": own, "child": child}))


def main(count: int) -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.xlsx"), Path(folder, "out.xlsx")
        make(path, count)
        taken = medians(
            {
                "scan alone": lambda: scan(path.read_bytes()),
                "read": lambda: read_ours(path),
                "read openpyxl": lambda: read_openpyxl(path),
                "export": lambda: export_ours(out, count),
                "export openpyxl": lambda: export_openpyxl(out, count),
            }
        )
        for name, seconds in taken.items():
            print(f"{name:16} {seconds:7.3f} s")
        print(f"F1 read   {taken['read openpyxl'] / taken['read']:5.1f} x openpyxl read-only (goal 5)")
        print(f"F2 export {taken['export openpyxl'] / taken['export']:5.1f} x openpyxl write-only (goal 8)")
        print(f"F1 peak MB of reading {count} rows: {peak('read', path, count)} (goal 200)")
        for rows in (1_000, count, 4 * count):
            print(f"F2 peak MB of exporting {rows} rows: {peak('export', out, rows)['process']}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        report_peak(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 50_000)
