"""A row that every request loads, by a statement that Django writes once in each thread.

Django takes longer to write a statement with joins and subqueries than PostgreSQL to answer it (docs/adr/0036).
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=Model)

_ASKED_FOR = -(2**62)
"""Stands in the statement for the primary key, as a number or a text: no row has it."""


class PreparedRow(threading.local, Generic[Row]):
    """Loads rows of a query by primary key. The query may depend on nothing that changes while the process runs.

    Each thread has a statement of its own, since Django counts in a query which of its tables are in use.
    """

    def __init__(self, query: Callable[[], QuerySet[Row]]) -> None:
        self._query, self._asked_for = query, None
        self._rows: QuerySet[Row] | None = None

    def get(self, pk: Any) -> Row | None:
        """Returns the row, or None."""
        self._asked_for = pk
        if self._rows is None:
            self._rows = self._prepare()
        return next(iter(ModelIterable(self._rows)), None)

    def _prepare(self) -> QuerySet[Row]:
        """Returns the query, which no longer writes its statement anew."""
        rows = self._query().filter(pk=_ASKED_FOR)
        compiler, mark = rows.query.get_compiler(rows.db), rows.model._meta.pk.get_prep_value(_ASKED_FOR)
        sql, parameters = compiler.as_sql()

        def as_sql(*_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
            return sql, tuple(self._asked_for if value == mark else value for value in parameters)

        compiler.as_sql = as_sql
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return rows
