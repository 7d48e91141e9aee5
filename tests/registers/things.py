"""The things of the world (tests/world.py) that are of the registers."""

from functools import cached_property

from gonghui.registers.actions import add_pieces, begin
from gonghui.registers.models import Load, Register
from tests.people import Cast
from tests.registers.files import checked, csv_of, employer_line, people_csv, person_line


class RegisterThings:
    """Loads of the city's platform administrator."""

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
