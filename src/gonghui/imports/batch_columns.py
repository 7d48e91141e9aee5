"""The columns of a batch for its workbook and plan: sealed where they quote personal data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from uuid import UUID

from gonghui.imports.kinds import GoodRow, Plan
from gonghui.imports.models import Batch
from gonghui.kit.excel import Problem
from gonghui.kit.sealing import purpose

SEALED = ("file_sealed", "problems_sealed", "lines_sealed", "mends_sealed")
"""The columns that quote the officer's file; they are deleted with it."""

FILE, _PROBLEMS, _LINES = (purpose(Batch, column) for column in SEALED[:3])
_PROBLEM = tuple(field.name for field in fields(Problem))


def counted(plan: Plan, owner: UUID) -> dict[str, object]:
    """Returns a plan as columns of its batch, sealed for the batch's ``seal_id``."""
    problems = json.dumps(
        [[getattr(problem, name) for name in _PROBLEM] for problem in plan.problems], ensure_ascii=False
    )
    return {
        "rows_total": plan.total,
        "rows_valid": len(plan.rows),
        "group_counts": {key: len(positions) for key, positions in plan.groups.items()},
        "lines_sealed": sealed_lines(plan.lines, owner) if plan.lines else None,
        "warning": plan.warning,
        "rows_done": 0,
        "problem_count": len(plan.problems),
        "problems_sealed": _PROBLEMS.seal(problems, owner) if plan.problems else None,
    }


def sealed_lines(lines: Mapping[str, Sequence[GoodRow]], owner: UUID) -> bytes:
    """Returns the listed rows of each group; they quote the officer's file."""
    return _LINES.seal(json.dumps(lines, ensure_ascii=False), owner)
