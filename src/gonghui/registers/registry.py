"""The two registers."""

from gonghui.registers.employers import EMPLOYERS
from gonghui.registers.kinds import RegisterKind
from gonghui.registers.models import Register
from gonghui.registers.people import PEOPLE

KINDS: dict[str, RegisterKind] = {Register.EMPLOYERS: EMPLOYERS, Register.MEMBERS: PEOPLE}
