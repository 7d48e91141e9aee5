"""How quickly `gonghui synth` makes a city, and in what memory: `python bench/city.py [--members N ...] [--processes P]`.

Each size comes into a database of its own, which is migrated beforehand. Memory is the peak of the largest process; it must
not grow with the members: exits with 1 where the largest city takes more than 1.25 times as much as the smallest. The
seconds of the demo's story, which comes with every city, are those of the smallest size to speak of.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

GONGHUI = [sys.executable, "-m", "gonghui.config.cli"]
LARGER = 1.25
FEWEST = 40


def main() -> int:
    """Make, print; 1 when memory grows."""
    parser = ArgumentParser()
    parser.add_argument("--members", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    story, _ = _made(FEWEST, 1)
    print(f"load {os.getloadavg()[0]:.1f}; {options.processes} processes; the story alone {story:.0f} s", flush=True)
    peaks = []
    for members in options.members:
        seconds, peak = _made(members, options.processes)
        peaks.append(peak)
        print(
            f"{members:>10,} members: {seconds:.0f} s, without the story {members / max(seconds - story, 1):,.0f} a second; "
            f"peak {peak:.0f} MB",
            flush=True,
        )
    return int(max(peaks) > LARGER * peaks[0])


def _made(members: int, processes: int) -> tuple[float, float]:
    """Seconds, and megabytes of the largest process."""
    with tempfile.TemporaryDirectory(prefix="gonghui-bench-") as folder:
        environment = os.environ | {"GONGHUI_VAR": str(Path(folder) / "var"), "GONGHUI_DEMO": "1"}
        subprocess.run([*GONGHUI, "migrate"], env=environment, check=True, capture_output=True)
        sizes = [f"--members={members}", f"--unions={max(members // 50, FEWEST)}", f"--processes={processes}"]
        began = time.monotonic()
        synth = subprocess.Popen(
            [*GONGHUI, "synth", "--leave-months", *sizes], env=environment, stdout=subprocess.DEVNULL
        )
        _, status, used = os.wait4(synth.pid, 0)
        if status:
            raise SystemExit(f"synth of {members} members failed")
        return time.monotonic() - began, used.ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
