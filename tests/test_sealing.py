"""A sealed value opens where it was sealed for, and nowhere else: every sealed column of every model, found by itself."""

from base64 import b64decode
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from gonghui.audit.binding import TextStore, stores
from gonghui.bookings import models as bookings
from gonghui.kit import crypto
from gonghui.kit.sealing import opened, opened_bytes, original, purpose, sealed_columns
from gonghui.members.fields import FIELDS
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.publishing.models import DownloadVersion, Rendition
from gonghui.unions import union_details
from gonghui.unions.models import Union
from tests.factories import change_member, make_member
from tests.members.people import values
from tests.sealed import seal_everything

pytestmark = pytest.mark.django_db

OURS = [model for model in apps.get_models() if model.__module__.startswith("gonghui.")]
TABLES = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
SEALED = [(model, column) for model in OURS for column in sealed_columns(model)]
HASHES = {
    "person_key",
    "papers_key",
    "mobile_key",
    "document_hash",
    "number_hash",
    "card_hash",
    "seen",
    "owner",
    "leaves",
    "digest",
    "employers_digest",
    "duties_digest",
}
"""Binary columns that hold fingerprints, or digests."""
PUBLIC = {(model, "content") for model in (DownloadVersion, Rendition, bookings.Rendition, bookings.Document)}
"""What anybody may see; pictures and documents of programmes, which are nobody's data."""


def test_every_binary_column_is_sealed_and_bound_or_a_fingerprint():
    for model in OURS:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.BinaryField):
                known = field.name in HASHES or (model, field.name) in PUBLIC
                assert known or field.name in sealed_columns(model), (model, field.name)
        if sealed_columns(model):
            assert model._meta.get_field("seal_id"), model


def test_no_two_columns_share_a_purpose_but_those_of_copies():
    kept: dict[str, set[tuple[type, str]]] = {}
    for model, column in SEALED:
        kept.setdefault(purpose(model, column).name, set()).add((original(model), column))
    shared = [places for places in kept.values() if len({model for model, _ in places}) > 1]
    staged = [{model.__name__ for model, _ in places} for places in shared]
    assert all(names == {"Member", "StagedMember"} for names in staged)
    assert len(staged) == sum(field.sealed for field in FIELDS.values())


def rows_of(model: type[models.Model], column: str) -> list[Any]:
    """Two rows with something in the column and different owners; the story must make them."""
    found = {row.seal_id: row for row in model._base_manager.exclude(**{column: None}) if getattr(row, column)}
    assert len(found) > 1, f"tests/sealed.py makes too few rows of {model.__name__} with {column}"
    return list(found.values())[:2]


def test_a_value_moved_to_another_row_or_another_column_is_refused(cast):
    seal_everything(cast)
    for model, column in SEALED:
        here, there = rows_of(model, column)
        assert opened_bytes(here, column)
        blob = getattr(here, column)
        setattr(there, column, blob)
        with pytest.raises(crypto.Tampered):
            opened_bytes(there, column)
        for other in sealed_columns(model):
            if other != column:
                setattr(here, other, blob)
                with pytest.raises(crypto.Tampered):
                    opened_bytes(here, other)


def test_a_value_opens_in_no_column_of_another_table_even_under_its_seal_id(cast):
    seal_everything(cast)
    samples = [(model, column, rows_of(model, column)[0]) for model, column in SEALED]
    for (model, column, row), (other, elsewhere) in product(samples, SEALED):
        if purpose(model, column).name != purpose(other, elsewhere).name:
            with pytest.raises(crypto.Tampered):
                purpose(other, elsewhere).open_bytes(getattr(row, column), row.seal_id)


def sealed_strings(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where in a JSON value a sealed text stands."""
    if isinstance(value, dict):
        return [sealed_string for key, one in value.items() for sealed_string in sealed_strings(one, (*path, key))]
    if isinstance(value, list):
        return [found for one in value for found in sealed_strings(one, (*path, "*"))]
    try:
        blob = b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        return []
    header = crypto._configured().header
    return [path] if blob.startswith(header) else []


def test_every_sealed_text_in_json_is_known_and_opens_for_its_owner_alone(cast):
    seal_everything(cast)
    known = {
        (store.table, store.columns[0], key): store
        for store in stores()
        if isinstance(store, TextStore)
        for key in store.keys
    }
    found = set()
    for model in TABLES:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.JSONField):
                for value in model._base_manager.values_list(field.attname, flat=True):
                    for path in sealed_strings(value):
                        assert len(path) == 1, (model, field.name, path)
                        found.add((model._meta.db_table, field.attname, path[0]))
    assert found <= set(known), "not migrated and not looked at: kit.sealing.TEXTS must have it"
    assert {table for table, *_ in found} >= {
        "filings_amendment",
        "reviews_review",
        "reviews_reviewevent",
        "mfa_authenticator",
    }


def test_the_phone_of_another_union_in_a_review_is_refused(cast):
    packed = union_details.pack({"phone": "19900001234"}, cast.union)
    assert union_details.unpack(packed, cast.union) == {"phone": "19900001234"}
    with pytest.raises(crypto.Tampered):
        union_details.unpack(packed, cast.neighbour)
    blob = b64decode(packed["phone_sealed"])
    with pytest.raises(crypto.Tampered):
        purpose(Union, "phone_sealed").open(blob, cast.union.seal_id)


def test_who_moves_anothers_number_into_his_own_row_sees_nothing(client, cast):
    mine, other = make_member(cast.union), make_member(cast.neighbour)
    Member.objects.filter(pk=mine.pk).update(document_sealed=other.document_sealed)
    client.force_login(cast.officer)
    client.raise_request_exception = False
    for path in ("members:view", "members:edit"):
        response = client.get(reverse(path, args=[mine.pk]))
        assert response.status_code == 500
        assert other.document_number not in response.text


def test_earlier_versions_open_and_show_what_differs(client, cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    change_member(member, mobile="19911112222")
    change_member(member, address="改过的路1号")
    earlier = member.events.order_by("pgh_id")
    assert [opened(one, "mobile_sealed") for one in earlier] == [values(1).mobile, "19911112222"]
    assert {one.seal_id for one in earlier} == {member.seal_id}
    client.force_login(cast.officer)
    html = client.get(reverse("members:versions", args=[member.pk])).text
    assert "199****2222" in html


def test_a_value_without_an_owner_cannot_be_sealed():
    with pytest.raises(TypeError):
        purpose(Member, "mobile_sealed").seal("19900001234")
    with pytest.raises(AttributeError):
        purpose(Member, "mobile_sealed").seal("19900001234", None)
    with pytest.raises(ValueError, match="no sealed column"):
        purpose(Member, "name")
    assert purpose(Member, "mobile_sealed").seal("19900001234", uuid4())
