"""The things of the world (tests/world.py) that are of the registers."""

from functools import cached_property

from gonghui.registers.actions import add_pieces, begin
from gonghui.registers.models import EmployerMark, Load, Mark, Register
from gonghui.registers.unorganised.actions import mark
from gonghui.unions.models import RegisteredEmployer
from tests.people import Cast
from tests.registers.entries import new_entry
from tests.registers.files import checked, csv_of, employer_line, people_csv, person_line


class RegisterThings:
    """Loads of the city's platform administrator; employers without a union in every street."""

    cast: Cast
    register = "members"

    @cached_property
    def load(self) -> Load:
        """Of the statistical register, with a good and a wrong line: it waits to be confirmed."""
        return checked(csv_of([employer_line(1), employer_line(2, 单位名称="")]), by=self.cast.platform_admin)

    @cached_property
    def load_sent(self) -> Load:
        """Of the member register: the file is there, and is not checked yet."""
        data, by = people_csv([person_line(1)]), self.cast.platform_admin
        load = begin(Register.MEMBERS, "会员库.csv", len(data), by=by)
        add_pieces(load, [data], by=by)
        return load

    @cached_property
    def unorganised(self) -> EmployerMark:
        """Of the first of two employers in the street; there is one in each other street, and one of no known place."""
        streets = (self.cast.street, self.cast.street, self.cast.other_street, self.cast.company, None)
        rows = [new_entry(900 + seed, street, industry="I") for seed, street in enumerate(streets)]
        first = RegisteredEmployer.objects.bulk_create(rows)[0]
        mark({first.pk: 0}, Mark.UNFIT, "不足三人", by=self.cast.platform_admin)
        return EmployerMark.objects.get(employer=first)
