"""The audit: complete, searchable, and immutable (SPEC 7.2)."""

import pytest
from django.db import DatabaseError, connection, transaction

from gonghui.audit.actions import record
from gonghui.audit.context import coming_from
from gonghui.audit.models import Entry
from gonghui.members.models import Member
from gonghui.reviews.models import Review
from gonghui.unions.models import Union, UnionEvent
from tests.factories import make_member


def test_a_record_says_who_what_where(cast):
    with coming_from("203.0.113.7", "request-1"):
        record("review.approved", cast.union, by=cast.reviewer, union=cast.union, opinion="好")
    entry = Entry.objects.latest("pk")
    assert (entry.actor, entry.actor_label, entry.address, entry.request_id) == (
        cast.reviewer, "五角场镇审核人", "203.0.113.7", "request-1",
    )  # fmt: skip
    assert (entry.object_id, entry.label, entry.data) == (cast.union.pk, cast.union.name, {"opinion": "好"})


def test_an_unknown_verb_is_a_programming_error(cast):
    with pytest.raises(KeyError):
        record("union.exploded", cast.union, by=cast.reviewer)


@pytest.mark.django_db(transaction=True)
def test_a_record_without_a_transaction_is_a_programming_error():
    with pytest.raises(RuntimeError, match="transaction"):
        record("review.approved", None, by=None)


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_the_audit_even_for_its_owner(cast, statement):
    record("review.approved", cast.union, by=cast.reviewer)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.exists()


def test_every_overwritten_row_is_kept_also_from_bulk_updates(cast):
    cast.union.__class__.objects.filter(pk=cast.union.pk).update(leader="李示例")
    cast.union.__class__.objects.filter(pk=cast.union.pk).update(leader="王示例")
    versions = UnionEvent.objects.filter(pgh_obj_id=cast.union.pk).order_by("pgh_id").values_list("leader", flat=True)
    assert list(versions)[-2:] == ["", "李示例"]


@pytest.mark.parametrize("change", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize(("model", "column"), [(Union, "leader"), (Member, "name"), (Review, "title")])
def test_histories_are_append_only(cast, model, column, change):
    make_member(cast.union)
    Review.objects.create(kind="filing", union=cast.union, title="示例", submitted_by=cast.officer)
    model.objects.update(**{column: "李示例"})
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="Cannot"):
        cursor.execute(change.format(f"{model._meta.db_table}event"))
