#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/json.md and the documents of the program agree, key by key and in both directions.

usage: test_json_docs.py JSON_MD DOCUMENTS CANDOR CANDORD: the description, the program that prints
every document of the object tree, candor, whose one-shot measurement is a document too, and candord,
of which candor shows the rest.
"""
import json
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TEXT = ""
TREE = {}
CANDOR = ""
CANDORD = ""
DEADLINE_S = 20  # for candord to start and for a first run
HEAD = ["schema", "object"]  # of every document but the error
UNITS = {"_at_ns": "unix ns", "now_ns": "unix ns", "_ns2": "ns²", "_ns": "ns", "_ms": "ms",
         "_s": "s", "_bytes": "octets"}

INSTANTS = ("at_ns", "now_ns", "since_ns", "received_ns", "start_ns", "end_ns",
            "confirm_until_ns")


def unit_of(key):
    """The unit that the name of a key promises."""
    if key in INSTANTS:
        return "unix ns"
    for suffix, unit in UNITS.items():
        if key.endswith(suffix):
            return unit
    return ""


def parse(text):
    """{section: [(key, type, unit)]}: every table below a heading of the third level."""
    sections = {}
    name = None
    for line in text.splitlines():
        if line.startswith("## "):
            name = None
        elif line.startswith("### "):
            name = line[4:].strip("`")
            sections[name] = []
        elif name and line.startswith("| ") and not line.startswith("| key "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            sections[name].append((cells[0].strip("`"), cells[1], cells[2]))
    return sections


class Described(unittest.TestCase):
    """What docs/json.md says."""

    def setUp(self):
        self.sections = parse(TEXT)
        self.used = set()

    def part(self, kind):
        """The section that a type refers to, or None."""
        found = re.search(r"\[`?([^]`]+)`?\]\(#", kind)
        return found.group(1) if found else None

    def rows(self, section):
        """Rows of a section, those that it takes over from another included."""
        self.used.add(section)
        for key, kind, unit in self.sections[section]:
            if key == "…":
                yield from self.rows(self.part(kind))
            else:
                yield key, kind, unit

    def check(self, value, kind, where):
        """A value is what its type says; nested documents key by key."""
        if value is None:
            self.assertRegex(kind, "null", f"{where} is null")
            return
        plain = kind.replace(" or null", "")
        if plain.startswith("list of"):
            self.assertIsInstance(value, list, where)
            for item in value:
                self.check(item, plain[8:] if self.part(plain) else "text", where + "[]")
        elif self.part(plain):
            self.compare([value], self.part(plain), where)
        elif plain.startswith("counts by"):
            self.assertTrue(all(isinstance(n, int) for n in value.values()), where)
        else:
            self.assertIn(plain, ("integer", "text", "bool", "number", "digits"), where)
            wanted = {"integer": int, "text": str, "bool": bool, "number": float,
                      "digits": str}[plain]
            self.assertIs(type(value), wanted, f"{where}: {value!r} is no {plain}")

    def compare(self, documents, section, where, also=()):
        """Keys emitted = keys described."""
        self.assertIn(section, self.sections, f"docs/json.md lacks the section of {where}")
        rows = {key: (kind, unit) for key, kind, unit in self.rows(section)}
        for document in documents:
            keys = [key for key in document if key not in also]
            self.assertEqual(sorted(keys), sorted(rows), f"{where}: emitted, described")
            for key in keys:
                self.check(document[key], rows[key][0], f"{where}.{key}")

    def probe(self, *words):
        """The document of a measurement that finds nothing, and the exit code."""
        done = subprocess.run([CANDOR, "probe", *words, "--json"], capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)  # no answer
        return json.loads(done.stdout)

    def test_documents(self):
        for pattern, documents in TREE["documents"].items():
            with self.subTest(pattern):
                self.assertTrue(documents)
                for document in documents:
                    self.assertEqual(list(document)[:2], HEAD)
                    self.assertEqual(document["schema"], 1)
                self.compare(documents, pattern, pattern or "root", HEAD)

    def test_every_section_is_of_something(self):
        for pattern, documents in TREE["documents"].items():
            self.compare(documents, pattern, pattern, HEAD)
        for name in ("probe", "error", "hosts"):
            self.mark(name)
        self.assertEqual(sorted(self.sections), sorted(self.used), "described, emitted")

    def mark(self, section):
        """Everything below a section counts as used."""
        for _key, kind, _unit in self.rows(section):
            if self.part(kind):
                self.mark(self.part(kind))

    def test_hosts(self):
        done = subprocess.run([CANDOR, "-H", "192.0.2.1,192.0.2.2", "--identity", "/nonexistent",
                               "show", "clock", "--json"], capture_output=True, text=True,
                              timeout=30, check=False)
        document = json.loads(done.stdout)
        self.assertEqual(list(document), HEAD + ["items"])
        self.assertEqual([item["host"] for item in document["items"]], ["192.0.2.1", "192.0.2.2"])
        rows = {key: kind for key, kind, _unit in self.rows("host")}
        for item in document["items"]:  # what a document of one host looks like is said elsewhere
            self.assertEqual(sorted([*item, "document"]), sorted(rows))
            for key, value in item.items():
                self.check(value, rows[key], key)

    def test_probe(self):
        for words in (["udp-jitter", "127.0.0.1", "9", "--num-packets", "2", "--codec", "g729a"],
                      ["udp-echo", "127.0.0.1", "9"], ["tcp-connect", "127.0.0.1", "9"]):
            with self.subTest(words[0]):
                document = self.probe(*words, "--control", "disable", "--timeout", "100")
                self.assertEqual(list(document)[:2], HEAD)
                self.compare([document], "probe", "probe", HEAD)

    def show(self, socket, words):
        """The document behind a view; None when candor could not get it."""
        done = subprocess.run([CANDOR, "--socket", str(socket), "show", *words.split(), "--json"],
                              capture_output=True, text=True, timeout=30, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def live(self, socket):
        """Every view of a running candord."""
        summary = self.show(socket, "ip sla summary")
        summary["next"] = None  # candor has fetched every page
        self.compare([summary], "list sla/operation", "summary", HEAD)
        for words, section in (("statistics", "sla/statistics/#"),
                               ("configuration", "sla/operation/#")):
            self.compare([self.show(socket, f"ip sla {words} 1")], section, words, HEAD)
            joined = self.show(socket, f"ip sla {words}")
            self.assertEqual(list(joined), HEAD + ["items"])
            self.assertEqual(len(joined["items"]), 2)
            self.compare(joined["items"], section, words, HEAD)
        responder = self.show(socket, "ip sla responder")
        self.assertEqual(responder.pop("open_sessions"), [])
        self.compare([responder], "responder", "responder", HEAD)
        for words, section in (("ip sla application", "sla/application"), ("clock", "clock"),
                               ("counters", "counters"), ("version", "software"),
                               ("running-config", "config/running")):
            self.compare([self.show(socket, words)], section, words, HEAD)

    def test_views(self):
        deadline = time.monotonic() + DEADLINE_S
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "candor.conf"
            config.write_text("ip sla 1\n udp-jitter 127.0.0.1 9 control disable num-packets 1\n"
                              "  timeout 100\n  threshold 100\n  frequency 1\n"
                              "ip sla schedule 1 life forever start-time now\n"
                              "ip sla 2\n icmp-echo 127.0.0.1\n", encoding="utf-8")
            socket = Path(folder) / "socket"
            with subprocess.Popen([CANDORD, "-f", str(config), "--socket", str(socket),
                                   "--state", str(Path(folder) / "state")],
                                  stderr=subprocess.DEVNULL) as daemon:
                try:
                    latest = None
                    while not latest and time.monotonic() < deadline:
                        time.sleep(0.05)  # between two looks
                        latest = (self.show(socket, "ip sla statistics 1") or {}).get("latest")
                    self.assertTrue(latest, "no run of an operation within the deadline")
                    self.live(socket)
                finally:
                    daemon.terminate()
                    daemon.wait(timeout=DEADLINE_S)

    def test_units(self):
        for name, rows in self.sections.items():
            for key, _kind, unit in rows:
                if key != "…":
                    self.assertEqual(unit, unit_of(key), f"{name}: {key}")

    def test_words(self):
        words = TEXT[TEXT.index("\n## Words"):]
        for name, values in TREE["words"].items():
            for value in values:
                self.assertIn(f"`{value}`", words, f"{name}: no such word is described")

    def test_links(self):
        for kind in [kind for rows in self.sections.values() for _key, kind, _unit in rows]:
            if self.part(kind):
                self.assertIn(self.part(kind), self.sections)


if __name__ == "__main__":
    TEXT = Path(sys.argv[1]).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as empty:
        TREE = json.loads(subprocess.run([sys.argv[2], empty], capture_output=True, text=True,
                                         check=True, timeout=30).stdout)
    CANDOR, CANDORD = sys.argv[3:5]
    unittest.main(argv=sys.argv[:1])
