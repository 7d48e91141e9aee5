"""``gonghui manage load_register employers FILE``: loads a file into the statistical or the member register."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from gonghui.kit.errors import Refused
from gonghui.registers import actions, job
from gonghui.registers.models import Load, LoadState, Register
from gonghui.registers.registry import KINDS

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Load a CSV file (UTF-8 or GBK, up to 200 MB) or a workbook (up to 99,999 rows) into a register: employers "
        "(大统计库) or members (会员库). Without an option it loads only if no line is wrong. The same file may be loaded "
        "again at any time: it changes only what differs. Exits with 0 when loaded or nothing is to change, with 1 when "
        "lines are wrong or the file is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("register", choices=Register.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="say what the file would change, and change nothing")
        parser.add_argument("--good", action="store_true", help="load the good lines though others are wrong")

    def handle(self, *args: Any, register: str, file: Path, check: bool, good: bool, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                load = actions.begin(Register(register), file.name, file.stat().st_size, by=None)
                with job.held(load.pk):  # while it is held, the worker does not take the load for abandoned
                    self._check(load, opened)
                    wrong = self._told(load) and not good
                    self._go_on(load, only_told=check or wrong)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        load.refresh_from_db()
        if wrong or load.state == LoadState.FAILED:
            raise CommandError(f"没有载入任何一行。{load.message}")
        self.stdout.write(f"{load.get_state_display()}：{load.message}")

    def _check(self, load: Load, opened: BinaryIO) -> None:
        try:
            actions.add_pieces(load, iter(lambda: opened.read(1024 * 1024), b""), by=None)
            actions.check(load, by=None, by_job=False)
        except BaseException:
            job.end(load.pk, LoadState.DISCARDED, "上传中断，没有载入任何一行。")
            raise
        job.run(load.pk, self._progress("checked"))
        load.refresh_from_db()

    def _go_on(self, load: Load, *, only_told: bool) -> None:
        if load.state != LoadState.WAITING:
            return
        if only_told:
            actions.discard(load, by=None)
        else:
            job.run(actions.confirm(load, by=None, by_job=False).pk, self._progress("loaded"))

    def _told(self, load: Load) -> bool:
        """Says what the file would change, and what is wrong with it; whether anything is."""
        for note in (load.read_as, load.notes):
            if note:
                self.stdout.write(note)
        self.stdout.write(
            f"{load.rows_total:,} 行：新增 {load.rows_new:,}，变更 {load.rows_changed:,}，不变 {load.rows_same:,}，"
            f"在工会中 {load.rows_elsewhere:,}，有误 {load.rows_wrong:,}"
        )
        masks = KINDS[load.register].masks
        for problem in load.problems[:SHOWN]:
            value = masks.get(problem.column, str)(problem.value)
            self.stderr.write(f"第 {problem.row} 行，{problem.heading}“{value}”：{problem.wrong}。{problem.right}。")
        if load.problem_count > SHOWN:
            self.stderr.write(f"…… 共 {load.problem_count:,} 处错误，{load.rows_wrong:,} 行")
        return bool(load.rows_wrong)

    def _progress(self, done: str) -> job.Progress:
        lines = 0

        def progress(load: Load) -> None:
            nonlocal lines
            if load.rows_done - lines >= 100_000:
                lines = load.rows_done
                self.stdout.write(f"{lines:,} lines {done}")

        return progress
