"""The cast: the same few unions and people in every story, so that a test reads like one."""

from dataclasses import dataclass

from gonghui.accounts.models import Role, User
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_unions, make_users, new_union, new_user


@dataclass(frozen=True)
class Cast:
    """Unions of every level on both sides of the tree, and who acts for them."""

    city: Union
    district: Union
    street: Union
    other_street: Union
    bureau: Union
    company: Union
    union: Union  # approved, under ``street``: the officer's own
    neighbour: Union  # approved, under ``other_street``
    far: Union  # approved, under ``company``
    unfiled: Union  # registered, nothing filed
    platform_admin: User
    district_admin: User
    reviewer: User  # of ``street``
    viewer: User  # of ``street``, may look only
    other_reviewer: User  # of ``other_street``
    bureau_admin: User
    company_reviewer: User
    officer: User  # of ``union``
    neighbour_officer: User
    far_officer: User
    newcomer: User  # of ``unfiled``
    claimant: User  # of no union


def make_cast() -> Cast:
    (city,) = make_unions([new_union(UnionKind.CITY, name="上海市总工会", code="000")])
    district, bureau = make_unions(
        [
            new_union(UnionKind.DISTRICT, city, name="杨浦区总工会", area="杨浦区", code="010"),
            new_union(UnionKind.BUREAU, city, name="上海市机电工会", area="机电", code="050"),
        ]
    )
    street, other_street, company = make_unions(
        [
            new_union(UnionKind.STREET, district, name="五角场镇工会", area="五角场镇"),
            new_union(UnionKind.STREET, district, name="新江湾城街道工会", area="新江湾城街道"),
            new_union(UnionKind.COMPANY, bureau, name="示例电气集团工会", area="示例电气集团"),
        ]
    )
    union, neighbour, far, unfiled = make_unions(
        [
            new_union(UnionKind.GRASSROOTS, street, name="上海示例科技有限公司工会"),
            new_union(UnionKind.GRASSROOTS, other_street, name="上海邻家软件有限公司工会"),
            new_union(UnionKind.GRASSROOTS, company, name="上海示例电机厂工会"),
            new_union(UnionKind.GRASSROOTS, None, name="上海新办餐饮有限公司"),
        ]
    )
    users = {
        "platform_admin": new_user(city, Role.PLATFORM_ADMIN, Role.ADMIN, Role.REVIEWER, name="市总平台管理员"),
        "district_admin": new_user(district, name="区总管理员"),
        "reviewer": new_user(street, name="五角场镇审核人"),
        "viewer": new_user(street, Role.VIEWER, name="五角场镇查看人"),
        "other_reviewer": new_user(other_street, name="新江湾城审核人"),
        "bureau_admin": new_user(bureau, name="产业局管理员"),
        "company_reviewer": new_user(company, name="公司工会审核人"),
        "officer": new_user(union, name="示例经办人"),
        "neighbour_officer": new_user(neighbour, name="邻家经办人"),
        "far_officer": new_user(far, name="电机经办人"),
        "newcomer": new_user(unfiled, name="新办经办人"),
        "claimant": new_user(None, name="认领人"),
    }
    make_users([*users.values()])
    return Cast(
        city=city,
        district=district,
        street=street,
        other_street=other_street,
        bureau=bureau,
        company=company,
        union=union,
        neighbour=neighbour,
        far=far,
        unfiled=unfiled,
        **users,
    )
