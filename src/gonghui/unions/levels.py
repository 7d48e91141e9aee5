"""Which kind of union may stand under which: the whole shape of the tree, in one table (SPEC, table of words)."""

from django.db import models


class UnionKind(models.TextChoices):
    """The six kinds of a union; their order is the tree's, from the top."""

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

# kind -> the kinds that its superior may be of
STANDS_UNDER: dict[UnionKind, tuple[UnionKind, ...]] = {
    UnionKind.CITY: (),
    UnionKind.DISTRICT: (UnionKind.CITY,),
    UnionKind.BUREAU: (UnionKind.CITY,),
    UnionKind.STREET: (UnionKind.DISTRICT,),
    UnionKind.COMPANY: (UnionKind.BUREAU,),
    UnionKind.GRASSROOTS: (UnionKind.STREET, UnionKind.COMPANY),
}

# The two entrances of the filing form (SPEC 2.1): the kind of level 2 and the kind of level 3 that it offers.
ENTRANCES: dict[str, tuple[UnionKind, UnionKind]] = {
    "district": (UnionKind.DISTRICT, UnionKind.STREET),
    "bureau": (UnionKind.BUREAU, UnionKind.COMPANY),
}


def may_stand_under(kind: str, superior_kind: str) -> bool:
    """Whether a union of ``kind`` may have a superior of ``superior_kind``."""
    return superior_kind in STANDS_UNDER[UnionKind(kind)]
