"""The kinds of unions and their levels (SPEC, table of words). A trigger of `Union` checks the kind of the superior."""

from django.db import models


class UnionKind(models.TextChoices):
    """The six kinds of a union, in the order of the tree from the top."""

    CITY = "city", "市总工会"
    DISTRICT = "district", "区总工会"
    BUREAU = "bureau", "产业局工会"
    STREET = "street", "街镇(开发区)工会"
    COMPANY = "company", "二级产业局公司工会"
    GRASSROOTS = "grassroots", "基层工会"


LEVEL = {
    UnionKind.CITY: 1,
    UnionKind.DISTRICT: 2,
    UnionKind.BUREAU: 2,
    UnionKind.STREET: 3,
    UnionKind.COMPANY: 3,
    UnionKind.GRASSROOTS: 4,
}

# The two parts of the filing form (SPEC 2.1): the kinds of level 2 and level 3 that each offers.
ENTRANCES: dict[str, tuple[UnionKind, UnionKind]] = {
    "district": (UnionKind.DISTRICT, UnionKind.STREET),
    "bureau": (UnionKind.BUREAU, UnionKind.COMPANY),
}
