"""Opens Explore for each expression and prints the values that its table shows, as one JSON object.

usage: explore.py URL EXPRESSION...

Exit status 1 where a table stays empty.
"""
import argparse
import json
import sys
import urllib.parse

from playwright.sync_api import TimeoutError as NothingShown
from playwright.sync_api import sync_playwright


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("expressions", nargs="+")
    parser.add_argument("--seconds", type=float, default=240)
    arguments = parser.parse_args()
    messages: list[str] = []
    shown: dict[str, list[str]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: messages.append(str(error)))
        for expression in arguments.expressions:
            query = urllib.parse.urlencode({"view": "explore", "expr": expression, "tab": "table"})
            page.goto(f"{arguments.url}/?{query}", wait_until="load")
            cells = page.locator("table td.numeric")
            try:
                cells.first.wait_for(timeout=arguments.seconds * 1000)
            except NothingShown:
                pass
            shown[expression] = cells.all_inner_texts()
        browser.close()
    print(json.dumps({"shown": shown, "messages": messages}))
    return 0 if all(shown.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
