"""What apps above add to exports (list: docs/architecture.md)."""

from typing import TYPE_CHECKING

from gonghui.kit.hooks import Registry

if TYPE_CHECKING:
    from gonghui.exports.kinds import ExportKind

KINDS: Registry["ExportKind"] = Registry()
"""The lists that leave by this app, by key."""
