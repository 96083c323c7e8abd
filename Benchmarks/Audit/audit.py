#!/usr/bin/env python3
"""Measures a martlet binary's audit ledger: how fast it takes events durably, and how long searches over them take.

usage: audit.py BINARY [EVENTS] [ROUNDS]

Sends EVENTS (1,000,000) made-up events in requests of 1,000 over two connections; every answer is awaited, so each event was
synced to the disk. Then every query of the list is asked ROUNDS (50) times, in turns, over HTTP. Prints TSV rows: kind, name,
value, unit, note. Needs nothing but Python's own library.
"""
import http.client
import json
import os
import random
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Support"))
from martlet_server import Server, tell

ACTORS = 1_000
OPERATIONS = ["secret.read", "secret.write", "user.login", "user.logout", "key.rotate", "policy.change", "file.read", "file.write"]
REASONS = ["", "", "", "token expired", "not a member of the group", "quota exceeded", "address is not allowed"]
QUERIES = [
    ("a word that a thousandth has", "actor7"),
    ("a common word", "secret"),
    ("a phrase", '"token expired"'),
    ("a field", "operation:key.rotate"),
    ("field and word", "outcome:denied quota"),
    ("a level", "level:>=error actor12"),
    ("a prefix", "resource:key/12*"),
    ("without", "policy -outcome:success"),
    ("one event", "number:500000"),
]


def event(random, number):
    outcome = random.choices(["success", "denied", "failure"], [90, 8, 2])[0]
    return {
        "actor": f"actor{random.randrange(ACTORS)}", "operation": random.choice(OPERATIONS),
        "resource": f"key/{random.randrange(20_000)}", "outcome": outcome,
        "reason": "" if outcome == "success" else random.choice(REASONS), "component": f"service{random.randrange(12)}",
        "details": {"request": f"{number:08x}", "bytes": random.randrange(100_000)},
    }


def send(server, seed, requests, size, failures):
    source, connection = random.Random(seed), http.client.HTTPConnection(server.host, server.port, timeout=60)
    for request in range(requests):
        body = "\n".join(json.dumps(event(source, request * size + place)) for place in range(size))
        connection.request("POST", "/api/v1/audit", body)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            failures.append(f"{answer.status} {content[:200]!r}")
    connection.close()


def search(connection, query, limit="100"):
    parameters = urllib.parse.urlencode({"query": query, "limit": limit, "histogram": "1m", "facets": "actor,operation,outcome"})
    connection.request("GET", f"/api/v1/audit/search/query?{parameters}")
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{query}: {answer.status} {content[:300]!r}")
    return json.loads(content)["data"]


def quantile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] * 1_000


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    server = Server(sys.argv[1])
    try:
        failures, before, start = [], server.cpu(), time.time()
        threads = [threading.Thread(target=send, args=(server, seed, events // 2_000, 1_000, failures)) for seed in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise SystemExit(f"{len(failures)} requests were refused, one with {failures[0]}")
        tell("ingest", "martlet-audit/cpu", events / (server.cpu() - before), "events/s-of-cpu",
             f"each request synced; {time.time() - start:.0f} s of wall time, making the events included")
        connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
        first = time.time()
        search(connection, "secret", "1")
        tell("query", "the first, which brings the index up to date", (time.time() - first) * 1_000, "ms")
        times = {name: [] for name, _ in QUERIES}
        for _ in range(rounds):
            for name, query in QUERIES:
                begun = time.time()
                search(connection, query)
                times[name].append(time.time() - begun)
        for name, query in QUERIES:
            tell("query", name, quantile(times[name], 0.5), "ms", f"{query}; p95 {quantile(times[name], 0.95):.1f} ms")
        every = [one for each in times.values() for one in each]
        tell("query", "all, p95", quantile(every, 0.95), "ms", f"{len(every)} searches of the newest 100 with histogram and facets")
        tell("memory", "martlet-audit", server.memory("VmHWM"), "MB", "at the peak")
        size = sum(os.path.getsize(os.path.join(folder, file))
                   for folder, _, files in os.walk(server.folder) for file in files)
        tell("disk", "martlet-audit", size / events, "bytes/event", "ledger and index")
    finally:
        server.stop()


main()
