"""Looks at the traces of a running server as a person would, in Chromium, and prints what was seen as one JSON object.

usage: traces.py URL TRACE LARGE OTHER FILE [--screenshots FOLDER]

TRACE, LARGE and OTHER are ids of stored traces; FILE holds a trace as OTLP's JSON that is not stored. Console messages and
requests to other origins are listed. Nothing is judged here but that what is waited for comes.
"""
import argparse
import json
import pathlib
import sys
import time

from playwright.sync_api import Page, sync_playwright

# How many pixels of a canvas differ from its most common one: a blank canvas has none.
INK = """
(selector) => {
    const canvas = document.querySelector(selector);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map();
    for (let i = 0; i < data.length; i += 4) {
        const key = data[i + 3] === 0 ? -1 : (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return canvas.width * canvas.height - Math.max(...counts.values());
}
"""

# The critical path as this page works it out beside what the server says, section by section.
PATHS = """
async (id) => {
    const { buildTrace } = await import('./assets/tracemodel.js');
    const [trace, path] = await Promise.all([`api/v3/traces/${id}`, `api/v1/traces/${id}/critical-path`].map(async (url) => (await fetch(url)).json()));
    const built = buildTrace(trace.result.resourceSpans, id);
    let low = null;
    for (const group of trace.result.resourceSpans) for (const scope of group.scopeSpans) for (const span of scope.spans) {
        const start = BigInt(span.startTimeUnixNano);
        if (low === null || start < low) low = start;
    }
    const server = path.ways.flatMap((way) => way.sections).map((section) => `${section.span} ${BigInt(section.start) - low} ${BigInt(section.end) - low}`);
    const page = [...built.path.span].map((span, i) => `${built.ids[span]} ${built.path.start[i]} ${built.path.end[i]}`);
    return { server: server.length, equal: JSON.stringify(server) === JSON.stringify(page) };
}
"""


# Where the time went until a trace was drawn, in milliseconds from the beginning of the page.
SPLIT = """
() => {
    const answer = performance.getEntriesByType('resource').find((one) => one.name.includes('/api/v3/traces/'));
    const page = document.querySelector('.trace-page').dataset;
    const drawn = Number(document.querySelector('.waterfall').dataset.first);
    const [began, built] = [Number(page.began), Number(page.built)];
    return {
        page: answer.requestStart, server: answer.responseStart - answer.requestStart, transfer: answer.responseEnd - answer.responseStart,
        parse: began - answer.responseEnd, layout: built, draw: drawn - began - built, whole: drawn, bytes: answer.encodedBodySize,
    };
}
"""


def until(page: Page, condition: str) -> None:
    """Waits for a condition; the page's policy forbids the form of waiting that evaluates text in it."""
    deadline = time.monotonic() + 60
    while not page.evaluate(f"() => Boolean({condition})"):
        if time.monotonic() > deadline:
            raise TimeoutError(condition)
        page.wait_for_timeout(50)


def text(page: Page, selector: str) -> str:
    return page.inner_text(selector).strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("url", "trace", "large", "other", "file"):
        parser.add_argument(name)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    messages: list[str] = []
    origins: set[str] = set()
    seen: dict[str, object] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        page.set_default_timeout(60_000)
        page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: origins.add("/".join(request.url.split("/")[:3])) if request.url.startswith("http") else None)

        def shot(name: str) -> None:
            if not arguments.screenshots:
                return
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
            for width in (1280, 800):
                for scheme in ("light", "dark"):
                    page.set_viewport_size({"width": width, "height": 900})
                    page.emulate_media(color_scheme=scheme)
                    page.wait_for_timeout(300)
                    page.screenshot(path=arguments.screenshots / f"{name}-{width}-{scheme}.png")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.emulate_media(color_scheme="light")

        def visit(query: str, selector: str) -> None:
            page.goto(f"{arguments.url}/?view=traces{query}", wait_until="load")
            page.wait_for_selector(selector)

        # Searching: all, then with the box, which the address holds.
        visit("&range=1h", "td a[data-focus]")
        seen["found"] = page.locator("td a[data-focus]").count()
        seen["points"] = int(page.get_attribute(".scatter", "data-points"))
        until(page, "document.querySelector('.scatter canvas').width > 300")
        page.wait_for_timeout(200)
        seen["scatterInk"] = page.evaluate(INK, ".scatter canvas")
        shot("search")
        page.fill("input[aria-label='Search traces']", "service:bank status:error @card:amex CHAR* -check")
        page.keyboard.press("Enter")
        until(page, "document.querySelector('.scatter').dataset.points === '2'")
        seen["narrowed"] = page.evaluate("[...document.querySelectorAll('td a[data-focus]')].map(a => a.dataset.focus)")
        seen["address"] = page.evaluate("new URLSearchParams(location.search).get('q')")
        page.fill("input[aria-label='Search traces']", "duration:soon")
        page.keyboard.press("Enter")
        page.wait_for_selector(".remark.bad")
        seen["problem"] = text(page, ".remark.bad mark")
        page.go_back()
        page.wait_for_selector("td a[data-focus]")

        # One trace, with the keyboard alone.
        page.focus("td a[data-focus]")
        page.keyboard.press("Enter")
        page.wait_for_selector(".waterfall[data-frames]")
        seen["heading"] = text(page, "h1")
        page.focus(".w-scroller")
        rows = []
        for key in ("Home", "ArrowDown", "ArrowDown", "e"):
            page.keyboard.press(key)
            rows.append(page.inner_text("#trace-row") or page.text_content("#trace-row"))
        seen["rows"] = rows
        page.keyboard.press("Enter")
        page.wait_for_selector(".details:not([hidden])")
        seen["details"] = text(page, ".details")
        seen["timelineInk"] = page.evaluate(INK, ".w-rows")
        shot("trace")
        before = int(page.get_attribute(".waterfall", "data-rows"))
        page.focus(".w-scroller")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowLeft")
        until(page, "document.querySelector('.waterfall').dataset.rows === '1'")
        seen["folded"] = [before, 1]
        page.reload()
        page.wait_for_selector(".waterfall[data-frames]")
        seen["foldedAfterReload"] = int(page.get_attribute(".waterfall", "data-rows"))
        page.focus(".w-scroller")
        page.keyboard.press("*")
        until(page, f"document.querySelector('.waterfall').dataset.rows === '{before}'")
        page.keyboard.press("+")
        until(page, "new URLSearchParams(location.search).has('cut')")
        page.keyboard.press("0")
        until(page, "!new URLSearchParams(location.search).has('cut')")
        with page.expect_download() as download:
            page.click("button[aria-label='Download or copy the trace']")
            page.click("[role=menuitem]")
        saved = json.loads(pathlib.Path(download.value.path()).read_text())
        seen["saved"] = sum(len(scope["spans"]) for group in saved["resourceSpans"] for scope in group["scopeSpans"])
        page.click("text=Flame graph")
        page.wait_for_selector(".flame[data-frames]")
        seen["flameInk"] = page.evaluate(INK, ".flame canvas")
        shot("flame")
        page.click("nav.parts >> text=Operations")
        page.wait_for_selector("table[aria-label=Operations] tbody tr")
        seen["operations"] = page.locator("table[aria-label=Operations] tbody tr").count()

        # A large one: how it is drawn, and that the page agrees with the server on what decided its length.
        began = time.monotonic()
        visit(f"&trace={arguments.large}", ".waterfall[data-frames]")
        seen["largeSeconds"] = round(time.monotonic() - began, 2)
        seen["largeSplit"] = {name: round(value) for name, value in page.evaluate(SPLIT).items()}
        seen["largeRows"] = int(page.get_attribute(".waterfall", "data-rows"))
        page.focus(".w-scroller")
        for key in ["End", "PageUp", "Home", "e", "c"] + ["PageDown"] * 20:
            page.keyboard.press(key)
        page.wait_for_timeout(200)
        seen["largeNodes"] = page.evaluate("document.querySelectorAll('*').length")
        seen["largeInk"] = page.evaluate(INK, ".w-rows")
        seen["longestFrameMilliseconds"] = float(page.get_attribute(".waterfall", "data-longest"))
        seen["paths"] = [page.evaluate(PATHS, one) for one in (arguments.trace, arguments.large, arguments.other)]
        shot("large")

        # Where time went, who calls whom, two traces, two sets.
        visit("&part=paths&range=1h", "table[aria-label='Critical time'] tbody td")
        page.wait_for_selector(".flame[data-frames]")
        seen["criticalOperations"] = page.locator("table[aria-label='Critical time'] tbody tr").count()
        with page.expect_download() as download:
            page.click("text=Download folded stacks")
        seen["folded stacks"] = pathlib.Path(download.value.path()).read_text().count("\n")
        shot("paths")
        visit("&part=map&range=1h", ".map svg")
        seen["services"] = page.evaluate("[...document.querySelectorAll('.map .node-name')].map(name => name.textContent).sort()")
        shot("map")
        visit(f"&trace={arguments.trace}&other={arguments.other}", "table[aria-label='Calls of both traces'] tbody td")
        seen["verdicts"] = sorted({word for word in page.evaluate("[...document.querySelectorAll('.verdict')].map(cell => cell.textContent.trim())") if word})
        shot("pair")
        visit("&part=sets&show=error&range=1h", "table[aria-label='Attributes by set'] tbody td")
        until(page, "/failed/.test(document.querySelector('[role=status]').textContent)")
        seen["sets"] = page.evaluate("[...document.querySelectorAll(\"table[aria-label='Attributes by set'] tbody tr\")].map(row => row.innerText)")
        shot("sets")

        # A file is shown and not stored; a trace that is not here says what to do.
        visit("&range=1h", "text=Open file")
        page.set_input_files("input[type=file]", arguments.file)
        page.wait_for_selector(".waterfall[data-frames]")
        seen["fromFile"] = [text(page, "h1"), text(page, ".trace-remarks")]
        page.goto(f"{arguments.url}/?view=traces&trace={'e' * 32}", wait_until="load")
        page.wait_for_selector("text=trace not found")
        seen["missing"] = text(page, ".trace-body")
        # The browser itself notes answers of 400 and 404; these were asked for.
        messages = [message for message in messages if "400" not in message and "404" not in message]
        browser.close()
    print(json.dumps({**seen, "messages": messages, "origins": sorted(origins)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
