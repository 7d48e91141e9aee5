"""The page on which a group is booked: each person with the answer of all rules, and what is stated of him or her."""

from collections.abc import Sequence
from typing import Any

from gonghui.bookings.codes import Relation
from gonghui.bookings.eligibility.queries import answers, may_be_stated
from gonghui.bookings.ledger.queries import last_times
from gonghui.bookings.models import Programme
from gonghui.bookings.places.forms import BookingForm
from gonghui.bookings.places.people import Person, fits
from gonghui.bookings.programmes.figures import money
from gonghui.codelists.queries import offered
from gonghui.members.codes import DocumentType
from gonghui.members.models import Member


def first_choice(typed: Any, lines: Sequence[Any]) -> dict[str, Any]:
    """What was chosen before somebody was removed; at first the earliest session with room for all."""
    if typed:
        kept = {name: typed.get(name) for name in ("session", "mode", "key")}
        return kept | {name: name in typed for name in ("waits", "splittable")}
    return {"session": next((line.session.pk for line in lines if line.fits), None)}


UNMET = "unmet"
"""「移除不符合条件的」 sends this instead of a member's id."""


def who_meets(programme: Programme, people: Sequence[Person]) -> list[Person]:
    """Returns the people who meet every rule with what is stated of them."""
    met = answers(programme, [one.member_id for one in people], {one.member_id: one.stated for one in people})
    return [one for one in people if met[one.member_id].met]


def booking_context(
    programme: Programme, form: BookingForm, people: Sequence[Person], members: dict[int, Member]
) -> dict[str, Any]:
    ids = [person.member_id for person in people]
    met = answers(programme, ids, {person.member_id: person.stated for person in people})
    been = last_times(ids)
    packages = list(programme.packages.all())
    rows = [
        {
            "person": person,
            "member": members[person.member_id],
            "answer": met[person.member_id],
            "been": been.get((person.member_id, programme.kind)),
            "packages": [
                package
                for package in packages
                if any(fits(package, members[person.member_id], married) for married in (True, False, None))
            ],
            "guests": [
                (number, person.guests[number] if number < len(person.guests) else None)
                for number in range(programme.guests_max)
            ],
        }
        for person in people
    ]
    return {
        "programme": programme,
        "form": form,
        "rows": rows,
        "people_count": sum(1 + len(person.guests) for person in people),
        "refused_count": sum(not answer.met for answer in met.values()),
        "funds": [
            (fund.get_source_display(), money(fund.amount), money(fund.amount * len(rows)))
            for fund in programme.funds.all()
        ],
        "stated": may_be_stated(programme),
        "asks_marriage": any(package.married is not None for package in packages),
        "has_packages": bool(packages),
        "document_types": offered(DocumentType),
        "relations": Relation.choices,
    }
