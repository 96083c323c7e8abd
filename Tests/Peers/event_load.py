#!/usr/bin/env python3
"""Sends samples, log records and spans to a server at once, each at a steady rate: event_load.py URL EVENTS_PER_SECOND SECONDS.

A third of the events is of each kind: samples by Prometheus remote write, records and spans by OTLP/HTTP, all as protobuf, each
over a connection of its own. The whole number is sent, however long the server takes. Prints what was acknowledged as JSON:

{"seconds": 60.0, "samples": {"sent": 1, "acknowledged": 1, "refusals": [], "sum": 0.5}, "logs": {...}, "spans": {...}, "from": NS}

event_load.py count URL FROM_NANOSECONDS SECONDS prints how many traces and spans searches find in that time.
"""
import http.client
import json
import struct
import sys
import threading
import time
import urllib.parse
import urllib.request

# Requests a second and kind.
BATCHES = 10
TRACE_SPANS = 10


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def attribute(key, value):
    return field(1, key) + field(2, value)


def text(value):
    return field(1, value)


def snappy(content):
    """The framing of snappy's block format, with literals only."""
    out = [varint(len(content))]
    for start in range(0, len(content), 1 << 16):
        part = content[start:start + (1 << 16)]
        out.append(b"\xf4" + struct.pack("<H", len(part) - 1) + part)
    return b"".join(out)


class Samples:
    path, good = "/api/v1/write", 204
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
               "X-Prometheus-Remote-Write-Version": "0.1.0"}

    def __init__(self, batch, start):
        self.start, self.sum = start // 1_000_000, 0.0
        self.heads = []
        for series in range(batch):
            labels = b"".join(field(1, field(1, key) + field(2, value)) for key, value in (
                (b"__name__", b"load_value"), (b"instance", b"host%03d" % (series % 100)), (b"job", b"load"),
                (b"series", b"%d" % series)))
            # A sample has a double and a time of six bytes.
            self.heads.append(b"\x0a" + varint(len(labels) + 18) + labels + b"\x12\x10\x09")

    def body(self, number):
        stamp = b"\x10" + varint(self.start + number * 1000 // BATCHES)
        values = [(number * (series + 1) % 1000) / 8 for series in range(len(self.heads))]
        self.pending = sum(values)
        pack = struct.Struct("<d").pack
        return snappy(b"".join([head + pack(value) + stamp for head, value in zip(self.heads, values)]))

    def acknowledged(self):
        self.sum += self.pending


class Logs:
    path, good = "/v1/logs", 200
    headers = {"Content-Type": "application/x-protobuf"}
    levels = ((9, b"INFO"), (9, b"INFO"), (9, b"INFO"), (13, b"WARN"), (17, b"ERROR"))

    def __init__(self, batch, start):
        self.batch, self.start = batch, start
        self.heads = [b"\x10" + bytes([number]) + field(3, word) for number, word in self.levels]
        self.tails = [field(6, attribute(b"component", text(name))) for name in (b"api", b"db", b"cart")]

    def body(self, number):
        records, pack = [], struct.Struct("<Q").pack
        for index in range(number * self.batch, (number + 1) * self.batch):
            message = b"request %08d of user u%04d finished" % (index, index * 7919 % 5000)
            record = b"".join((
                b"\x09", pack(self.start + index * 1_000_000_000 // (self.batch * BATCHES)), self.heads[index % 5],
                field(5, text(message)), self.tails[index % 3],
                b"\x32\x18\x0a\x0bduration_ms\x12\x09\x21", struct.pack("<d", index % 997 / 10),
                b"\x4a\x10", pack(index * 2654435761 % 2**64), pack(index + 1), b"\x52\x08", pack(index + 1)))
            records.append(b"\x12" + varint(len(record)) + record)
        resource = field(1, field(1, attribute(b"service.name", text(b"svc%d" % (number % 8)))))
        return field(1, resource + field(2, field(1, field(1, b"load")) + b"".join(records)))

    def acknowledged(self):
        pass


class Spans:
    path, good = "/v1/traces", 200
    headers = {"Content-Type": "application/x-protobuf"}

    def __init__(self, batch, start):
        self.batch, self.start = batch // TRACE_SPANS * TRACE_SPANS, start
        self.heads = [field(5, b"GET /items/%d" % (place * 7)) + b"\x30" + bytes([2 if place == 0 else 1])
                      for place in range(TRACE_SPANS)]

    def body(self, number):
        spans, pack = [], struct.Struct("<Q").pack
        for index in range(number * self.batch, (number + 1) * self.batch):
            trace, place = divmod(index, TRACE_SPANS)
            # A trace begins at a time of its own, so that a search of a time finds just the traces sent for it.
            begin = self.start + trace * TRACE_SPANS * 1_000_000_000 // (self.batch * BATCHES)
            parent = b"\x22\x08" + pack(index - place + 1) if place else b""
            span = b"".join((
                b"\x0a\x10", pack(trace * 2654435761 % 2**64), pack(trace + 1), b"\x12\x08", pack(index + 1), parent,
                self.heads[place], b"\x39", pack(begin + place * 1000), b"\x41", pack(begin + 900_000 - place * 1000),
                field(9, attribute(b"user", text(b"u%04d" % (trace * 7919 % 5000)))),
                field(9, attribute(b"status", b"\x18" + varint(200 + index % 3)))))
            spans.append(b"\x12" + varint(len(span)) + span)
        resource = field(1, field(1, attribute(b"service.name", text(b"svc%d" % (number % 8)))))
        return field(1, resource + field(2, field(1, field(1, b"load")) + b"".join(spans)))

    def acknowledged(self):
        pass


class Sender(threading.Thread):
    def __init__(self, url, kind, batch, batches):
        super().__init__()
        self.url, self.kind, self.batch, self.batches = url, kind, batch, batches
        self.taken, self.refusals = 0, []

    def run(self):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=60)
        start = time.monotonic()
        for number in range(self.batches):
            # A batch that is late is sent at once, so that the rate holds over the whole.
            time.sleep(max(0, start + number / BATCHES - time.monotonic()))
            try:
                connection.request("POST", self.kind.path, self.kind.body(number), self.kind.headers)
                answer = connection.getresponse()
                content = answer.read()
            except OSError as problem:
                self.refusals.append(str(problem))
                connection.close()
                continue
            # An answer with content names events that were refused.
            if answer.status == self.kind.good and not content:
                self.taken += self.batch
                self.kind.acknowledged()
            else:
                self.refusals.append(f"{answer.status} {content[:200]!r}")
        # The last batch has its time too, or the rate would look higher than it is.
        time.sleep(max(0, start + self.batches / BATCHES - time.monotonic()))


def send(url, rate, seconds):
    batch = -(-rate // 3 // BATCHES // TRACE_SPANS) * TRACE_SPANS
    start = time.time_ns() // 1_000_000_000 * 1_000_000_000
    kinds = {"samples": Samples(batch, start), "logs": Logs(batch, start), "spans": Spans(batch, start)}
    senders = {name: Sender(url, kind, batch, seconds * BATCHES) for name, kind in kinds.items()}
    begin = time.monotonic()
    for sender in senders.values():
        sender.start()
    for sender in senders.values():
        sender.join()
    result = {"seconds": time.monotonic() - begin, "from": str(start)}
    for name, sender in senders.items():
        result[name] = {"sent": batch * seconds * BATCHES, "acknowledged": sender.taken,
                        "refused": len(sender.refusals), "refusals": sender.refusals[:3]}
    result["samples"]["sum"] = kinds["samples"].sum
    print(json.dumps(result))


def count(url, start, seconds):
    """Counts by searches of a tenth of a second each: an answer has at most 1,500 traces."""
    found = {}

    def stamp(nanoseconds):
        whole, rest = divmod(nanoseconds, 1_000_000_000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest:09d}Z"

    for part in range(seconds * BATCHES):
        low = start + part * 1_000_000_000 // BATCHES
        query = urllib.parse.urlencode({
            "query.startTimeMin": stamp(low), "query.startTimeMax": stamp(low + 1_000_000_000 // BATCHES - 1),
            "query.searchDepth": "1500"})
        with urllib.request.urlopen(f"{url.geturl()}/api/v3/trace-summaries?{query}", timeout=60) as answer:
            summaries = json.load(answer)["summaries"]
        if len(summaries) >= 1500:
            raise SystemExit("a search of a tenth of a second found 1,500 traces or more; send fewer")
        for summary in summaries:
            found[summary["traceId"]] = summary["spanCount"]
    print(json.dumps({"traces": len(found), "spans": sum(found.values())}))


if sys.argv[1] == "count":
    count(urllib.parse.urlsplit(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
else:
    send(urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
