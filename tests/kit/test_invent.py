"""Invented people are the same every time, differ from each other, and pass every check of a real entry."""

from collections import Counter

import pytest

from gonghui.kit import documents, names
from gonghui.kit.invent import invent_employer_name, invent_org_code, invent_person, invent_uscc

PEOPLE = [invent_person(seed) for seed in range(20_000)]


def test_the_same_seed_gives_the_same_person():
    assert invent_person(1234) == invent_person(1234) == PEOPLE[1234]


def test_no_two_share_a_number():
    assert len({person.resident_id for person in PEOPLE}) == len(PEOPLE)
    assert len({person.mobile for person in PEOPLE}) == len(PEOPLE)
    assert len({invent_uscc(seed) for seed in range(20_000)}) == 20_000
    assert len({invent_org_code(seed) for seed in range(20_000)}) == 20_000


def test_every_entry_passes_its_check():
    for person in PEOPLE:
        found = documents.parse_resident_id(person.resident_id)
        assert (found.born_on, found.sex, found.region_known) == (person.born_on, person.sex, True)
        assert documents.check_mobile(person.mobile) == person.mobile
        assert names.clean_name(person.name) == person.name
        assert len(person.address) <= 40


@pytest.mark.parametrize("seed", range(0, 2_000_000, 100_003))
def test_unit_codes_hold_far_along_too(seed):
    assert documents.check_uscc(invent_uscc(seed))[8:17] == documents.check_org_code(invent_org_code(seed))


def test_a_crowd_looks_like_one():
    """Both sexes, all districts, frequent surnames first, some of two characters, some rare characters."""
    sexes = Counter(person.sex for person in PEOPLE)
    assert 0.45 < sexes["M"] / len(PEOPLE) < 0.55
    assert len({person.resident_id[:6] for person in PEOPLE}) == 16
    surnames = Counter(person.name[0] for person in PEOPLE)
    assert surnames["王"] > 10 * surnames["卢"] > 0
    assert any(person.name.startswith("欧阳") for person in PEOPLE)
    assert any(ord(character) > 0xFFFF for person in PEOPLE for character in person.name)


def test_employers_have_names_of_their_own():
    assert len({invent_employer_name(seed) for seed in range(3072)}) == 3072
