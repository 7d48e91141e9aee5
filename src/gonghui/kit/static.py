"""Static files whose names contain their content's hash, so browsers may cache them without limit."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLES = ("vendor.css", "gonghui.css")
"""The style sheets that pages name; each imports its parts into their layers."""
_IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')


def joined(style: Path) -> str:
    """Returns a style sheet with its imported parts: one request instead of two dozen (docs/adr/0030)."""

    def part(match: re.Match[str]) -> str:
        text = (style.parent / match[1]).read_text("utf-8").removeprefix('@charset "UTF-8";')
        return f"@layer {match[2]} {{\n{text}}}"

    return _IMPORT.sub(part, style.read_text("utf-8"))


class Storage(CompressedManifestStaticFilesStorage):
    """Joins the style sheets; uses the plain name if no files were collected (tests)."""

    manifest_strict = False

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Joins the style sheets before the parent, which reads each file from the storage in ``paths``."""
        for name in [] if dry_run else [name for name in STYLES if name in paths]:
            source, path = paths[name]
            Path(self.path(name)).write_text(joined(Path(source.path(path))), "utf-8")
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)
