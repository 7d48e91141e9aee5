"""Foreign keys within and after ``checks_at_once``."""

import pytest
from django.db import IntegrityError, connection, transaction

from gonghui.kit.bulk import checks_at_once
from gonghui.unions.models import Union
from tests.factories import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.server]

NOBODY = 2**40


def test_a_key_to_nothing_is_refused_by_the_statement_itself(cast):
    member = make_member(cast.union)
    with pytest.raises(IntegrityError), transaction.atomic(), checks_at_once():
        type(member).objects.filter(pk=member.pk).update(union_id=NOBODY)


def test_afterwards_keys_wait_for_the_commit_again(cast):
    member = make_member(cast.union)
    with checks_at_once():
        assert Union.objects.filter(pk=member.union_id).exists()
    type(member).objects.filter(pk=member.pk).update(union_id=NOBODY)
    type(member).objects.filter(pk=member.pk).update(union_id=cast.union.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
