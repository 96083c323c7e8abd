#!/usr/bin/env python3
"""Measures how fast a martlet binary evaluates, routes and tells, with receivers on loopback.

usage: alerts.py BINARY [alerts|hanging|rules|latency]...

Prints TSV rows: peer, operation, threads, value. Milliseconds and megabytes, as the operation's name says.
Needs nothing but Python's own library.
"""
import http.server
import json
import os
import socket
import socketserver
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Support"))
from martlet_server import Server


def row(operation, value):
    print(f"martlet\t{operation}\t1\t{value:.1f}", flush=True)


class Receiver:
    """A webhook that notes when which alerts arrived; or one that takes connections and never answers."""

    def __init__(self, hangs=False):
        self.calls = []
        if hangs:
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
            self.port = self.socket.getsockname()[1]
            return
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((time.time(), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Threaded(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 256

        server = Threaded(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def alerts(self, status="firing"):
        return sum(alert["status"] == status for _, body in self.calls for alert in json.loads(body)["alerts"])


def wait(what, condition, seconds=60, pause=0.005):
    deadline = time.time() + seconds
    while not condition():
        if time.time() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(pause)


def alerts(binary):
    """Alerts that arrive together, in 100 groups: until all are durable, grouped, and told."""
    for count in (1_000, 10_000):
        receiver = Receiver()
        server = Server(binary, f"""
server: {{notification_allowlist: [127.0.0.1]}}
route: {{receiver: hook, group_by: [zone], group_wait: 0s, group_interval: 5m}}
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{receiver.port}/"}}]}}]
""")
        before, cpu = server.memory(), server.cpu()
        body = [{"labels": {"alertname": "Down", "instance": f"host-{i}:9100", "zone": f"z{i % 100}", "severity": "error"},
                 "annotations": {"summary": f"host {i} is down", "runbook": "https://runbooks.example.org/down"}}
                for i in range(count)]
        begin = time.time()
        server.post("/api/v2/alerts", body)
        taken = time.time()
        calls = 100
        wait("every group is told", lambda: len(receiver.calls) >= calls)
        told = max(moment for moment, _ in receiver.calls)
        wait("every alert is told", lambda: receiver.alerts() >= count)
        groups = server.get("/api/v2/alerts/groups")
        assert len(groups) == 100 and sum(len(group["alerts"]) for group in groups) == count
        row(f"alerts_{count}_taken_durable_ms", (taken - begin) * 1000)
        row(f"alerts_{count}_routed_grouped_told_ms", (told - begin) * 1000)
        row(f"alerts_{count}_cpu_ms", (server.cpu() - cpu) * 1000)
        row(f"alerts_{count}_rss_growth_mb", server.memory("VmHWM") - before)
        server.stop()


def hanging(binary):
    """50 receivers that never answer beside a healthy one: how much later the healthy one hears."""
    times = {}
    for count in (0, 50):
        healthy = Receiver()
        hung = [Receiver(hangs=True) for _ in range(count)]
        routes = "".join(f"    - {{receiver: hung{i}, continue: true}}\n" for i in range(count))
        receivers = "".join(
            f"  - {{name: hung{i}, webhook_configs: [{{url: \"http://127.0.0.1:{r.port}/\"}}]}}\n" for i, r in enumerate(hung))
        server = Server(binary, f"""
server: {{notification_allowlist: [127.0.0.1]}}
route:
  receiver: hook
  group_wait: 0s
  group_by: [alertname]
  routes:
{routes}    - {{receiver: hook}}
receivers:
{receivers}  - {{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{healthy.port}/"}}]}}
""")
        # Eight groups, so that each of the hanging ones has more messages than it sends at once.
        longest = 0
        for i in range(8):
            begin = time.time()
            server.post("/api/v2/alerts", [{"labels": {"alertname": f"A{i}"}}])
            wait("the healthy receiver is told", lambda: len(healthy.calls) > i)
            longest = max(longest, healthy.calls[i][0] - begin)
        times[count] = longest
        row(f"healthy_beside_{count}_hanging_longest_ms", longest * 1000)
        server.stop()
    row("healthy_delayed_by_50_hanging_ms", (times[50] - times[0]) * 1000)


class Page:
    """A target with 10,000 series, of which half are above the rules' threshold when asked."""

    def __init__(self, lines):
        body = "\n".join(lines).encode() + b"\n"

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()


def rules(binary):
    """1,000 alerting rules over 10,000 series, ten each; in the second run each of the 10,000 alerts fires."""
    lines = ["# TYPE load gauge"]
    lines += [f'load{{service="s{i // 10}",instance="i{i}"}} {i % 10}' for i in range(10_000)]
    page = Page(lines)
    for name, threshold, groups in (("quiet", 100, 1), ("quiet", 100, 10), ("firing", -1, 1)):
        texts = []
        for g in range(groups):
            entries = "".join(
                f'  - {{alert: R{i}, expr: \'load{{service="s{i}"}} > {threshold}\', for: 0s, labels: {{severity: warning}}, '
                f'annotations: {{summary: "{{{{ $labels.instance }}}} is at {{{{ $value }}}}"}}}}\n'
                for i in range(g, 1000, groups))
            texts.append(f"- name: g{g}\n  interval: 2s\n  rules:\n{entries}")
        server = Server(binary, f"""
global: {{scrape_interval: 2s, evaluation_interval: 2s}}
rule_files: [rules.yml]
scrape_configs: [{{job_name: page, static_configs: [{{targets: ["127.0.0.1:{page.port}"]}}]}}]
""", {"rules.yml": "groups:\n" + "".join(texts)})
        wait("the page is scraped", lambda: (server.value("count(load)") or 0) == 10_000)
        before, cpu = server.metric("prometheus_rule_evaluations_total"), server.cpu()
        durations = []
        for _ in range(8):
            time.sleep(2)
            answer = server.get("/api/v1/rules?exclude_alerts=true")["data"]["groups"]
            durations.append(sum(group["evaluationTime"] for group in answer))
        label = f"rules_1000_over_10000_series_{name}" + (f"_{groups}_groups" if groups > 1 else "")
        row(label + "_ms", min(durations[2:]) * 1000)
        row(label + "_median_ms", sorted(durations[2:])[3] * 1000)
        if name == "firing":
            firing = server.value('count(ALERTS{alertstate="firing"})')
            assert firing == 10_000, firing
            row(label + "_rss_mb", server.memory())
        server.stop()


def latency(binary):
    """From the moment when a target shows a bad value to the webhook, at an evaluation interval of 1 s."""
    receiver = Receiver()
    value = {"number": 0, "since": 0.0}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"# TYPE broken gauge\nbroken {value['number']}\n".encode()
            if value["number"] and not value["since"]:
                value["since"] = time.time()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=target.serve_forever, daemon=True).start()
    server = Server(binary, f"""
server: {{notification_allowlist: [127.0.0.1]}}
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs: [{{job_name: t, static_configs: [{{targets: ["127.0.0.1:{target.server_port}"]}}]}}]
route: {{receiver: hook, group_wait: 0s, group_interval: 100ms, group_by: [alertname]}}
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{receiver.port}/"}}]}}]
""", {"rules.yml": "groups: [{name: g, rules: [{alert: Broken, expr: 'broken > 0'}]}]\n"})
    wait("the target is scraped", lambda: server.value("broken") == 0)
    delays = []
    for _ in range(10):
        count = len(receiver.calls)
        value["since"] = 0.0
        value["number"] = 1
        wait("the webhook is told", lambda: len(receiver.calls) > count)
        delays.append(receiver.calls[count][0] - value["since"])
        value["number"] = 0
        wait("the webhook is told of the end", lambda: len(receiver.calls) > count + 1)
    row("firing_to_webhook_at_1s_median_ms", sorted(delays)[5] * 1000)
    row("firing_to_webhook_at_1s_longest_ms", max(delays) * 1000)
    server.stop()


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    known = {"alerts": alerts, "hanging": hanging, "rules": rules, "latency": latency}
    for name in sys.argv[2:] or known:
        if name not in known:
            raise SystemExit(f"unknown measurement \"{name}\"; there are {', '.join(known)}")
        known[name](sys.argv[1])


main()
