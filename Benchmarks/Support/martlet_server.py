"""A `martlet serve` in a temporary directory, as the measurements of a binary need it.

Needs nothing but Python's own library.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request


def tell(kind, name, value, unit, note=""):
    """Prints a figure as a TSV row."""
    print(f"{kind}\t{name}\t{value:.1f}\t{unit}\t{note}", flush=True)


def die_with_parent():
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Server:
    """A server that was started, and what it costs and tells of itself."""

    def __init__(self, binary, configuration="scrape_configs: []\n", files={}, options=()):
        self.folder = tempfile.mkdtemp(prefix="martlet-bench-")
        for name, text in {"martlet.yml": configuration, **files}.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.process = subprocess.Popen(
            [os.path.abspath(binary), "serve", "--data-dir", "data", "--listen", "127.0.0.1:0", "--health-listen", "none",
             "--config", "martlet.yml", *options],
            cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        deadline = time.time() + 60
        while True:
            with open(self.log.name) as file:
                text = file.read()
            if "data " in text:
                break
            if self.process.poll() is not None or time.time() > deadline:
                self.stop()
                raise SystemExit(f"the server did not start: {text}")
            time.sleep(0.02)
        self.url = re.search(r"web page\s+(http://[^\s/]+)", text).group(1)
        address = urllib.parse.urlsplit(self.url)
        self.host, self.port = address.hostname, address.port

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, data=json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def value(self, expression):
        """The value of the first series that a query gives, or None."""
        answer = self.get("/api/v1/query?query=" + urllib.parse.quote(expression))
        result = answer["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    def metric(self, name):
        """The first line of the server's own metrics that begins with the name, or None."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=60) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name):
                    return float(line.rsplit(" ", 1)[1])
        return None

    def memory(self, name="VmRSS"):
        """Megabytes; `VmHWM` for the peak."""
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def cpu(self):
        """Seconds of processor time, user and system."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
