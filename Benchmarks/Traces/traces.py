#!/usr/bin/env python3
"""Measures how fast a martlet binary takes spans by OTLP/HTTP, protobuf, into storage that survives the process.

usage: traces.py BINARY BODIES [CONNECTIONS]

BODIES is what `TraceStoreBenchmarks bodies SPANS FILE` wrote: requests, each after its length in four bytes, the low one
first. They are sent as they are over connections that stay open; every answer is awaited. Prints TSV rows: kind, name,
value, unit, note. A rate "of cpu" is by the server's processor time, that of sealing everything included.
Needs nothing but Python's own library.
"""
import http.client
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request


def tell(kind, name, value, unit, note=""):
    print(f"{kind}\t{name}\t{value:.1f}\t{unit}\t{note}", flush=True)


def die_with_parent():
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def read_bodies(path):
    bodies = []
    with open(path, "rb") as file:
        while True:
            head = file.read(4)
            if not head:
                return bodies
            bodies.append(file.read(struct.unpack("<I", head)[0]))


class Server:
    """A `martlet serve` in a temporary directory."""

    def __init__(self, binary):
        self.folder = tempfile.mkdtemp(prefix="martlet-bench-")
        with open(os.path.join(self.folder, "martlet.yml"), "w") as file:
            file.write("scrape_configs: []\n")
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.process = subprocess.Popen(
            [os.path.abspath(binary), "serve", "--data-dir", "data", "--listen", "127.0.0.1:0", "--health-listen", "none",
             "--config", "martlet.yml"],
            cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        deadline = time.time() + 60
        while True:
            text = open(self.log.name).read()
            if "data " in text:
                break
            if self.process.poll() is not None or time.time() > deadline:
                raise SystemExit(f"the server did not start: {text}")
            time.sleep(0.02)
        self.host, self.port = re.search(r"web page\s+http://([^\s/:]+):(\d+)", text).groups()

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def metric(self, name):
        url = f"http://{self.host}:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=60) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name):
                    return float(line.rsplit(" ", 1)[1])
        return 0.0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


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
        spans = server.metric('martlet_trace_spans_total{result="taken"}')
        size = sum(map(len, bodies))
        note = f"{len(bodies)} requests of {size / len(bodies) / 1024:.0f} KiB, {connections} connections"
        tell("ingest", "martlet-otlp-http/wall", spans / wall, "spans/s", note)
        tell("ingest", "martlet-otlp-http/cpu", spans / cpu, "spans/s-of-cpu", f"{cpu:.2f} s of the server's processor time")
        tell("memory", "martlet-otlp-http", server.memory(), "MB", "at the peak")
    finally:
        server.stop()


main()
