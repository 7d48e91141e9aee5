"""Binding of the previous version's sealed values loses none: killed in the middle, during other transactions, and
without a trace in histories and the audit.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

import pgtrigger
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from gonghui.audit import binding
from gonghui.audit.binding import Store, TextStore, bind_all, seen, stores
from gonghui.audit.models import Entry
from gonghui.imports import actions as imports
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.kit import crypto
from gonghui.kit.sealing import opened, original, sealed_columns
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member, edit_member, version_of
from tests.factories import make_member
from tests.members.people import values
from tests.people import make_cast
from tests.sealed import seal_everything
from tests.workbooks import member_row, upload

pytestmark = pytest.mark.server

Places = dict[tuple[Any, ...], bytes]
"""By table, id, column and (in a JSON column) key."""


def seal_as_before(data: bytes) -> bytes:
    """The previous version's function: version 1, under the same keys."""
    state = crypto._configured()
    nonce = os.urandom(12)
    encryptor = Cipher(state.current, modes.GCM(nonce)).encryptor()
    ciphertext = encryptor.update(data) + encryptor.finalize()
    return b"\1" + state.header[1:] + nonce + ciphertext + encryptor.tag


def rows_of(store: Store) -> list[tuple[int, UUID | None, list[Any]]]:
    """Returns each row's id, what its values are bound to, and the values (the whole of a JSON column)."""
    texts = isinstance(store, TextStore)
    owner = store.owner if texts else "seal_id"
    columns = f"{store.columns[0]}::text" if texts else ", ".join(store.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {store.pk}, {owner}, {columns} FROM {store.table} AS stored")  # noqa: S608
        return [(pk, of, values) for pk, of, *values in cursor.fetchall()]


def everything() -> Places:
    """Returns every sealed value of the database, opened for its purpose and by the row's own id."""
    places: Places = {}
    for store in stores():
        for pk, owner, row in rows_of(store):
            if isinstance(store, TextStore):
                document = json.loads(row[0])
                sealed = {
                    (store.columns[0], key): (store.purpose, b64decode(document.get(key, ""))) for key in store.keys
                }
            else:
                sealed = {(column,): place for column, *place in zip(store.columns, store.purposes, row, strict=True)}
            places |= {
                (store.table, pk, *place): purpose.open_bytes(blob, owner)
                for place, (purpose, blob) in sealed.items()
                if blob
            }
    return places


def as_of_before() -> None:
    """Seals every value as the previous version did, and removes the rows' own seal ids."""
    before = everything()
    with pgtrigger.ignore(), connection.cursor() as cursor:
        for (table, pk, column, *key), plain in before.items():
            sealed = seal_as_before(plain)
            name = "pgh_id" if table.endswith("event") else "id"
            if key:
                value = json.dumps({key[0]: b64encode(sealed).decode()})
                cursor.execute(f"UPDATE {table} SET {column} = {column} || %s::jsonb WHERE {name} = %s", [value, pk])  # noqa: S608
            else:
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {name} = %s", [sealed, pk])  # noqa: S608
        for table in {store.table for store in stores() if store.shares_seal_id} - {"unions_union"}:
            # The migration gave a union a seal id, and each of its earlier versions one that is not in use yet.
            new = "gen_random_uuid()" if table == "unions_unionevent" else "NULL"
            cursor.execute(f"UPDATE {table} SET seal_id = {new}")  # noqa: S608


def rows() -> dict[str, int]:
    """Returns the number of rows of each history and of the audit."""
    return {
        model._meta.db_table: model._base_manager.count()
        for model in apps.get_models()
        if not model._meta.proxy and model._meta.managed and (model is Entry or hasattr(model, "pgh_created_at"))
    }


class Killed(BaseException):
    """Like a signal: no code catches it."""


def killed_after(batches: int) -> Callable[[str, int], None]:
    """Returns a ``progress`` that raises Killed after a number of batches."""
    remaining = batches

    def progress(table: str, done: int) -> None:
        nonlocal remaining
        remaining -= 1
        if remaining < 0:
            raise Killed

    return progress


@pytest.mark.django_db
def test_no_value_is_lost_though_it_is_killed_again_and_again(cast, monkeypatch):
    seal_everything(cast)
    before, counts = everything(), rows()
    versions = {member.pk: version_of(member) for member in Member.objects.all()}
    assert {table for table, *_ in before} == {store.table for store in stores()}
    as_of_before()
    with pytest.raises(crypto.Unbound):
        everything()
    monkeypatch.setattr(binding, "ROWS", 2)
    for batches in (0, 1, 5, 9):
        with pytest.raises(Killed):
            bind_all(killed_after(batches))
        assert seen().unbound
    call_command("bind_sealed_values")
    assert everything() == before
    assert rows() == counts
    assert versions == {member.pk: version_of(member) for member in Member.objects.all()}
    assert seen() == ([], [])
    assert bind_all(lambda table, done: None) == 0


@pytest.mark.django_db
def test_a_row_and_its_earlier_versions_get_one_id(cast):
    seal_everything(cast)
    as_of_before()
    bind_all(lambda table, done: None)
    looked_at = 0
    for model in apps.get_models():
        if hasattr(model, "pgh_created_at") and sealed_columns(model):
            live = dict(original(model)._base_manager.values_list("pk", "seal_id"))
            for row in model._base_manager.all():
                if any(getattr(row, column) for column in sealed_columns(model)):
                    assert row.seal_id == live[row.pgh_obj_id]
                    looked_at += 1
    assert looked_at > 5


@pytest.mark.django_db
def test_an_edit_while_unbound_values_are_left_binds_and_loses_nothing(cast, monkeypatch):
    """With GONGHUI_TAKE_UNBOUND the platform runs during binding: it writes bound values and can read unbound ones."""
    member = add_member(cast.union, values(1), by=cast.officer)
    as_of_before()
    monkeypatch.setattr(crypto, "_state", crypto._configured()._replace(takes_unbound=True))
    member.refresh_from_db()
    edited, version = values(1, mobile="19911112222"), version_of(member)
    edit_member(member, edited, version=version, by=cast.officer)
    bind_all(lambda table, done: None)
    monkeypatch.setattr(crypto, "_state", crypto._configured()._replace(takes_unbound=False))
    member.refresh_from_db()
    assert (member.mobile, member.address, member.document_number) == (
        edited.mobile,
        edited.address,
        edited.document_number,
    )
    earlier = member.events.get()
    assert opened(earlier, "mobile_sealed") == values(1).mobile


@pytest.mark.django_db
def test_binding_is_no_change_that_keeps_an_import_from_being_undone(cast):
    people = [member_row(seed) for seed in (1, 2, 3)]
    first = imports.upload_workbook(cast.union, KINDS["members"], upload(people), by=cast.officer)
    run_batch(first.pk)
    changed = [member_row(1, mobile="19944445555"), member_row(2, address="新路1号")]
    batch = imports.upload_workbook(cast.union, KINDS["members"], upload(changed), by=cast.officer)
    run_batch(imports.confirm_import(batch, ["changed"], by=cast.officer).pk)
    as_of_before()
    bind_all(lambda table, done: None)
    batch.refresh_from_db()
    imports.undo_batch(batch, by=cast.officer)
    texts = {(member.mobile, member.address) for member in Member.objects.filter(union=cast.union)}
    assert texts == {(values(seed).mobile, values(seed).address) for seed in (1, 2, 3)}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_waits_and_the_change_stays(monkeypatch):
    cast = make_cast()
    members = [make_member(cast.union) for _ in range(4)]
    as_of_before()
    monkeypatch.setattr(binding, "WAIT_SECONDS", 0.05)
    locked, others_done = Event(), Event()

    def change() -> None:
        try:
            with transaction.atomic():
                Member.objects.select_for_update().get(pk=members[1].pk)
                locked.set()
                others_done.wait(10)
                Member.objects.filter(pk=members[1].pk).update(name="王改名")
        finally:
            connection.close()

    def progress(table: str, done: int) -> None:
        if table == "members_member" and done == 3:
            others_done.set()

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        locked.wait(10)
        bind_all(progress)
        changing.result()
    assert others_done.is_set()
    changed = Member.objects.get(pk=members[1].pk)
    assert (changed.name, changed.mobile) == ("王改名", "19900001234")
    assert seen().unbound == []
