"""What journeys do on every page: sign in, and look at it closely."""

import os
import re
import time
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect

from gonghui.demo_data.cast import PASSWORD

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
PICTURES = SCREENSHOTS / "manual"
ASKED_FOR = bool(os.environ.get("PICTURES"))
"""Whether pictures are taken: they are for people, and take a fifth of the time."""
AXE = Axe()
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 640}
"""A desk at four times the size, for whoever sees badly."""
CUT = """() => [...document.querySelectorAll("button, summary, input, select, textarea, a[href], span")]
    .filter(one => one.checkVisibility())
    .filter(one => {
        const style = getComputedStyle(one);
        if (style.webkitLineClamp !== "none" && style.paddingBottom !== "0px") return true;
        if (one.matches("span, .ts-control input")) return false;
        const inner = one.getBoundingClientRect();
        for (let box = one.parentElement; box && box !== document.body; box = box.parentElement) {
            const { overflowX, textOverflow } = getComputedStyle(box), outer = box.getBoundingClientRect();
            const dots = textOverflow === "ellipsis" && (style.display === "inline" || !box.matches(".on-1"));
            if (["auto", "scroll"].includes(overflowX) || dots || outer.width < 2) return false;
            if (overflowX !== "visible" && (inner.left < outer.left - 1 || inner.right > outer.right + 1)) return true;
        }
    }).map(one => one.outerHTML)"""
"""Controls that the box around them cuts off, with no way to scroll there; names of cards that are cut without dots;
clamped words that go on in their padding."""
FAR = 80
"""No way by Tab is longer."""
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},
}
"""Style sheets are not fetched a second time: only the experimental css-orientation-lock reads them, which is not run."""

RULES_ON_PHONE = {**RULES, "rules": {"color-contrast": {"enabled": False}}}
"""The colours are the desk's, and looking at them takes most of the time."""


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """By the form, as a person does; ends on the signed-in front page."""
    try_to_sign_in(page, email, password)
    page.wait_for_url("/home/")


def sign_in_first(page: Page, email: str, password: str = PASSWORD) -> None:
    """The same of somebody who was invited: the privacy notice comes first."""
    try_to_sign_in(page, email, password)
    page.wait_for_url("/accounts/privacy/")
    look(page, "privacy-accept")
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="同意并继续").click()
    page.wait_for_url("/home/")


def try_to_sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """The form, filled and sent; where it leads is for the caller to say."""
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill(email)
    field(page, "密码").fill(password)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def field(page: Page | Locator, label: str) -> Locator:
    """The field with this very label; a star before it does not count."""
    return page.get_by_label(re.compile(rf"^[*\s]*{re.escape(label)}\s*$"))


SIZE = "element => [element.offsetWidth, element.offsetHeight]"


def choose(page: Page, label: str, text: str) -> None:
    """In a select that is searched by name: type, then take the first that is found, by keyboard."""
    page.wait_for_function(
        "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
    )  # it may be drawn anew
    box = page.get_by_role("combobox", name=label)
    control = box.locator("xpath=..")
    expect(control).to_be_visible()
    closed = control.evaluate(SIZE)
    control.click()  # the field itself is out of sight while something is chosen
    box.press_sequentially(text)
    expect(page.locator(".ts-dropdown:visible .option.active", has_text=text)).to_be_visible()
    expect(page.locator(".ts-dropdown:visible")).to_have_css("background-color", "rgb(255, 255, 255)")
    box.press("Enter")
    assert control.evaluate(SIZE) == closed  # it pushes nothing that stands below
    box.press("Tab")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it shows."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            outline = "getComputedStyle(element).outlineStyle + getComputedStyle(element).boxShadow"
            assert target.evaluate(f"element => {outline}") != "nonenone", "the focus does not show"
            return
    raise AssertionError(f"{target} cannot be reached by Tab")


def look(page: Page, name: str) -> None:
    """Nothing may stick out sideways or shut anybody out, on a desk and on a phone (SPEC 7.5); both are photographed.

    The pictures lie in var/screenshots, if PICTURES is set; they show the caret, since hiding it would leave style attributes in the page,
    which our content policy forbids. Accessibility is axe-core's judgement: WCAG 2.2 AA and its best practices.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()  # after a click: else the browser may still be building the page that is measured
    for size in (PHONE, DESK) if ASKED_FOR else ():
        page.set_viewport_size(size)
        page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png", full_page=True, caret="initial")
    shuts_nobody_out(page, page.url)


def shuts_nobody_out(page: Page, name: str) -> None:
    """Nothing sticks out sideways, down to 320 px (WCAG 1.4.10), and axe-core finds nothing on a phone and on a desk."""
    for size in (NARROW, PHONE, DESK):
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{name} is {wide} px wide on a screen of {size['width']}"
        cut = page.evaluate(CUT)
        assert cut == [], f"{name} on a screen of {size['width']}: {cut[:3]}"
        if size is not NARROW and _is_new(page, size):
            # All of it in view: what a bar at the lower edge half covers is not too small, one only has to scroll.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size["width"], "height": min(max(size["height"], height), 6000)})
            violations = _violations(page, RULES if size is DESK else RULES_ON_PHONE)
            page.set_viewport_size(size)
            assert violations == [], "\n".join(_told(name, violation) for violation in violations)


_judged: set[tuple[int, str]] = set()


def _is_new(page: Page, size: ViewportSize) -> bool:
    """Whether axe-core has not judged this page at this size: one that differs in its words and numbers alone is the same."""
    kinds = len(_judged)
    _judged.add((size["width"], likeness(page.content())))
    return len(_judged) > kinds


def likeness(html: str) -> str:
    """The content without its words and numbers: what is left decides whether this is another page."""
    return re.sub(r'(?<=>)[^<]+|"[^"]*(/|[^\x00-\x7f])[^"]*"|value="[^"]*"|\d+', "", html)


def _violations(page: Page, rules: dict) -> list[dict]:
    """As `Axe.run` finds them, which puts its half a megabyte into the page each time."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.axe_script)
    return page.evaluate("rules => axe.run(rules)", rules)["violations"]


def picture(page: Page, name: str, *, height: int = 900) -> None:
    """Take a picture of the page's head for the operation manual; docs/contributing.md says how it gets there."""
    if not ASKED_FOR:
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()
    page.set_viewport_size({"width": DESK["width"], "height": max(height, DESK["height"])})  # the foot is at its end
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    head: FloatRect = {"x": 0, "y": 0, "width": DESK["width"], "height": height}
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=head, caret="initial")
    page.set_viewport_size(DESK)


def _told(name: str, violation: dict) -> str:
    places = "\n".join(f"    {node['target']}: {node['failureSummary']}" for node in violation["nodes"][:5])
    return f"{name}: {violation['id']}, {violation['help']}\n{places}"


def code_of(secret: str) -> str:
    """What the authenticator on the telephone shows now; not in the last moment that it is shown."""
    if (left := 30 - time.time() % 30) < 3:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))
