#!/usr/bin/env python3
"""Measures how fast a martlet binary takes spans by OTLP/HTTP, protobuf, into storage that survives the process.

usage: traces.py BINARY BODIES [CONNECTIONS]

BODIES is what `TraceStoreBenchmarks bodies SPANS FILE` wrote: requests, each after its length in four bytes, the low one
first. They are sent as they are over connections that stay open; every answer is awaited. Prints TSV rows: kind, name,
value, unit, note. A rate "of cpu" is by the server's processor time, that of sealing everything included.
Needs nothing but Python's own library.
"""
import http.client
import os
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Support"))
from martlet_server import Server, tell


def read_bodies(path):
    bodies = []
    with open(path, "rb") as file:
        while True:
            head = file.read(4)
            if not head:
                return bodies
            bodies.append(file.read(struct.unpack("<I", head)[0]))


def send(server, bodies, failures):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    for body in bodies:
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        content = answer.read()
        # An answer with content names spans that were refused.
        if answer.status != 200 or content:
            failures.append(f"{answer.status} {content[:200]!r}")
    connection.close()


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    binary, bodies = sys.argv[1], read_bodies(sys.argv[2])
    connections = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    server = Server(binary)
    try:
        failures, before, start = [], server.cpu(), time.time()
        threads = [threading.Thread(target=send, args=(server, bodies[place::connections], failures))
                   for place in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall, cpu = time.time() - start, server.cpu() - before
        if failures:
            raise SystemExit(f"{len(failures)} requests were refused, one with {failures[0]}")
        spans = server.metric('martlet_trace_spans_total{result="taken"}') or 0
        size = sum(map(len, bodies))
        note = f"{len(bodies)} requests of {size / len(bodies) / 1024:.0f} KiB, {connections} connections"
        tell("ingest", "martlet-otlp-http/wall", spans / wall, "spans/s", note)
        tell("ingest", "martlet-otlp-http/cpu", spans / cpu, "spans/s-of-cpu", f"{cpu:.2f} s of the server's processor time")
        tell("memory", "martlet-otlp-http", server.memory("VmHWM"), "MB", "at the peak")
    finally:
        server.stop()


main()
