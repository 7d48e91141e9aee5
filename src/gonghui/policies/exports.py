"""How much may leave in one export with full document numbers (SPEC 5.4)."""

from gonghui.kit.errors import Refused
from gonghui.policies.queries import of_union
from gonghui.unions.models import Union


def require_few(rows: int, union: Union, *, way_out: str) -> None:
    """Raises Refused when ``rows`` full numbers are more than a union may export at once; ``way_out``: a sentence."""
    most = of_union("export_rows", union)
    if rows > most:
        raise Refused(
            f"按照上级的规定，一次最多导出 {most} 行完整的证件号码，这次有 {rows} 行，没有导出。{way_out}"
            "确实需要更多的，请联系市总工会的管理员调整“规则设定”。"
        )
