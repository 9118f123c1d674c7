#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`candor top` on a terminal: what it shows of real nodes, keys, sizes, and how it ends."""
import json
import os
import shutil
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import Lab, program  # noqa: E402
from candorlab.terminal import Terminal  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

OPERATIONS = """ip sla responder
ip sla 10
 udp-jitter 127.0.0.1 16384 codec g729a codec-numpackets 50
 tag voice
 timeout 500
 threshold 500
 frequency 2
ip sla schedule 10 life forever start-time now
ip sla 20
 udp-echo 127.0.0.1 7 control disable
 tag nobody answers
 timeout 200
 threshold 200
 frequency 1
ip sla schedule 20 life forever start-time now
ip sla 30
 tcp-connect 127.0.0.1 7001
"""


class TopCase(unittest.TestCase):
    def setUp(self):
        self.lab = Lab([], seed=5)
        self.addCleanup(self.lab.close)

    def node(self, configuration=OPERATIONS):
        return product.Node(self.lab, self.lab.a, configuration)

    def top(self, socket, *words, **more):
        terminal = Terminal(self.lab.a, [program("candor"), "--socket", socket, "top", *words], **more)
        self.addCleanup(terminal.close)
        return terminal

    def start_again(self, node, host):
        self.lab.start(host, node.process.argv, "again", {"ASAN_OPTIONS": "detect_leaks=0"})

    def assert_left(self, terminal, exit_code):
        self.assertEqual(terminal.wait_exit(), exit_code)
        wait_for(lambda: not terminal.screen.is_alternate, 5, "the screen from before")
        self.assertFalse(terminal.screen.is_cursor_hidden)
        self.assertTrue(terminal.settings_are_back(), "settings of the terminal")


class LiveTest(TopCase):
    """A node, watched."""

    def setUp(self):
        super().setUp()
        self.watched = self.node()
        self.terminal = self.top(self.watched.socket)

    def test_rows_and_detail(self):
        t = self.terminal
        t.wait(r"3 operations:  1 failing +1 good +1 not running")
        t.wait(r"! +20 (?:udp-)?echo +127\.0\.0\.1 +- +[^ ]*× .* NoConnect")
        t.wait(r"\* +10 (?:udp-)?jitter +127\.0\.0\.1 +\d+\.\d+ .* 4\.06 OK ")
        t.wait(r"~ +30 tcp(?:-connect)? +127\.0\.0\.1 .* pending")
        # a watch, not a list: the trend grows
        t.wait(r"\* +10 (?:udp-)?jitter .*[▁▂▃▄▅▆▇█]{3} ", 20)
        t.type("down", "enter")
        t.wait(r"operation 10, .+ +udp-jitter 127\.0\.0\.1 port 16384 +voice +\d\d:")
        t.wait(r"distribution of [\d,]+ round trips")
        t.wait(r"\d+\.\d+ [█▏▎▍▌▋▊▉]+ +\d+\.\d%")
        t.wait(r"p99")
        t.type("escape")
        t.wait("3 of 3 by health")

    def test_keys(self):
        t = self.terminal
        t.wait("3 of 3 by health")
        t.type("/", "v", "o", "i", "c", "e", "enter")
        t.wait("1 of 3 by health  /voice")
        t.wait_gone("tcp")
        t.type("escape")
        t.wait("3 of 3")
        t.type("p")
        t.wait("1 of 3 by health  problems only")
        t.type("p", "d", "r")
        t.wait("3 of 3 by round trip, reversed")
        t.type("?")
        t.wait("candor top: keys")
        t.type("x")
        t.wait_gone("candor top: keys")

    def test_sizes(self):
        t = self.terminal
        t.wait("3 of 3 by health")
        t.resize(120, 40)
        t.wait("udp-jitter")  # there is room for whole words
        t.wait("voice")
        self.assertIn("Enter detail", t.screen.lines[39])
        t.resize(30, 6)
        t.wait("OPER")
        t.resize(80, 24)
        t.wait("3 of 3 by health")

    def test_node_goes_and_comes(self):
        t = self.terminal
        t.wait(r"\* +10 (?:udp-)?jitter")
        self.watched.process.stop()
        t.wait(r"no contact for \d+s \(since [\d:]+\)")
        t.wait(r"\? +10 .* no contact")
        self.start_again(self.watched, self.lab.a)
        t.wait_gone("no contact", 30)
        t.wait(r"\* +10 (?:udp-)?jitter .* OK")

    def test_operation_added_and_removed(self):
        t = self.terminal
        t.wait("3 operations")
        with open(self.watched.file, "a", encoding="utf-8") as f:
            f.write("ip sla 40\n icmp-echo 127.0.0.1\n tag fresh\nno ip sla 30\n")
        self.watched.process.signal(signal.SIGHUP)
        t.wait(r"~ +40 icmp")
        t.wait_gone(r"tcp")

    def test_quit(self):
        self.terminal.wait("3 of 3 by health")
        self.assertTrue(self.terminal.screen.is_alternate)
        self.assertTrue(self.terminal.screen.is_cursor_hidden)
        self.assertFalse(self.terminal.settings_are_back())
        self.terminal.type("q")
        self.assert_left(self.terminal, 0)

    def test_ended_by_signals(self):
        for number, exit_code in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGSEGV, -signal.SIGSEGV)):
            with self.subTest(number):
                terminal = self.top(self.watched.socket)
                terminal.wait("3 of 3 by health")
                terminal.signal(number)
                if number == signal.SIGSEGV and os.environ.get("ASAN_OPTIONS"):
                    continue  # the sanitizer has a handler of its own
                self.assert_left(terminal, exit_code)

    def test_colours(self):
        self.terminal.wait("3 of 3 by health")
        self.assertIn("38", self.terminal.screen.colours)
        plain = self.top(self.watched.socket, env={"NO_COLOR": "1"})
        plain.wait(r"! +20 (?:udp-)?echo")
        self.assertLessEqual(plain.screen.colours, {"0", "1", "2", "7"})
        letters = self.top(self.watched.socket, env={"LC_ALL": "C"})
        letters.wait(r"! +20 (?:udp-)?echo .*x +-")
        self.assertTrue(letters.text.isascii())


class FleetTest(TopCase):
    """Two nodes, from a third host over TLS."""

    NODES = {"198.51.100.1": "a", "203.0.113.1": "b"}

    def setUp(self):
        super().setUp()
        self.admin = self.lab.third()
        self.nodes = {}
        self.pki("init")
        self.pki("issue", "alice", "--out", "alice")
        for address, name in self.NODES.items():
            self.pki("issue", f"node-{name}", "--node", "--address", address, "--out", f"node-{name}")
            self.nodes[name] = product.Node(
                self.lab, getattr(self.lab, name),
                OPERATIONS + f"hostname node-{name}\nnamp\n tcp\n user alice role viewer\n",
                "--identity", os.path.join(self.lab.folder, f"node-{name}"), name=name)
        terminal = Terminal(self.admin, [program("candor"), "--identity", os.path.join(self.lab.folder, "alice"),
                                         "-H", ",".join(self.NODES), "top"])
        self.addCleanup(terminal.close)
        self.terminal = terminal

    def pki(self, *words):
        self.admin.run([program("candor"), "pki", *words], cwd=self.lab.folder)

    def test_two_nodes(self):
        t = self.terminal
        t.wait("candor top   2 of 2 nodes")
        t.wait(r"6 operations:  2 failing +2 good +2 not running")
        t.wait(r"\* 198\.51\S+ +10 +[^\n]* OK ")
        t.wait(r"\* 203\.0\S+ +10 +[^\n]* OK ")
        t.type("n", "n")
        t.wait("3 of 6 by health  node 203.0.113.1")
        t.type("enter")
        t.wait(r"operation 20, 203\.0\.113\.1 ")
        t.wait(r"runs +\d+, \d+ enable_no_connect|runs +\d+, \d+ not_connected")
        t.type("q", "n")
        t.wait("6 of 6 by health")

    def test_one_goes(self):
        t = self.terminal
        t.wait("2 of 2 nodes")
        self.nodes["b"].process.signal(signal.SIGKILL)
        t.wait("candor top   1 of 2 nodes")
        t.wait(r"\? 203\.0\.113\.1: no contact for \d+s")
        t.wait(r"\* 198\.51\S+ +10 ")  # the other one goes on
        self.start_again(self.nodes["b"], self.lab.b)
        t.wait("candor top   2 of 2 nodes", 30)
        t.wait(r"\* 203\.0\S+ +10 +[^\n]* OK ")

    def test_revoked_while_watching(self):
        t = self.terminal
        t.wait("2 of 2 nodes")
        self.pki("revoke", "alice")
        shutil.copyfile(os.path.join(self.lab.folder, "candor-pki", "crl.pem"),
                        os.path.join(self.lab.folder, "node-a", "crl.pem"))
        t.wait(r"\? 198\.51\.100\.1: no contact [^\n]*\n +[^\n]*revoked", 20)
        t.wait("1 of 2 nodes")


class ManyTest(TopCase):
    """Ten thousand operations."""

    def test_many(self):
        socket = os.path.join(self.lab.folder, "fake.sock")
        self.lab.start(self.lab.a, [os.path.join(os.environ["CANDOR_BUILD"], "tests/lab/fake_node"),
                                    socket, 10000, 1000], "fake")
        wait_for(lambda: os.path.exists(socket), 10, "socket of the made-up node")
        t = self.top(socket, width=120, height=40)
        t.wait("10,000 operations: .* good", 20)
        for keys, shown in ((("end",), "10000 of 10000"), (("d",), "by round trip"), (("/", "7", "7"), "/77")):
            pressed = time.monotonic()
            t.type(*keys)
            t.wait(shown, 5)
            self.assertLess(time.monotonic() - pressed, 2)
        before, octets = self.cpu_s(t.pid), t.octets
        time.sleep(5)
        busy, octets = (self.cpu_s(t.pid) - before) / 5, (t.octets - octets) / 5
        print(f"10,000 operations, 1,000 runs a second: {busy:.1%} of a core, {octets:.0f} octets a second",
              file=sys.stderr)
        self.assertLess(busy, 0.5)

    @staticmethod
    def cpu_s(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class PlainTest(TopCase):
    """Without a terminal."""

    def test_table(self):
        node = self.node()
        wait_for(lambda: product.results_in(node.show("statistics", 10)), 10, "a result")
        done = node.run("top")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertRegex(done.stdout, r"(?m)^. +10 udp-jitter +127\.0\.0\.1 +\d")
        self.assertNotIn("\033", done.stdout)

    def test_every_change_as_json(self):
        node = self.node()
        process = self.lab.start(self.lab.a, [program("candor"), "--socket", node.socket, "--json", "top"],
                                 "json")
        process.wait_output(r'"path": "sla/statistics/10".*\n', 15)
        process.signal(signal.SIGINT)
        self.assertEqual(process.wait_exit(), 0)
        for line in process.out.splitlines():
            change = json.loads(line)
            self.assertIn(change["code"], (200, 206, 410))
            self.assertTrue(change["node"])

    def test_nobody_there(self):
        done = self.lab.a.run([program("candor"), "--socket", os.path.join(self.lab.folder, "none"), "top"],
                              check=False)
        self.assertEqual(done.returncode, 4)
        self.assertRegex(done.stderr, "candord is not running|nobody serves")


if __name__ == "__main__":
    case.main()
