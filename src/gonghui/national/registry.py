"""The forms by their key."""

from collections.abc import Mapping
from typing import NamedTuple

from gonghui.national.form import NationalForm
from gonghui.national.member_form import MEMBER_FORM
from gonghui.national.models import Form, MemberReport, Report, UnionReport
from gonghui.national.organisation_form import ORGANISATION_FORM


class Registered(NamedTuple):
    """A form, and where the reports of its rows are."""

    form: NationalForm
    reports: type[Report]


FORMS: Mapping[str, Registered] = {
    Form.MEMBER: Registered(MEMBER_FORM, MemberReport),
    Form.ORGANISATION: Registered(ORGANISATION_FORM, UnionReport),
}
