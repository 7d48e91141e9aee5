"""The public home page as a slow computer sees it: first contentful paint at a quarter of the processor's speed, bytes,
layout shift. Run against a platform with articles, such as the demo's:

    python bench/portal.py http://localhost:8000/ [rounds]
"""

import shutil
import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

SLOWER = 4
OBSERVE = """
window.shift = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


def visit(browser: Browser, address: str, width: int) -> tuple[float, int, float]:
    """Returns seconds to the first contentful paint, bytes over the line, and the cumulative layout shift."""
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(500)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    shift = page.evaluate("shift")
    context.close()
    return paint / 1000, int(sum(sizes)), shift


def main() -> None:
    """Prints the median of several first visits, at the width of a desk and of a phone."""
    address, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with sync_playwright() as playwright:
        path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for width in (1440, 390):
            visit(browser, address, width)  # the server's caches are warm after it
            seen = [visit(browser, address, width) for _ in range(rounds)]
            paints, sizes, shifts = zip(*seen, strict=True)
            print(
                f"{width} px: first contentful paint {statistics.median(paints):.2f} s (best {min(paints):.2f}) at "
                f"{SLOWER} x throttling, {max(sizes) / 1000:.0f} kB, layout shift {max(shifts):.3f}"
            )
        browser.close()


if __name__ == "__main__":
    main()
