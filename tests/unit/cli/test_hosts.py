#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""candor -H: a node elsewhere, several at once, with certificates and keys; the shell there.

usage: test_hosts.py CANDOR CANDORD
"""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shellpty  # noqa: E402

CANDOR, CANDORD = "", ""
CONFIGURATION = """hostname {name}
ip sla 1
 icmp-echo 127.0.0.1
namp
 tcp port {port}
 address 127.0.0.1
 user alice role administrator
 user victor role viewer
{key}
"""
FOLDER = None
NODES = []
DEAD = None  # takes connections and says nothing


def free_port():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return taken.getsockname()[1]


def pki(command, *words):
    where = [] if command == "key" else ["--dir", FOLDER / "ca"]
    subprocess.run([CANDOR, "pki", command, *map(str, words), *where], check=True,
                   capture_output=True, timeout=shellpty.DEADLINE_S)


def setUpModule():
    global FOLDER, DEAD
    FOLDER = Path(tempfile.mkdtemp())
    FOLDER.chmod(0o755)
    pki("init", "--name", "test")
    for person in ("alice", "victor"):
        pki("issue", person, "--out", FOLDER / person)
    pki("key", "k1", "--client", "victor", "--out", FOLDER / "k1.key", "--line", FOLDER / "k1.line")
    for name in ("node1", "node2"):
        identity = FOLDER / name
        pki("issue", name, "--node", "--address", "127.0.0.1", "--out", identity)
        for path in [identity, *identity.iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o644 if path.name != "key.pem" else 0o600)
        port = free_port()
        node = shellpty.Node(CANDORD, CONFIGURATION.format(
            name=name, port=port, key=(FOLDER / "k1.line").read_text()), "--identity", identity)
        node.host = f"127.0.0.1:{port}"
        NODES.append(node)
    DEAD = socket.create_server(("127.0.0.1", 0))


def tearDownModule():
    for node in NODES:
        node.close()
    if DEAD:
        DEAD.close()
    shutil.rmtree(FOLDER)


class HostCase(unittest.TestCase):
    def candor(self, *words, identity="alice", text=None):
        who = ["--identity", FOLDER / identity] if identity else []
        return subprocess.run([CANDOR, *who, *words], capture_output=True, text=True, check=False,
                              input=text, timeout=60, env={**os.environ, "TZ": "UTC"})

    def one(self, *words, **how):
        return self.candor("-H", NODES[0].host, *words, **how)

    @staticmethod
    def dead():
        return f"127.0.0.1:{DEAD.getsockname()[1]}"

    @staticmethod
    def nobody():
        return f"127.0.0.1:{free_port()}"


class One(HostCase):
    def test_every_view_is_as_on_the_node(self):
        listed = subprocess.run([CANDOR, "--help"], capture_output=True, text=True, check=True,
                                timeout=30).stdout
        views = [line for line in re.findall(r"(?m)^  (show [a-z -]+?)(?:  |$)", listed)]
        self.assertGreater(len(views), 10)
        for view in views:
            with self.subTest(view):
                here = subprocess.run([CANDOR, "--socket", NODES[0].socket, *view.split(), "--json"],
                                      capture_output=True, text=True, check=False, timeout=30)
                there = self.one(*view.split(), "--json")
                self.assertEqual(there.returncode, here.returncode, there.stderr)
                self.assertEqual(list(json.loads(there.stdout)), list(json.loads(here.stdout)))

    def test_with_a_key(self):
        done = self.one("--psk", "k1", "--psk-file", FOLDER / "k1.key", "show", "version",
                        identity=None)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.one("--psk", "k2", "--psk-file", FOLDER / "k1.key", "show", "version",
                        identity=None)
        self.assertEqual(done.returncode, 4)

    def test_actions_need_a_role(self):
        self.assertEqual(self.one("clear", "ip", "sla", "statistics").returncode, 0)
        done = self.one("clear", "ip", "sla", "statistics", identity="victor")
        self.assertEqual(done.returncode, 4)
        self.assertIn("operator", done.stderr)

    def test_port(self):
        host, port = NODES[0].host.split(":")
        self.assertEqual(self.candor("-H", host, "--port", port, "show", "version").returncode, 0)

    def test_no_identity(self):
        done = self.one("show", "version", identity="nowhere")
        self.assertEqual(done.returncode, 4)
        self.assertIn("nowhere", done.stderr)

    def test_default_identity(self):
        config = FOLDER / "config"
        (config / "candor").mkdir(parents=True)
        (config / "candor/identity").symlink_to(FOLDER / "alice")
        done = subprocess.run([CANDOR, "-H", NODES[0].host, "show", "version"], check=False,
                              capture_output=True, text=True, timeout=30,
                              env={**os.environ, "XDG_CONFIG_HOME": str(config)})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_timeout(self):
        begin = time.monotonic()
        done = self.candor("-H", self.dead(), "--timeout", "1", "show", "version")
        self.assertEqual(done.returncode, 4)
        self.assertLess(time.monotonic() - begin, 4)

    def test_what_works_here_alone(self):
        done = self.one("probe", "icmp-echo", "127.0.0.1")
        self.assertEqual(done.returncode, 3)
        self.assertIn("takes no -H", done.stderr)

    def test_wrong_options(self):
        for words in (("-H", ""), ("-H", "[::1"), ("-H", "[::1]x"), ("-H", "a:0"), ("-H", "a:65536"),
                      ("-H", ":1"), ("-H", "a", "--port", "x"), ("-H", "a", "--timeout", "0"),
                      ("-H", "a", "--psk", "k"), ("-H", ",".join(["a"] * 1025)),
                      ("-H", "a", "--psk", "k", "--psk-file", "f")):
            with self.subTest(words):
                self.assertEqual(self.candor(*words, "show", "version").returncode, 3)


class Several(HostCase):
    def test_in_the_order_given(self):
        hosts = [NODES[1].host, self.nobody(), NODES[0].host]
        done = self.candor("-H", ",".join(hosts), "show", "run", "|", "include", "hostname")
        self.assertEqual(done.stdout, f"===== {hosts[0]} =====\nhostname node2\n\n"
                         f"===== {hosts[1]} =====\n\n===== {hosts[2]} =====\nhostname node1\n")
        self.assertTrue(done.stderr.startswith(f"candor: {hosts[1]}: "), done.stderr)
        self.assertEqual(done.returncode, 4)

    def test_json(self):
        hosts = [NODES[0].host, self.nobody()]
        done = self.candor("-H", ",".join(hosts), "--json", "show", "version")
        document = json.loads(done.stdout)
        self.assertEqual(list(document), ["schema", "object", "items"])
        self.assertEqual((document["schema"], document["object"]), (1, "hosts"))
        good, bad = document["items"]
        self.assertEqual((good["host"], good["exit"]), (hosts[0], 0))
        self.assertEqual(good["document"]["object"], "software")
        self.assertEqual((bad["host"], bad["exit"]), (hosts[1], 4))
        self.assertEqual(list(bad), ["host", "exit", "error"])
        self.assertNotIn("candor:", bad["error"])
        self.assertEqual(done.returncode, 4)

    def test_filters_and_json_exclude_each_other(self):
        done = self.candor("-H", "a,b", "--json", "show", "version", "|", "count")
        self.assertEqual(done.returncode, 3)

    def test_nobody_waits_for_a_slow_one(self):
        hosts = [self.dead()] * 40 + [node.host for node in NODES]
        begin = time.monotonic()
        done = self.candor("-H", ",".join(hosts), "--timeout", "1", "show", "version")
        self.assertLess(time.monotonic() - begin, 8)  # two rounds, not 40
        self.assertEqual(done.stdout.count("\nname: candor\n"), 2)
        self.assertEqual(done.returncode, 4)

    def test_actions(self):
        done = self.candor("-H", ",".join(node.host for node in NODES), "clear", "ip", "sla",
                           "statistics")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(re.findall(r"(?m)^Statistics of \d operations? cleared$", done.stdout)), 2)

    def test_shell_is_for_one(self):
        self.assertEqual(self.candor("-H", "a,b").returncode, 3)


class Elsewhere(HostCase):
    def shell(self, identity="alice"):
        shell = shellpty.Shell(CANDOR, "-H", NODES[0].host, "--identity", FOLDER / identity,
                               home=NODES[0].home)
        self.addCleanup(shell.close)
        self.assertEqual(shell.prompt(), "node1>")
        return shell

    def test_configuration(self):
        shell = self.shell()
        self.assertEqual(shell.run("enable"), ["alice is administrator on node1"])
        shell.run("configure terminal")
        self.assertEqual(shell.run("ip sla 77"), [])  # nobody is told of what one does oneself
        self.assertEqual(shell.run("icmp-echo 192.0.2.7"), [])
        self.assertEqual(shell.prompt(), "node1(config-ip-sla-echo)#")
        self.assertIn("generation", shell.run("commit comment from afar")[0])
        shell.run("end")
        self.assertEqual(shell.run(""), [])
        self.assertEqual(shell.run("show run | include sla 77"), ["ip sla 77"])
        shown = "\n".join(shell.run("show archive"))
        self.assertIn("alice", shown)
        self.assertIn("from 127.0.0.1:", shown)
        self.assertFalse([row for row in shell.screen.rows if "% alice" in row])

    def test_viewer(self):
        shell = self.shell("victor")
        self.assertIn("viewer", "".join(shell.run("enable")))
        self.assertEqual(shell.prompt(), "node1>")
        self.assertEqual(shell.run("show run | include sla 1$"), ["ip sla 1"])

    def test_script(self):
        done = self.one(identity="victor", text="configure terminal\nip sla 78\n")
        self.assertEqual(done.returncode, 4)
        self.assertIn("stopped at line 1", done.stderr)


if __name__ == "__main__":
    CANDOR, CANDORD = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
