"""Which columns and which parameters a request reads: what it has not read decides nothing in it.

A row that the ORM has made an object of is read where an attribute of it is; of any other statement each column counts
that it names, and of one that writes, all columns of its tables, for triggers and constraints read these.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from types import CodeType
from typing import Any

from django.db import connection, models
from django.db.models.query import ModelIterable
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django_structlog.middlewares import RequestMiddleware

from gonghui.kit import middleware

ROWS = ModelIterable.__iter__.__code__
PLAIN_COLUMNS = re.compile(r'SELECT (?:DISTINCT )?(?:(?:"\w+"|\w+)\."\w+"(?:, | (?=FROM )))+')
"""With which the statement begins that fetches whole rows."""


class Watched:
    """Stands in for a field's descriptor, and says when the value is read."""

    def __init__(self, field: models.Field, note: Callable[[models.Field], None]) -> None:
        self.field, self.note, self.real = field, note, vars(field.model)[field.attname]

    def __get__(self, instance: models.Model | None, owner: type) -> Any:
        if instance is None:
            return self.real
        self.note(self.field)
        return self.real.__get__(instance, owner)

    def __set__(self, instance: models.Model, value: Any) -> None:
        vars(instance)[self.field.attname] = value


@contextmanager
def columns_read(
    fields: list[models.Field], *, but_by: Collection[Callable[..., Any]] = ()
) -> Iterator[set[models.Field]]:
    """Gathers those of the fields that are read inside, though not those that these functions alone read."""
    read: set[models.Field] = set()
    ignored = {function.__code__ for function in but_by}

    def note(*found: models.Field) -> None:
        if (new := {*found} - read) and ignored.isdisjoint(_callers()):
            read.update(new)

    def asked(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        note(*_named(str(sql), fields))
        return execute(sql, *rest)

    with ExitStack() as stack:
        for field in fields:
            watched = Watched(field, note)
            setattr(field.model, field.attname, watched)
            stack.callback(setattr, field.model, field.attname, watched.real)
        stack.enter_context(connection.execute_wrapper(asked))
        yield read


ALL = "*"
"""All parameters, in whatever order."""
READS_ALL = ("items", "lists", "values", "dict", "urlencode", "copy", "__copy__", "__deepcopy__")


@contextmanager
def parameters_read() -> Iterator[set[str]]:
    """Gathers the names of the parameters whose values are read inside, of a query or of a form; ALL if all are.

    What happens to every request alike does not count: the look for null characters, and the line of the log.
    """
    read: set[str] = set()
    alike = {middleware._has_null.__code__, RequestMiddleware.format_request.__code__}

    def one(real: Callable[..., Any]) -> Callable[..., Any]:
        def get(query: QueryDict, name: str, *rest: Any, **more: Any) -> Any:
            read.add(name)
            return real(query, name, *rest, **more)

        return get

    def every(real: Callable[..., Any]) -> Callable[..., Any]:
        def get(source: Any, *rest: Any, **more: Any) -> Any:
            if source and sys._getframe(1).f_code not in alike:
                read.add(ALL)
            return real(source, *rest, **more)

        return get

    def full_path(request: HttpRequest, *rest: Any, **more: Any) -> str:
        if request.META.get("QUERY_STRING") and sys._getframe(1).f_code not in alike:
            read.add(ALL)
        return real_path(request, *rest, **more)

    real_path = HttpRequest.get_full_path
    with ExitStack() as stack:
        for names, wrap in ((("get", "getlist", "__getitem__", "pop"), one), (READS_ALL, every)):
            for name in names:
                real = getattr(QueryDict, name)
                stack.callback(setattr, QueryDict, name, real)
                setattr(QueryDict, name, wrap(real))
        HttpRequest.get_full_path = full_path
        stack.callback(setattr, HttpRequest, "get_full_path", real_path)
        yield read


@contextmanager
def presence_read(names: set[str]) -> Iterator[None]:
    """Adds to these the names of which it is asked whether they were sent, with ``in``; by more than the parser."""
    parser = MultiValueDict.setlistdefault.__code__

    def contains(query: QueryDict, name: str) -> bool:
        if sys._getframe(1).f_code is not parser:
            names.add(name)
        return dict.__contains__(query, name)

    QueryDict.__contains__ = contains
    try:
        yield
    finally:
        del QueryDict.__contains__


def _named(sql: str, fields: list[models.Field]) -> Iterator[models.Field]:
    """The columns that decide what the statement does or gives."""
    writes = not sql.startswith("SELECT")
    if not writes and ROWS in _callers():
        sql = PLAIN_COLUMNS.sub("", sql, count=1)
    words = set(re.findall(r"\w+", sql))
    for field in fields:
        if field.model._meta.db_table in words and (writes or field.column in words):
            yield field


def _callers() -> Iterator[CodeType]:
    frame = sys._getframe(1)
    while frame:
        yield frame.f_code
        frame = frame.f_back
