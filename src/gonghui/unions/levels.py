"""Which kind of union may stand under which: the whole shape of the tree, in one table (SPEC, table of words)."""

from django.db import models


class Kind(models.TextChoices):
    """The six kinds of a union; their order is the tree's, from the top."""

    CITY = "city", "市总工会"
    DISTRICT = "district", "区总工会"
    BUREAU = "bureau", "产业局工会"
    STREET = "street", "街镇(开发区)工会"
    COMPANY = "company", "二级产业局公司工会"
    GRASSROOTS = "grassroots", "基层工会"


LEVEL = {
    Kind.CITY: 1,
    Kind.DISTRICT: 2,
    Kind.BUREAU: 2,
    Kind.STREET: 3,
    Kind.COMPANY: 3,
    Kind.GRASSROOTS: 4,
}

# kind -> the kinds that its superior may be of
STANDS_UNDER: dict[Kind, tuple[Kind, ...]] = {
    Kind.CITY: (),
    Kind.DISTRICT: (Kind.CITY,),
    Kind.BUREAU: (Kind.CITY,),
    Kind.STREET: (Kind.DISTRICT,),
    Kind.COMPANY: (Kind.BUREAU,),
    Kind.GRASSROOTS: (Kind.STREET, Kind.COMPANY),
}

# The two entrances of the filing form (SPEC 2.1): the kind of level 2 and the kind of level 3 that it offers.
ENTRANCES: dict[str, tuple[Kind, Kind]] = {
    "district": (Kind.DISTRICT, Kind.STREET),
    "bureau": (Kind.BUREAU, Kind.COMPANY),
}


def may_stand_under(kind: str, superior_kind: str) -> bool:
    """Whether a union of ``kind`` may have a superior of ``superior_kind``."""
    return superior_kind in STANDS_UNDER[Kind(kind)]
