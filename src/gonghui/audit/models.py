"""The append-only audit: every change by its meaning, every disclosure of personal data, every export.

Triggers write the old values of rows to each model's history table (``history`` below); an Entry says what the change
means and who did it. Nothing is updated or deleted: triggers refuse it for every role, and the application's role does
not have the right.
"""

from collections.abc import Callable
from typing import TypeVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.audit.rules import Person, can_search

M = TypeVar("M", bound=models.Model)


def append_only(model_name: str) -> pgtrigger.Protect:
    """Returns the trigger that makes a table append-only; ``model_name`` is part of its name."""
    return pgtrigger.Protect(name=f"{model_name}_append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def history(exclude: list[str] | None = None) -> Callable[[type[M]], type[M]]:
    """Class decorator: keeps each earlier version of a row, with the user, address and request that changed it.

    Only the OLD row of an UPDATE or DELETE is copied: the newest version is the row itself, and an import of new rows
    costs nothing. ``exclude`` names columns that are not kept.
    """
    return pghistory.track(
        pghistory.UpdateEvent(row=pghistory.Old),
        pghistory.DeleteEvent(),
        append_only=True,
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type] # documented: no such column
        exclude=exclude,
    )


class EntryQuerySet(models.QuerySet):
    def visible_to(self, user: Person) -> "EntryQuerySet":
        return self if can_search(user) else self.none()


class Entry(models.Model):
    """One act of a user, or of the system (no actor).

    The table is partitioned by the year of ``at`` (partitions.py); in the database its key is (id, at). Whatever reads
    many rows is ordered by ``-at, -id``, as every index is.
    """

    at = models.DateTimeField("时间", db_default=Now())
    verb = models.TextField("操作")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # entry_actor_at begins with it
    )
    actor_label = models.TextField("操作人", blank=True, default="")
    union_id = models.BigIntegerField("工会", null=True)
    object_type = models.TextField(blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    label = models.TextField("对象", blank=True, default="")
    data = models.JSONField("内容", default=dict)
    address = models.GenericIPAddressField("地址", null=True)
    request_id = models.TextField(blank=True, default="")

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="entry_at"),
            models.Index(fields=["actor", "-at", "-id"], name="entry_actor_at"),
            models.Index(fields=["union_id", "-at", "-id"], name="entry_union_at"),
            models.Index(fields=["object_type", "object_id", "-at", "-id"], name="entry_object_at"),
            models.Index(fields=["verb", "-at", "-id"], name="entry_verb_at"),
            GinIndex(
                fields=["data"], opclasses=["jsonb_path_ops"], condition=Q(object_type=""), name="entry_of_several"
            ),
        ]
        triggers = [append_only("entry")]


class Seal(models.Model):
    """A link of the chain over the entries (sealing.py, ADR 44): which entries, in which order, and their digest."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    ids = ArrayField(models.BigIntegerField())
    top_id = models.BigIntegerField()
    """The highest id of this seal and all before: the next one goes on from there."""
    leaves = models.BinaryField()
    """The first bytes of each entry's digest, in order, to name an entry that was touched."""
    digest = models.BinaryField()
    signature = models.TextField()
    """HMAC of the digest: whoever can write to the database alone cannot make another chain."""
    gaps = models.JSONField(default=list)
    """Ids below ``top_id`` whose entries may still come, for the next seal (`sealing.Gap`); not part of the digest."""

    class Meta:
        triggers = [append_only("seal")]

    def __str__(self) -> str:
        return f"seal {self.number}"


class Subject(models.Model):
    """A person whom an act concerned besides the entry's object: one row of an export or of a list.

    An entry has a row for each; ``person_id`` is the member's id, which the audit need not know.
    """

    pk = models.CompositePrimaryKey("person_id", "at", "entry_id")
    person_id = models.BigIntegerField()
    at = models.DateTimeField()
    entry_id = models.BigIntegerField()

    class Meta:
        triggers = [append_only("subject")]
