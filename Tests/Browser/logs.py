"""Looks at the logs of a running server as a person would, in Chromium, and prints what was seen as one JSON object.

usage: logs.py URL [--screenshots FOLDER]

The server has the records that LogPageTests sent. The script sends more while the page follows: first a few that must appear by
themselves, then a burst while the pointer rests on the list, which must wait until they are asked for.
"""
import argparse
import json
import pathlib
import sys
import time
import urllib.request

from playwright.sync_api import Page, sync_playwright


def until(page: Page, condition: str) -> None:
    """Waits for a condition; the page's policy forbids the form of waiting that evaluates text in it."""
    deadline = time.monotonic() + 60
    while not page.evaluate(f"() => Boolean({condition})"):
        if time.monotonic() > deadline:
            raise TimeoutError(condition)
        page.wait_for_timeout(50)


def send(url: str, texts: list[str]) -> None:
    now = time.time_ns()
    records = [{"timeUnixNano": str(now + i), "severityNumber": 9, "body": {"stringValue": text}} for i, text in enumerate(texts)]
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "live"}}]}
    body = json.dumps({"resourceLogs": [{"resource": service, "scopeLogs": [{"logRecords": records}]}]}).encode()
    request = urllib.request.Request(f"{url}/v1/logs", data=body, headers={"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def texts(page: Page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('.log-row .log-text')].map(cell => cell.textContent)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    messages: list[str] = []
    origins: set[str] = set()
    seen: dict[str, object] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
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

        page.goto(f"{arguments.url}/?view=logs&range=1h", wait_until="load")
        page.wait_for_selector(".log-row")
        seen["records"] = len(texts(page))
        seen["bars"] = int(page.get_attribute(".log-bars", "data-bars"))
        seen["facets"] = page.evaluate("[...document.querySelectorAll('.facets section')].map(section => section.innerText.replace(/\\s+/g, ' ').trim())")
        # Opened with the keyboard; the fields narrow the search.
        page.focus(".log-row")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector(".log-open")
        seen["opened"] = page.inner_text(".log-open")
        shot("logs")
        page.click(".log-open >> text=Show what stands around it")
        page.wait_for_selector(".log-around .here")
        seen["around"] = page.locator(".log-around .log-line").count()
        page.click(".facet >> text=error")
        until(page, "new URLSearchParams(location.search).get('q') === 'level:error'")
        until(page, "document.querySelector('.log-list').dataset.records === '1'")
        seen["included"] = texts(page)
        page.click(".facet >> text=error", modifiers=["Alt"])
        until(page, "new URLSearchParams(location.search).get('q') === '-level:error'")
        until(page, "document.querySelector('.log-list').dataset.records === '3'")
        seen["excluded"] = texts(page)
        page.fill("input[aria-label='Search logs']", "level:(")
        page.keyboard.press("Enter")
        page.wait_for_selector(".remark.bad")
        seen["problem"] = page.inner_text(".remark.bad")
        page.fill("input[aria-label='Search logs']", "| count by (service)")
        page.keyboard.press("Enter")
        page.wait_for_selector(".groups td")
        seen["counted"] = page.evaluate("[...document.querySelectorAll('.groups tbody tr')].map(row => row.innerText)")
        page.goto(f"{arguments.url}/?view=logs&range=1h&part=patterns", wait_until="load")
        page.wait_for_selector(".groups td")
        seen["patterns"] = page.locator(".groups tbody tr").count()

        # Following: what comes appears, and waits while the pointer is on the list.
        page.goto(f"{arguments.url}/?view=logs&range=1h&q=service%3Alive", wait_until="load")
        until(page, "/LIVE/.test(document.querySelector('.log-tools .chip').textContent) && !/NOT/.test(document.querySelector('.log-tools .chip').textContent)")
        send(arguments.url, ["first 0", "first 1"])
        until(page, "document.querySelectorAll('.log-row').length === 2")
        seen["appeared"] = texts(page)
        page.hover(".log-row")
        send(arguments.url, [f"burst {i}" for i in range(500)])
        until(page, "document.querySelector('.log-list').dataset.waiting === '500'")
        seen["held"] = [page.inner_text(".log-tools .chip").split("\n")[-1], texts(page)]
        page.click(".log-tools .chip")
        until(page, "document.querySelectorAll('.log-row').length === 502")
        shown = texts(page)
        seen["resumed"] = [len(shown), len(set(shown)), shown[0], shown[-1]]

        # From a record to its trace, and from the span to its records.
        page.goto(f"{arguments.url}/?view=logs&range=1h&q=level%3Aerror", wait_until="load")
        page.click(".log-row")
        page.click("text=Open the trace")
        page.wait_for_selector(".details .span-logs")
        seen["ofSpan"] = page.inner_text(".details .span-logs")
        seen["where"] = page.evaluate("location.search")
        shot("span-logs")
        messages = [message for message in messages if "400" not in message]
        browser.close()
    print(json.dumps({**seen, "messages": messages, "origins": sorted(origins)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
