#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/compatibility.md says what the program does: its examples are run, its refusals compared, and
every keyword that the program's tables have is there.

usage: test_compatibility.py PAGE GRAMMAR CANDORD CANDOR CHECKSRC: the page, the program that prints
every keyword, the daemon (which checks files), the command, and the checker that lists guesses.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PAGE = GRAMMAR = CANDORD = CANDOR = CHECKSRC = ""
# The type line of every type; columns of the tables by type.
TYPES = {"icmp-echo": "icmp-echo 192.0.2.1", "icmp-jitter": "icmp-jitter 192.0.2.1",
         "path-echo": "path-echo 192.0.2.1", "path-jitter": "path-jitter 192.0.2.1",
         "udp-echo": "udp-echo 192.0.2.1 5000", "udp-jitter": "udp-jitter 192.0.2.1 5000",
         "multicast-jitter": "multicast-jitter 232.1.1.1 5000 endpoints 192.0.2.2",
         "tcp-connect": "tcp-connect 192.0.2.1 5000",
         "http": "http get http://www.example.com/",
         "dns": "dns www.example.com name-server 192.0.2.53", "dhcp": "dhcp 192.0.2.67",
         "ftp": "ftp get ftp://ftp.example.com/file",
         "ethernet-echo": "ethernet echo mpid 5 domain D vlan 34 interface eth0 "
                          "remote-mac 0200.5e00.5302",
         "ethernet-jitter": "ethernet jitter mpid 5 domain D vlan 34 interface eth0 "
                            "remote-mac 0200.5e00.5302"}
VERDICTS = {"x": "yes", "r": "refused", "-": "no"}
CHAIN = "key chain K\n key 1\n  key-string secret\n"
ICMP = "ip sla 1\n icmp-echo 192.0.2.1\n"
# What stands before the example of a section.
BEFORE = {"Operation types": "ip sla 1\n ", "Schedule": ICMP, "IOS XR": "ipsla\n ",
          "Reactions": ICMP + "ip sla reaction-configuration 1 react rtt ",
          "Key chains": "key chain K\n ",
          "Access lists": "", "Global lines": ICMP,
          "Tracked objects": "",
          "Responder settings": "ip sla responder settings\n ",
          "Administration": CHAIN + "namp\n datagram key-chain K\n ",
          "Webhooks": CHAIN + "webhook W\n url https://192.0.2.1/\n ",
          "Hooks": "hook H\n command say\n "}
BY_TYPE = ["On the type line", "Below the type line"]
ELEMENTS = "Reaction elements"


def cells(line):
    """Cells of a row, code marks taken off."""
    return [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def rows(section):
    """Rows of the table of a section, without its head."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [cells(line) for line in table[2:]]


def check(text):
    """(accepted, everything said) of a configuration."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "candor.conf"
        path.touch(0o600)  # some hold keys
        path.write_text(text + "\n", encoding="utf-8")
        done = subprocess.run([CANDORD, "-n", "-f", str(path)], capture_output=True, text=True,
                              timeout=30, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def columns(section):
    """Types that the head of a table by type names."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    head = next(line for line in text.splitlines() if line.startswith("|"))
    return [cell for cell in cells(head) if cell in TYPES]


def check_operations(texts):
    """What is said of each of these operations, checked in one file; @ stands for its number."""
    said, lines, owner = [""] * len(texts), CHAIN.splitlines(), {}
    for i, text in enumerate(texts):
        for line in [f"ip sla {i + 1}"] + text.replace("@", str(i + 1)).split("\n"):
            lines.append(line)
            owner[len(lines)] = i
    for error in re.finditer(r"^\S+?:(\d+):\d+: (.*)$", check("\n".join(lines))[1], re.M):
        said[owner[int(error[1])]] += error[2]
    return said


class Compatibility(unittest.TestCase):
    """docs/compatibility.md"""

    def expect(self, verdict, note, text):
        """An example does what its row says."""
        accepted, said = check(text)
        self.assertEqual(accepted, verdict == "yes", said)
        if verdict == "refused":
            for reason in note.split("; "):
                self.assertIn(reason, said)

    def test_examples(self):
        for section, before in BEFORE.items():
            for keyword, example, verdict, note in rows(section):
                with self.subTest(f"{section}: {keyword}"):
                    self.assertIn(verdict, ("yes", "refused"))
                    self.expect(verdict, note, before + example.replace(" ⏎ ", "\n"))

    def expect_of_type(self, verdict, note, said):
        """What was said of a line does what its cell says."""
        self.assertEqual(said == "", verdict == "yes", said)
        self.assertEqual("is known, but not supported" in said, verdict == "refused", said)
        if verdict == "refused":
            self.assertTrue(any(reason in said for reason in note.split("; ")), said)

    def test_columns(self):
        listed = subprocess.run([GRAMMAR], capture_output=True, text=True, check=True,
                                timeout=30).stdout.splitlines()
        types = {line.split("\t")[1] for line in listed if line.startswith("operation\t")}
        self.assertEqual(types, set(TYPES))
        for section in BY_TYPE + [ELEMENTS]:
            self.assertEqual(columns(section), list(TYPES))

    def test_examples_by_type(self):
        for section in BY_TYPE:
            # What stands without an example is compared with the program's tables below.
            table = [row for row in rows(section) if row[1]]
            for column, (kind, line) in enumerate(TYPES.items()):
                texts = []
                for keyword, example, *_ in table:
                    # What the type line has to have is there already.
                    more = "" if f" {keyword} " in f"{line} " else example
                    texts.append(line + (" " if section == BY_TYPE[0] else "\n ") + more)
                for row, said in zip(table, check_operations(texts)):
                    with self.subTest(f"{kind}: {row[0]}"):
                        self.expect_of_type(VERDICTS[row[2 + column]], row[-1], said)

    def test_reaction_elements(self):
        table = rows(ELEMENTS)
        for column, (kind, line) in enumerate(TYPES.items()):
            texts = []
            for element, *_, note in table:
                codec = " codec g729a" if kind == "udp-jitter" and "codec" in note else ""
                texts.append(f"{line}{codec}\nip sla reaction-configuration @ react {element}")
            for row, said in zip(table, check_operations(texts)):
                with self.subTest(f"{kind}: {row[0]}"):
                    self.expect_of_type(VERDICTS[row[1 + column]], row[-1], said)

    def test_every_keyword_is_there(self):
        listed = subprocess.run([GRAMMAR], capture_output=True, text=True, check=True,
                                timeout=30).stdout.splitlines()
        by_type = {row[0]: row for section in BY_TYPE for row in rows(section)}
        there = {"type": {row[0]: row[2] for row in rows("Operation types")},
                 "settings": {row[0]: row[2] for row in rows("Responder settings")},
                 "track": {row[0]: row[2] for row in rows("Tracked objects")},
                 "namp": {row[0]: row[2] for row in rows("Administration")},
                 "webhook": {row[0]: row[2] for row in rows("Webhooks")},
                 "hook": {row[0]: row[2] for row in rows("Hooks")},
                 "operation": {kind: "yes" for kind in TYPES},
                 "element": {row[0]: "yes" if "x" in row else "refused"
                             for row in rows(ELEMENTS)},
                 "code": {f"{row[0]} {row[2]}": "yes" for row in rows("Return codes")},
                 "global": {row[0]: row[2] for row in rows("Global lines")}}
        foreign = " ".join(PAGE.split("\n## No part of IP SLA\n")[1].split("\n## ")[0].split())
        self.assertGreater(len(listed), 100)
        for line in listed:
            where, keyword, verdict = line.split("\t")
            with self.subTest(f"{where}: {keyword}"):
                if verdict == "foreign":
                    self.assertIn(f"`{keyword}`", foreign)
                elif where in TYPES:
                    self.assertIn(keyword, by_type)
                    said = VERDICTS[by_type[keyword][2 + list(TYPES).index(where)]]
                    # A word may be known and its example still make no sense for a type.
                    self.assertEqual(said == "refused", verdict == "refused")
                else:
                    known = [said for key, said in there[where].items()
                             if key == keyword or key.startswith(keyword + " ")]
                    self.assertIn("refused" if verdict == "refused" else "yes", known)

    def test_no_keyword_too_many(self):
        listed = subprocess.run([GRAMMAR], capture_output=True, text=True, check=True,
                                timeout=30).stdout.splitlines()
        keys = {tuple(line.split("\t")[:2]) for line in listed}
        for section in BY_TYPE:
            for keyword, _example, *verdicts, _note in rows(section):
                for kind, verdict in zip(TYPES, verdicts):
                    known = any((kind, words) in keys
                                for words in (keyword, keyword.rsplit(" ", 1)[0]))
                    with self.subTest(f"{kind}: {keyword}"):
                        self.assertTrue(known or verdict == "-")

    def test_foreign_words_are_refused(self):
        foreign = PAGE.split("\n## No part of IP SLA\n")[1].split("\n## ")[0].split(":\n", 1)[1]
        for word in re.findall(r"`([^`]+)`", foreign):
            with self.subTest(word):
                accepted, said = check(" ".join(word.split()) + " x")
                self.assertFalse(accepted)
                self.assertIn("it is no part of IP SLA", said)

    def test_show(self):
        for command, verdict, _note in rows("Show commands"):
            with self.subTest(command):
                done = subprocess.run([CANDOR, "--socket", os.devnull, *command.split()[0:]],
                                      capture_output=True, text=True, timeout=30, check=False)
                # Known: it goes on to ask candord; unknown: a usage error.
                self.assertEqual(done.returncode, 4 if verdict == "yes" else 3, done.stderr)

    def test_guesses(self):
        said = subprocess.run([sys.executable, CHECKSRC, "--unverified"], capture_output=True,
                              text=True, check=True, timeout=60).stdout
        marked = sorted(line.split(":")[0] for line in said.splitlines()
                        if line.startswith("src/"))
        self.assertEqual(marked, sorted(row[0] for row in rows("What we only believe")))


if __name__ == "__main__":
    PAGE = Path(sys.argv[1]).read_text(encoding="utf-8")
    GRAMMAR, CANDORD, CANDOR, CHECKSRC = sys.argv[2:6]
    unittest.main(argv=sys.argv[:1])
