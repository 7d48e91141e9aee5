"""What apps above add to the import engine (list: docs/architecture.md)."""

from typing import TYPE_CHECKING

from gonghui.kit.hooks import Registry

if TYPE_CHECKING:
    from gonghui.imports.kinds import ImportKind

KINDS: Registry["ImportKind"] = Registry()
"""The kinds of workbook by key, in the order of the pages."""
