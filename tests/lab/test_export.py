#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes to other systems: the metrics page as Prometheus's own checker reads it, and the log of results
with a full disk, a slow reader and a killed node."""
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

PORT = 19469
OPERATIONS = """ip sla 10
 icmp-echo 192.0.2.2
 tag wan "a"
 timeout 300
 threshold 300
 frequency 1
ip sla schedule 10 life forever start-time now
ip sla 20
 udp-jitter 192.0.2.1 16384 codec g711alaw codec-numpackets 5
 timeout 300
 threshold 300
 frequency 1
ip sla schedule 20 life forever start-time now
ip sla responder
"""
PAGE = f"metrics listen 192.0.2.1 port {PORT}\n"
DISK_BYTES = 1 << 20


class ExportCase(unittest.TestCase):
    """A node a, and a host b that answers."""

    def lab_with(self, configuration, *options):
        self.lab = Lab((), seed=9)
        self.addCleanup(self.lab.close)
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        self.configuration = configuration
        self.node = product.Node(self.lab, self.lab.a, configuration, *options, name="node")

    def fetch(self, host, *options):
        """The page, fetched from a host."""
        return host.run(["curl", "-sS", "-m", "10", *options, f"http://192.0.2.1:{PORT}/metrics"],
                        check=False)

    def page(self):
        done = self.fetch(self.lab.b)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def export(self):
        done = self.node.run("show", "export", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def lines(self, name="results.ndjson"):
        """Documents of a file of the log; every line is whole."""
        path = os.path.join(self.node.state, name)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as log:
            text = log.read()
        self.assertTrue(text == "" or text.endswith("\n"), text[-200:])
        return [json.loads(line) for line in text.splitlines()]


@unittest.skipUnless(shutil.which("curl"), "SKIPPED: curl is not installed")
class PageTest(ExportCase):
    """/metrics."""

    def sample(self, page, name, *labels):
        """The values of the samples of a family with these labels."""
        return [float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
                if line.startswith(name + "{") and all(label in line for label in labels)]

    def test_page(self):
        self.lab_with(OPERATIONS + PAGE)
        wait_for(lambda: self.sample(self.page(), "candor_latest_rtt_seconds", 'id="10"') and
                 self.sample(self.page(), "candor_latest_mos", 'id="20"'), 15, "first runs")
        page = self.page()
        self.assertLess(self.sample(page, "candor_latest_rtt_seconds", 'id="10"')[0], 0.3)
        self.assertIn('type="icmp-echo",target="192.0.2.2",tag="wan \\"a\\"",vrf=""', page)
        latest = self.node.show("statistics", 20)["latest"]
        self.assertEqual(latest["jitter"]["oneway"]["reason"] == "reported",
                         bool(self.sample(page, "candor_latest_oneway_avg_seconds")))
        ok = self.sample(page, "candor_results_total", 'id="10"', 'result="ok"')[0]
        count = self.sample(page, "candor_rtt_seconds_count", 'id="10"')[0]
        self.assertEqual(count, ok)
        self.assertEqual(self.sample(page, "candor_rtt_seconds_bucket", 'id="10"', 'le="+Inf"'),
                         [count])
        buckets = self.sample(page, "candor_rtt_seconds_bucket", 'id="20"')
        self.assertEqual(buckets, sorted(buckets))
        self.assertGreater(self.export()["metrics"]["counters"]["pages"], 2)

    def test_promtool(self):
        if not shutil.which("promtool"):
            self.skipTest("SKIPPED: promtool (package prometheus) is not installed")
        self.lab_with(OPERATIONS + PAGE)
        wait_for(lambda: self.sample(self.page(), "candor_latest_mos", 'id="20"'), 15, "first run")
        done = subprocess.run(["promtool", "check", "metrics"], input=self.page(), text=True,
                              capture_output=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_access_list_and_reload(self):
        self.lab_with("access-list 10 permit 192.0.2.1\n" + PAGE.replace("\n", " access-list 10\n"))
        self.assertNotEqual(self.fetch(self.lab.b).returncode, 0)
        self.assertEqual(self.fetch(self.lab.a).returncode, 0)
        self.assertGreater(self.export()["metrics"]["counters"]["refused_address"], 0)
        with open(self.node.file, "w", encoding="utf-8") as file:
            file.write("hostname node\n")
        self.assertEqual(self.node.run("reload", "configuration").returncode, 0)
        self.assertNotEqual(self.fetch(self.lab.a).returncode, 0)
        self.assertFalse(self.export()["metrics"]["open"])


class LogTest(ExportCase):
    """The log of results."""

    def test_every_result_is_there(self):
        self.lab_with(OPERATIONS + "result-log file\n")
        wait_for(lambda: len(self.lines()) > 6, 15, "lines")
        states = [d for d in self.lines() if d["object"] == "log/state"]
        self.assertEqual([(d["was"], d["state"]) for d in states],
                         [("pending", "active"), ("pending", "active")])
        for number in (10, 20):
            runs = [d["run"] for d in self.lines()
                    if d["object"] == "log/result" and d["number"] == number]
            self.assertEqual(runs, list(range(1, len(runs) + 1)))
        self.assertEqual(self.lines()[-1]["schema"], 1)

    def test_killed_node(self):
        self.lab_with(OPERATIONS + "result-log file\n")
        wait_for(lambda: len(self.lines()) > 4, 15, "lines")
        for pid in self.node.process.family():
            os.kill(pid, signal.SIGKILL)
        self.node.process.wait_exit()
        before = self.lines()
        path = os.path.join(self.node.state, "results.ndjson")
        with open(path, "a", encoding="utf-8") as log:
            log.write('{"schema": 1, "object": "log/re')  # as if killed while it wrote
        number = len(self.lab.processes)
        os.rename(self.node.state, os.path.join(self.lab.folder, f"{number}-node.state"))
        self.node = product.Node(self.lab, self.lab.a, self.configuration, name="node")
        wait_for(lambda: self.export()["result_log"]["file"]["counters"]["lines"] > 0, 15, "lines")
        self.assertEqual(self.export()["result_log"]["file"]["counters"]["torn"], 1)
        self.assertEqual(self.lines()[:len(before)], before)

    def test_full_disk(self):
        self.lab = Lab((), seed=9)
        self.addCleanup(self.lab.close)
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        state = os.path.join(self.lab.folder, f"{len(self.lab.processes)}-node.state")
        os.mkdir(state, 0o700)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "candor",
                               state], capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"may not mount a disk here: {done.stderr}")
        self.addCleanup(subprocess.run, ["umount", "-l", state], check=False)
        self.node = product.Node(self.lab, self.lab.a, OPERATIONS + "result-log file\n", name="node")
        wait_for(lambda: len(self.lines()) > 4, 15, "lines")
        filler = os.path.join(self.node.state, "filler")
        with open(filler, "wb", buffering=0) as file:
            size = 1 << 16
            while size:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2
        log = wait_for(lambda: self.failing_log(), 15, "a write that fails")
        self.assertIn("space", log["error"])
        self.assertTrue(self.lines())  # whole lines, all of them
        os.unlink(filler)
        wait_for(lambda: self.export()["result_log"]["file"]["pending_bytes"] == 0, 15, "room")
        runs = [d["run"] for d in self.lines() if d["object"] == "log/result" and d["number"] == 10]
        self.assertEqual(runs, list(range(1, len(runs) + 1)))  # what waited was written

    def failing_log(self):
        log = self.export()["result_log"]["file"]
        return log if log["counters"]["errors"] > 0 and not log["open"] else None

    def test_standard_output(self):
        self.lab_with(OPERATIONS, "--result-log", "-")
        wait_for(lambda: self.export()["result_log"]["standard_output"]["counters"]["lines"] > 4, 15,
                 "lines")
        self.assertIsNone(self.export()["result_log"]["file"])


if __name__ == "__main__":
    case.main()
