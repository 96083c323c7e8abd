"""Looks at the pages of traces and logs of a running server with axe-core, in Chromium, and prints what it finds as one JSON object.

usage: accessibility.py URL TRACE OTHER

TRACE and OTHER are ids of stored traces of which one has log records. Each page is looked at in light and in dark, and walked
through with the Tab key: what gets the focus must show it. Nothing is judged here but that what is waited for comes.
"""
import argparse
import importlib.resources
import json
import sys

from playwright.sync_api import Page, sync_playwright

# The rules of WCAG 2.2, levels A and AA, and what axe calls good practice.
RULES = """
async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations, passes } = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations', 'passes'] });
    return {
        violations: violations.map((rule) => `${rule.id}: ${rule.nodes.slice(0, 5).map((node) => `${node.target.join(' ')} (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''})`).join('; ')}`),
        passes: passes.length,
    };
}
"""

# What has the focus: how it is called, and whether it looks other than without.
FOCUS = """
() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one);
    const mark = (look) => [look.outlineStyle === 'none' ? '' : look.outlineWidth + look.outlineColor, look.boxShadow, look.borderColor, look.backgroundColor].join();
    const focused = mark(style);
    const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    one.blur();
    const plain = mark(getComputedStyle(one));
    one.focus({ preventScroll: true });
    const box = one.getBoundingClientRect();
    return { name: `${one.tagName.toLowerCase()} ${one.getAttribute('aria-label') ?? one.textContent.trim().slice(0, 30)}`, isShown: ringed || focused !== plain, isSeen: box.width > 0 && box.height > 0 };
}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("url", "trace", "other"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    axe = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    pages: dict[str, object] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)

        def look(name: str) -> None:
            found: list[str] = []
            passed = 0
            page.evaluate(axe)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(300)
                result = page.evaluate(RULES)
                found += [f"{scheme}: {violation}" for violation in result["violations"]]
                passed += result["passes"]
            page.emulate_media(color_scheme="light")
            pages[name] = {"violations": found, "passes": passed}

        def walk(name: str) -> None:
            page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
            steps = []
            for _ in range(25):
                page.keyboard.press("Tab")
                step = page.evaluate(FOCUS)
                if step is None:
                    break
                steps.append(step)
            pages[name]["hidden"] = [step["name"] for step in steps if not step["isShown"]]
            pages[name]["steps"] = len({step["name"] for step in steps})

        def visit(query: str, selector: str) -> None:
            page.goto(f"{arguments.url}/?{query}", wait_until="load")
            page.wait_for_selector(selector)

        visit("view=logs&range=1h", ".log-row")
        look("logs")
        walk("logs")
        page.click(".log-row")
        page.wait_for_selector(".log-open")
        look("log record")
        visit("view=logs&range=1h&part=patterns", ".groups td")
        look("log patterns")
        visit("view=logs&range=1h&q=level%3A%28", ".remark.bad")
        look("log fault")
        visit("view=logs&range=1h&q=nothing-like-this", ".log-list")
        look("no logs")
        visit("view=traces&range=1h", "td a[data-focus]")
        look("traces")
        walk("traces")
        visit("view=traces&range=1h&q=duration%3Asoon", ".remark.bad")
        look("trace fault")
        visit("view=traces&range=1h&q=service%3Anobody", ".nothing, .empty, table")
        look("no traces")
        visit(f"view=traces&trace={arguments.trace}", ".waterfall[data-frames]")
        page.focus(".w-scroller")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector(".details:not([hidden]) .span-logs")
        look("trace")
        walk("trace")
        for part, selector in (("flame", ".flame[data-frames]"), ("operations", "table[aria-label=Operations] tbody tr")):
            visit(f"view=traces&trace={arguments.trace}&part={part}", selector)
            look(f"trace {part}")
        visit(f"view=traces&trace={arguments.trace}&other={arguments.other}", "table[aria-label='Calls of both traces'] tbody td")
        look("two traces")
        for part, selector in (("map", ".map svg"), ("paths", "table[aria-label='Critical time'] tbody td"), ("sets", "table[aria-label='Attributes by set'] tbody td")):
            visit(f"view=traces&part={part}&range=1h", selector)
            look(f"traces {part}")
        browser.close()
    print(json.dumps(pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
