"""Opens the page of a running server in Chromium and prints what a person would see, as one JSON object.

usage: overview.py URL [--seconds N] [--screenshots FOLDER]

Waits until the charts of CPU, memory and network each have a line and its last value changes without a reload.
Exit status 1 when that does not happen in time; console errors and violations of the content security policy are listed.
"""
import argparse
import json
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

WANTED = ["CPU", "Memory", "Network"]

# What each panel shows: its title, how many points its chart draws, and the text of its legend.
READ_PANELS = """
() => [...document.querySelectorAll('[data-panel]')].map(panel => ({
    title: panel.dataset.panel,
    points: Number(panel.dataset.points || 0),
    newest: Number(panel.dataset.newest || 0),
    canvases: panel.querySelectorAll('canvas').length,
}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    messages: list[str] = []
    origins: set[str] = set()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: origins.add("/".join(request.url.split("/")[:3])))
        page.goto(arguments.url, wait_until="load")
        start = time.monotonic()
        first: dict[str, dict] = {}
        moved: dict[str, float] = {}
        while time.monotonic() - start < arguments.seconds and not all(title in moved for title in WANTED):
            for panel in page.evaluate(READ_PANELS):
                title = panel["title"]
                if panel["points"] < 1 or panel["canvases"] < 1:
                    continue
                first.setdefault(title, panel)
                if panel["newest"] > first[title]["newest"] or panel["points"] > first[title]["points"]:
                    moved.setdefault(title, round(time.monotonic() - start, 1))
            page.wait_for_timeout(200)
        if arguments.screenshots:
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(500)
                page.screenshot(path=arguments.screenshots / f"overview-{scheme}.png")
        panels = page.evaluate(READ_PANELS) if any(title not in moved for title in WANTED) else []
        violations = [message for message in messages if "Content Security Policy" in message]
        browser.close()
    print(json.dumps({
        "shown": sorted(first), "moved": moved, "messages": messages, "violations": violations, "origins": sorted(origins),
        "panels": panels,
    }))
    return 0 if all(title in moved for title in WANTED) else 1


if __name__ == "__main__":
    sys.exit(main())
