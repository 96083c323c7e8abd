#!/usr/bin/env python3
"""Sends log records to a server at a steady rate: log_load.py URL RECORDS_PER_SECOND SECONDS. Prints what was acknowledged."""
import http.client
import json
import sys
import time
from urllib.parse import urlparse

url, rate, seconds = urlparse(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
batch = max(1, rate // 20)
sent = acknowledged = refused = 0
start = time.monotonic()
while True:
    now = time.monotonic() - start
    if now >= seconds:
        break
    # What should have been sent by now; a batch that is late is sent at once, so that the rate holds over the whole.
    if sent >= rate * now:
        time.sleep(0.002)
        continue
    stamp = time.time_ns()
    lines = []
    for index in range(batch):
        number = sent + index
        lines.append(json.dumps({
            "time": str(stamp), "level": ("info", "info", "info", "warn", "error")[number % 5], "service": f"svc{number % 8}",
            "msg": f"request {number} of user u{number * 7919 % 5000} finished", "component": ("api", "db", "cart")[number % 3],
            "duration_ms": number % 997 / 10, "trace_id": f"{number * 2654435761 % 2**128:032x}",
        }))
    connection.request("POST", "/api/v1/logs/ingest", "\n".join(lines), {"Content-Type": "application/x-ndjson"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status == 200:
        acknowledged += json.loads(body)["data"]["records"]
    else:
        refused += batch
    sent += batch
print(json.dumps({"sent": sent, "acknowledged": acknowledged, "refused": refused, "seconds": time.monotonic() - start}))
