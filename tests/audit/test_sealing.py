"""The chain over the entries: what was touched is named, and nobody waits for it (SPEC 7.6)."""

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from gonghui.audit import chain, heads
from gonghui.audit.models import Entry, Seal
from gonghui.audit.sealing import Gap, seal_waiting
from gonghui.audit.verification import Verification, last_before, quickly
from tests.audit.chains import apart, as_superuser, findings, sealed, write

__all__ = ["apart"]  # a fixture
pytestmark = [pytest.mark.django_db, pytest.mark.server]


def verified(*arguments: str) -> tuple[int, str]:
    """The exit code and the output of the command."""
    out = StringIO()
    try:
        call_command("audit", "verify", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code), out.getvalue()
    return 0, out.getvalue()


def test_what_was_sealed_and_left_alone_is_right():
    sealed(3)
    sealed(2)
    assert Seal.objects.count() == 2
    assert findings() == []
    code, text = verified()
    assert code == 0
    assert "5 entries in 2 seals compared, with 1 kept heads." in text
    assert "Nothing was touched." in text


CHANGES = [
    "verb = 'account.signed_ouT'",
    "at = at + interval '1 microsecond'",
    "actor_label = actor_label || ' '",
    "union_id = 1",
    "object_type = 'x'",
    "object_id = 7",
    "label = 'x'",
    "data = jsonb_set(data, '{count}', '999')",
    "address = '203.0.113.1'",
    "request_id = 'x'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_byte_flipped_in_any_column_names_the_entry(change):
    ids = sealed(4)
    with as_superuser() as cursor:
        cursor.execute(f"UPDATE audit_entry SET {change} WHERE id = %s", [ids[2]])  # noqa: S608
    assert findings() == [f"entry {ids[2]} was changed"]
    code, text = verified()
    assert code == 1
    assert f"TOUCHED  entry {ids[2]} was changed" in text


def test_an_entry_removed_is_named():
    ids = sealed(4)
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [ids[1]])
    assert findings() == [f"entry {ids[1]} was removed: seal 1 holds it"]


def test_two_entries_swapped_are_named_as_a_pair():
    ids = sealed(5)
    one, other = ids[1], ids[3]
    with as_superuser() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET id = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)",
            [one, other, one, one, other],
        )
    assert findings() == [f"entries {one} and {other} were swapped"]


def test_the_newest_cut_off_with_its_seal_is_told_by_the_head_that_was_kept():
    sealed(3)
    ids = sealed(2)
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM audit_seal WHERE number = 2")
    (finding,) = findings()
    assert finding.startswith("cut off: the head of ")
    assert f"knows seal 2, up to entry {ids[-1]}" in finding
    sealed(1)  # the worker goes on, and does not put a new head over the one that tells
    assert len(findings()) == 1
    assert quickly()[0] == findings()


def test_the_newest_entry_cut_off_without_its_seal_is_named():
    ids = sealed(3)
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [ids[-1]])
    assert findings() == [f"entry {ids[-1]} was removed: seal 1 holds it"]


def test_a_second_entry_with_the_number_of_a_sealed_one_is_told():
    ids = sealed(2)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (id, at, verb, actor_label, object_type, label, data, request_id)"
            " VALUES (%s, now() - interval '1 year', 'x', '', '', '', '{}', '')",
            [ids[0]],
        )
    assert findings() == [f"entry {ids[0]} is there twice: one of them was added"]


def test_a_chain_made_anew_by_who_can_write_to_the_database_is_not_ours():
    """The digests are right, but nobody without the secret can sign them."""
    ids = sealed(3)
    with as_superuser() as cursor:
        cursor.execute("UPDATE audit_entry SET label = 'x' WHERE id = %s", [ids[0]])
        (seal,) = Seal.objects.all()
        leaves = [row.leaf() for row in chain.by_id(ids)]
        digest = chain.seal_digest(1, seal.sealed_at, chain.FIRST, ids, leaves)
        Seal.objects.update(digest=digest, leaves=chain.shortened(leaves))
    told = findings()
    assert told[0] == "seal 1 was not made here: its digest is not signed by a key of this installation"
    assert "seal 1 is not the one that the head of" in told[1]


@pytest.mark.parametrize(
    "change",
    ["ids = ids || 1::bigint", "sealed_at = sealed_at - interval '1 day'", "top_id = top_id + 1", "leaves = ''"],
)
def test_a_seal_that_was_changed_is_named(change):
    sealed(2)
    with as_superuser() as cursor:
        cursor.execute(f"UPDATE audit_seal SET {change}")  # noqa: S608
    assert any("seal 1" in finding for finding in findings())


def test_a_seal_taken_out_of_the_middle_is_named():
    for _ in range(3):
        sealed(1)
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_seal WHERE number = 2")
    assert "seal 2 is gone" in findings()


def test_a_head_that_was_changed_is_told(apart):
    sealed(1)
    (file,) = apart.glob("*.txt")
    file.write_text(file.read_text().replace("seal 1 ", "seal 2 "))
    assert findings() == [f"the head of {heads.kept()[0].day} is not as it was written"]
    file.write_text("nonsense")
    with pytest.raises(ValueError, match="no head"):
        heads.kept()


def test_a_head_printed_and_kept_elsewhere_verifies_in_its_place(tmp_path):
    sealed(1)
    out = StringIO()
    call_command("audit", "heads", stdout=out)
    elsewhere = tmp_path / "printed.txt"
    elsewhere.write_text(out.getvalue())
    assert verified("--heads", str(elsewhere))[0] == 0
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_seal")
    assert verified("--heads", str(elsewhere))[0] == 1


def test_without_seals_or_heads_it_says_that_it_cannot_tell(apart):
    assert verified()[0] == 2
    sealed(1)
    for file in apart.glob("*.txt"):
        file.unlink()
    code, text = verified()
    assert code == 2
    assert "cannot be told" in text


def test_since_a_day_compares_what_was_sealed_from_then_on():
    first = sealed(2)
    with as_superuser() as cursor:
        cursor.execute("UPDATE audit_entry SET label = 'x' WHERE id = %s", [first[0]])
    before = last_before(timezone.now())
    sealed(3)
    run = Verification()
    assert run.run(before=before) == []
    assert run.entries == 3
    assert verified("--since", str(timezone.localdate() + timedelta(days=1)))[1].startswith("0 entries in 0 seals")
    assert verified("--since", "2020-01-01")[0] == 1


def test_an_entry_above_all_numbers_drawn_hides_none_that_follow():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (id, at, verb, actor_label, object_type, label, data, request_id)"
            " VALUES (9000000000000, now(), 'x', '', '', '', '{}', '')"
        )
    ids = sealed(2)
    assert Seal.objects.get().ids == ids


def test_what_was_written_by_hand_below_the_newest_seal_is_told_and_taken_in_by_the_command():
    ids = write(3)
    with as_superuser() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM audit_entry WHERE id = %s", [ids[1]])
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [ids[1]])
    seal_waiting()
    with as_superuser() as cursor:
        cursor.execute("UPDATE audit_seal SET gaps = '[]'")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_entry SELECT * FROM kept")
    code, text = verified()
    assert code == 0
    assert f"1 entries below the newest seal are in none: {ids[1]}." in text
    out = StringIO()
    call_command("audit", "seal", stdout=out)
    assert out.getvalue().startswith("1 entries sealed")
    assert "below the newest seal" not in verified()[1]
    assert findings() == []


def test_a_gap_is_open_while_a_transaction_may_fill_it():
    gap = Gap(5, 9, horizon=100, seen=1000)
    assert gap.is_open(oldest=99, now=1000 + 3600)
    assert gap.is_open(oldest=100, now=1000 + 30)
    assert not gap.is_open(oldest=100, now=1000 + 3600)
    assert not gap.is_open(oldest=99, now=1000 + 2 * 24 * 3600)


def test_any_tampering_is_found_and_names_what_it_touched():
    """Randomised: one random act of tampering on a random record, thirty times."""
    for round_ in range(30):
        seed = random.randrange(10**6)
        chance = random.Random(seed)
        sid = transaction.savepoint()
        ids = [pk for _ in range(chance.randint(1, 4)) for pk in sealed(chance.randint(1, 6))]
        pk = chance.choice(ids)
        with as_superuser() as cursor:
            if chance.random() < 0.5:
                cursor.execute(f"UPDATE audit_entry SET {chance.choice(CHANGES)} WHERE id = %s", [pk])  # noqa: S608
            else:
                cursor.execute("DELETE FROM audit_entry WHERE id = %s", [pk])
        (finding,) = Verification().run()
        assert f"entry {pk} was" in finding, (round_, seed)
        transaction.savepoint_rollback(sid)
        for file in heads.folder().glob("*.txt"):
            file.unlink()
    assert Entry.objects.count() == 0
