#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""candor(1) and the completion have every command and option of candor, and no other; candord(8) has
every option of candord.

usage: test_candor_manual.py CANDOR PAGE COMPLETION CANDORD PAGE; the program's own help, which it prints from its
tables of words and rows, says what there is.
"""
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

CANDOR = ""
PAGE = ""
COMPLETION = ""
CANDORD = ""
DAEMON_PAGE = ""
STAND_IN = {"N": "10", "MINUTES": "10", "SEVERITY": "minor",
            "NUMBER": "1"}  # what is typed for an argument


def said(*words):
    """What a call that must succeed prints."""
    return subprocess.run([CANDOR, *words], capture_output=True, text=True, check=True,
                          timeout=30).stdout


def commands():
    """Every complete command; arguments are in capitals."""
    listed = said("--help").split("Commands:\n")[1].split("\n\n")[0]
    return [line.strip().split("  ")[0] for line in listed.splitlines()
            if not line.startswith("   ")]  # help that has a line of its own


def types():
    """The operation types that candor can measure."""
    return re.findall(r"(?m)^candor probe (\S+)", said("probe", "--help"))


def options(*words):
    """{option: (its value's name or "", help)} of a command; no words: of candor itself."""
    found = {}
    name = None
    for line in said(*words, "--help").split("Options")[1].split("\n\n")[0].splitlines()[1:]:
        given = re.match(r"  (--?[\w-]+)(?: ([A-Z]+))?(?: {2,}(.*))?\s*$", line)
        if given:
            name = given.group(1)
            found[name] = (given.group(2) or "", given.group(3) or "")
        else:
            found[name] = (found[name][0], found[name][1] + " " + line.strip())
    return found


def places():
    """(words of the command, section of the page) of everything that has options."""
    return [(["probe", kind], "PROBE") for kind in types()] + [(["respond"], "RESPOND"),
                                                            ([], "DESCRIPTION")]


def section(name):
    """Text of one section of the page."""
    return re.search(r"(?ms)^\.Sh " + name + r"\n(.*?)(?=^\.Sh |\Z)", PAGE).group(1)


def entries(text):
    """{option: entry} of a section: items without a text of their own share the next one's."""
    found, waiting = {}, []
    for item in re.split(r"(?m)^\.It ", text)[1:]:
        head, _, body = item.partition("\n")
        names = re.findall(r"Fl (-?[\w-]+)", head)
        waiting += ["-" + name for name in names]
        if body.strip():
            found.update({name: head + "\n" + body for name in waiting})
            waiting = []
    return found


class Manual(unittest.TestCase):
    """man/candor.1"""

    def test_commands(self):
        page = re.findall(r"(?m)^\.It Ic (.*)$", PAGE)
        page = [re.sub(r"\b(Ar|Ic) ", "", line) for line in page]
        page = [line.split()[0] if line.split()[0] in commands() else line for line in page]
        self.assertEqual(sorted(page), sorted(commands()))

    def test_options(self):
        for words, name in places():
            page = entries(section(name))
            for option in options(*words):
                with self.subTest(" ".join(words + [option])):
                    self.assertIn(option, page)

    def test_no_option_that_is_gone(self):
        for name in {name for _words, name in places()}:
            real = {option for words, place in places() if place == name
                    for option in options(*words)} | {"-h"}
            self.assertEqual(set(entries(section(name))) - real, set(), name)

    def test_ranges_and_defaults(self):
        for words, name in places():
            page = entries(section(name))
            for option, (_value, text) in options(*words).items():
                entry = " ".join(page[option].split()) if option in page else ""
                found = re.search(r"\((\d+)-(\d+)[^;)]*; (\d+)\)", text)
                with self.subTest(" ".join(words + [option])):
                    if found:
                        self.assertIn(f"{found.group(1)} to {found.group(2)}", entry)
                        self.assertIn(f"efault {found.group(3)}", entry)
                    found = re.search(r"\(((?:[\w-]+ \| )+[\w-]+); ([\w-]+)\)", text)
                    if found:
                        self.assertIn(found.group(1), entry)
                        self.assertIn(f"efault {found.group(2)}", entry)

    def test_exit_codes(self):
        self.assertEqual(re.findall(r"(?m)^\.It (\d)$", section("EXIT STATUS")), list("01234"))


class DaemonManual(unittest.TestCase):
    """man/candord.8"""

    def test_options(self):
        help_text = subprocess.run([CANDORD, "--help"], capture_output=True, text=True, check=True,
                                   timeout=30).stdout
        real = re.findall(r"(?m)^ {2,6}(-\w|--[\w-]+)(?:, (--[\w-]+))?", help_text)
        page = ["-" + name for line in re.findall(r"(?m)^\.It (Fl .*)$", DAEMON_PAGE)
                for name in re.findall(r"Fl (-?[\w-]+)", line)]
        self.assertEqual(sorted(page), sorted(name for pair in real for name in pair if name))


class Completion(unittest.TestCase):
    """packaging/completions/candor, asked as bash asks it."""

    def complete(self, *words):
        """What is offered for the last of the words."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_candor; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", COMPLETION, CANDOR, *words],
                              capture_output=True, text=True, check=True, timeout=30)
        self.assertEqual(done.stderr, "")
        return sorted(word.strip() for word in done.stdout.split("\n") if word.strip())

    def setUp(self):
        if not shutil.which("bash"):
            self.skipTest("there is no bash")

    def test_commands(self):
        given = {command: [STAND_IN.get(word, word.lower() if word.isupper() else word)
                           for word in command.split()] for command in commands()}
        for words in given.values():
            for i, word in enumerate(words):
                with self.subTest(" ".join(words[:i + 1])):
                    offered = self.complete(*words[:i], "")
                    following = {command.split()[i] for command, other in given.items()
                                 if other[:i] == words[:i] and len(other) > i}
                    keywords = {following_word for following_word in following
                                if not following_word.isupper()}
                    self.assertLessEqual(keywords, set(offered))
                    if keywords == following:
                        self.assertEqual(set(offered), keywords)
                    if word in keywords:
                        self.assertIn(word, self.complete(*words[:i], word[:2]))

    def test_nothing_follows_a_complete_command(self):
        self.assertEqual(self.complete("show", "ip", "sla", "summary", ""), [])

    def test_options(self):
        for words, _name in places():
            with self.subTest(" ".join(words)):
                real = set(options(*words)) - {"-h"}
                self.assertEqual({word for word in self.complete(*words, "-")} - {"-h"}, real)

    def test_types(self):
        self.assertEqual(self.complete("probe", ""), sorted(types()))

    def test_values(self):
        for words, _name in places():
            for option, (_value, text) in options(*words).items():
                found = re.search(r"\(((?:[\w-]+ \| )+[\w-]+); ([\w-]+)\)", text)
                if found:
                    with self.subTest(" ".join(words + [option])):
                        self.assertEqual(self.complete(*words, option, ""),
                                         sorted(found.group(1).split(" | ")))


if __name__ == "__main__":
    CANDOR = sys.argv[1]
    PAGE = Path(sys.argv[2]).read_text(encoding="utf-8")
    COMPLETION, CANDORD = sys.argv[3:5]
    DAEMON_PAGE = Path(sys.argv[5]).read_text(encoding="utf-8")
    unittest.main(argv=sys.argv[:1])
