"""What a thumb hits on a phone: the height of each control's hit area, by asking the browser what lies at a point."""

from playwright.sync_api import Page

from tests.journeys.pages import PHONE

HIGH = 44
"""Pixels that a thumb needs (SPEC 7.5)."""

SMALL = """(high) => {
    const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const clipped = (one) => one && (getComputedStyle(one).clipPath === "inset(50%)" || clipped(one.parentElement));
    const shown = (one) => {
        const { width, height, right } = one.getBoundingClientRect();
        if (clipped(one)) return false;
        return one.checkVisibility({ visibilityProperty: true }) && !one.disabled && width > 1 && height > 1 && right > 0;
    };
    const words = (node, within) => [...node.childNodes].map((child) => {
        if (child.nodeType === Node.TEXT_NODE) return child.data;
        return child.nodeType === Node.ELEMENT_NODE && !child.matches(controls) ? words(child) : "";
    }).join("");
    const inText = (one) => {
        if (getComputedStyle(one).display !== "inline") return false;
        let block = one.parentElement;
        while (getComputedStyle(block).display === "inline") block = block.parentElement;
        return /[\\p{L}\\p{N}]/u.test(words(block));
    };
    const hits = (one, x, y) => {
        const hit = document.elementFromPoint(x, y);
        if (!hit || one.contains(hit)) return hit;
        const link = hit.closest("a")?.href; // of the whole card, say
        return (link && link === one.href) || hit.closest("label")?.control === one || hit.closest(".ts-wrapper")?.contains(one);
    };
    const reach = (one) => {
        one.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
        const { left, right, top, bottom } = one.getClientRects()[0], x = (left + right) / 2, y = (top + bottom) / 2;
        let up = 0, down = 0;
        while (up < high && hits(one, x, y - up)) up += 1;
        while (down < high && hits(one, x, y + down)) down += 1;
        return Math.max(up + down - 1, 0);
    };
    const told = (one) => `${one.parentElement.className} > ${one.tagName.toLowerCase()}.${one.className}`
        + ` 「${(one.textContent.trim().replace(/\\s+/g, " ") || one.getAttribute("aria-label") || one.name || "").slice(0, 20)}」 ${reach(one)}`;
    const small = (place) => [...place.querySelectorAll(controls)]
        .filter((one) => shown(one) && !inText(one) && reach(one) < high).map(told);
    const bars = [...document.querySelectorAll("[data-tick-bar]")].filter((bar) => bar.hidden);
    for (const bar of bars) bar.hidden = false;
    const found = small(document);
    for (const folded of document.querySelectorAll("details:not([open])")) {
        folded.open = true;
        found.push(...small(folded));
        folded.open = false;
    }
    for (const dialog of document.querySelectorAll("dialog:not([open])")) {
        dialog.showModal();
        found.push(...small(dialog));
        dialog.close();
    }
    for (const bar of bars) bar.hidden = true;
    scrollTo(0, 0);
    return [...new Set(found)];
}"""
"""The controls whose hit area is lower, those that are folded too; not links within a text (WCAG 2.5.8, inline)."""


GONE = """() => [...document.querySelectorAll(
        "td.acts :is(a, button, .muted):not(.desk-only, .desk-only *), td[colspan]")]
    .filter((one) => !one.checkVisibility({ visibilityProperty: true })).map((one) => one.outerHTML)"""
"""What a row offers or says at its end on a desk, or a list instead of rows, and no card does; but for `desk-only`."""


def gone(page: Page) -> list[str]:
    """What the rows of the page's lists do not offer at 390 px."""
    page.set_viewport_size(PHONE)
    return page.evaluate(GONE)


def too_small(page: Page) -> list[str]:
    """The page's controls that a thumb misses at 390 px, each with its height."""
    page.set_viewport_size(PHONE)
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": PHONE["width"], "height": min(max(PHONE["height"], height), 8000)})
    found = page.evaluate(SMALL, HIGH)
    page.set_viewport_size(PHONE)
    return found
