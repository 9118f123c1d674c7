#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of tools/ catch what they are for: each offence is planted in a small tree of its own."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
ABROAD = "/" + "home/somebody/tree"  # written in two parts: this file is checked as well


def run(tool, root, *args):
    done = subprocess.run([sys.executable, str(TOP / "tools" / tool), "--root", str(root), *args],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Planted(unittest.TestCase):
    """A tree with the files of the test in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def expect(self, tool, *words):
        """The tool must fail, and say the words on one line."""
        status, said = run(tool, self.root)
        self.assertEqual(status, 1, said)
        self.assertTrue(any(all(w in line for w in words) for line in said.splitlines()),
                        f"{words} not in:\n{said}")

    def expect_clean(self, tool):
        status, said = run(tool, self.root)
        self.assertEqual(status, 0, said)


class CheckSource(Planted):
    """tools/checksrc, rule by rule."""

    def test_clean_tree_passes(self):
        self.plant("src/base/a.h", SPDX + "struct a { int delay_ms; };\n")
        self.plant("src/wire/b.c", SPDX + '#include "base/a.h"\nint n(void) { return 1; }\n')
        self.plant("README.md", "<!-- SPDX-License-Identifier: Apache-2.0 -->\n")
        self.expect_clean("checksrc")

    def test_comment_that_ends_alone(self):
        self.plant("src/base/a.c", SPDX + "/* two\n * lines */\nint n;\n")
        self.expect_clean("checksrc")
        self.plant("src/base/a.c", SPDX + "/* one line\n */\nint n;\n")
        self.expect("checksrc", "src/base/a.c:3: comment:")

    def test_every_banned_call(self):
        for call in ("strcpy", "sprintf", "strcat", "atoi", "strtok", "alloca", "system", "popen",
                     "inet_ntoa", "gettimeofday", "time", "signal"):
            with self.subTest(call):
                self.plant("src/io/a.c", SPDX + f"void f(void)\n{{\n\t{call} (0);\n}}\n")
                self.expect("checksrc", "src/io/a.c:4: call:", call)

    def test_calls_in_comments_strings_and_other_names_pass(self):
        self.plant("src/io/a.c", SPDX + '/* system(x)\n * time(y) */\nconst char *s = "atoi(1)";\n'
                   "int x(int q) { return my_time(q) + o->signal(q); } // popen(z)\n")
        self.expect_clean("checksrc")

    def test_allocation_outside_its_modules(self):
        self.plant("src/base/xalloc.c", SPDX + "void *x(void) { return malloc(1); }\n")
        self.expect_clean("checksrc")
        self.plant("src/sla/a.c", SPDX + "void *y(void) { return calloc(1, 1); }\n")
        self.expect("checksrc", "src/sla/a.c:2: call:", "calloc")

    def test_sockets_and_clocks_outside_io(self):
        self.plant("src/io/a.c", SPDX + "int x(void) { return socket(1, 2, 3); }\n")
        self.plant("tests/lab/a.c", SPDX + "int x(void) { return socket(1, 2, 3); }\n")
        self.expect_clean("checksrc")
        self.plant("src/probe/b.c", SPDX + "int x(void) { return socket(1, 2, 3); }\n")
        self.expect("checksrc", "src/probe/b.c:2: call:", "socket")
        self.plant("src/probe/b.c", SPDX + "int x(void) { return clock_gettime(1, 0); }\n")
        self.expect("checksrc", "src/probe/b.c:2: call:", "clock_gettime")

    def test_including_upwards(self):
        self.plant("src/wire/a.c", SPDX + '#include "io/b.h"\n')
        self.expect("checksrc", "src/wire/a.c:2: include:", "wire/ may not use io/")
        self.plant("src/wire/a.c", SPDX + '#include "local.h"\n')
        self.expect("checksrc", "src/wire/a.c:2: include:")

    def test_programs_do_not_use_each_other(self):
        self.plant("src/candor/main.c", SPDX + '#include "cli/b.h"\n#include "base/c.h"\n')
        self.expect_clean("checksrc")
        self.plant("src/candor/main.c", SPDX + '#include "candord/b.h"\n')
        self.expect("checksrc", "candor/ may not use candord/")

    def test_unknown_room(self):
        self.plant("src/attic/a.c", SPDX)
        self.expect("checksrc", "room:", "attic")

    def test_kernel_headers_in_pure_rooms(self):
        self.plant("src/sla/a.c", SPDX + "#include <sys/socket.h>\n")
        self.expect("checksrc", "src/sla/a.c:2: pure:")

    def test_names_without_unit(self):
        for text in ("struct a { unsigned delay; };", "int f(uint32_t open_timeout, int b);",
                     "int64_t interval = 3;", "int a, delay;", "uint16_t interval[4];"):
            with self.subTest(text):
                self.plant("src/sla/a.h", SPDX + text + "\n")
                self.expect("checksrc", "src/sla/a.h:2: unit:")
        self.plant("src/sla/a.h", SPDX + "int64_t delay_ns;\nint timeout(void);\n"
                   "struct interval interval;\nint delay; /* checksrc: allow unit */\n")
        self.expect_clean("checksrc")

    def test_license_lines(self):
        for name, text in (("src/base/a.h", "int a;\n"), ("tools/a", "#!/bin/sh\ntrue\n"),
                           ("docs/a.md", "# a\n"), ("tests/unit/a.py", "import os\n")):
            with self.subTest(name):
                self.plant(name, text)
                self.expect("checksrc", f"{name}:1: license:")
                (self.root / name).unlink()
        self.plant("src/base/a.h", "/* SPDX-License-Identifier: WTFPL */\n")
        self.expect("checksrc", "license:", "WTFPL")

    def test_long_file(self):
        self.plant("src/base/a.h", SPDX + "\n" * 799)
        self.expect_clean("checksrc")
        self.plant("src/base/a.h", SPDX + "\n" * 800)
        self.expect("checksrc", "length:")

    def test_same_name_twice(self):
        self.plant("src/candor/main.c", SPDX)
        self.plant("src/candord/main.c", SPDX)
        self.expect_clean("checksrc")
        self.plant("src/base/a.h", SPDX)
        self.plant("src/io/a.h", SPDX)
        self.expect("checksrc", "name:", "src/base/a.h")

    def test_paths_of_a_machine(self):
        self.plant("docs/a.md", "<!-- SPDX-License-Identifier: Apache-2.0 -->\ncd " + ABROAD + "\n")
        self.expect("checksrc", "docs/a.md:2: path:")

    def test_unfinished_work(self):
        word = "TO" + "DO"
        self.plant("src/base/a.c", SPDX + f"/* {word}: later */\n")
        self.expect("checksrc", "src/base/a.c:2: unfinished:")
        self.plant("src/base/a.c", SPDX + f"/* {word}(#12): later */\n")
        self.expect_clean("checksrc")

    def test_unverified_marks_are_listed(self):
        self.plant("src/base/a.c", SPDX + "/* UNVERIFIED: a guess */\n")
        status, said = run("checksrc", self.root, "--unverified")
        self.assertEqual(status, 0)
        self.assertIn("src/base/a.c:2:", said)
        self.assertIn("1 unverified", said)

    def test_ignored_files_are_not_ours(self):
        self.plant("build/a.c", "int a;\n")
        self.expect_clean("checksrc")


class CheckHeaders(Planted):
    """tools/check-headers."""

    def test_good_header(self):
        self.plant("src/base/a.h", "#ifndef A_H\n#define A_H\nstruct a { int n; };\n#endif\n")
        self.expect_clean("check-headers")

    def test_header_that_needs_another(self):
        self.plant("src/base/a.h", "#ifndef A_H\n#define A_H\nuint8_t f(void);\n#endif\n")
        self.expect("check-headers", "src/base/a.h", "does not stand alone")

    def test_header_without_guard(self):
        self.plant("src/base/a.h", "struct a { int n; };\n")
        self.expect("check-headers", "src/base/a.h", "does not stand alone")


class MesonResults(unittest.TestCase):
    """tools/meson-results: meson's log as result lines."""

    def test_outcomes_and_reasons(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "testlog.json"
            log.write_text(
                '{"name": "a", "result": "OK", "stdout": ""}\n'
                '{"name": "b", "result": "SKIP", "stdout": "start\\nSKIP: no root\\nend\\n"}\n'
                '{"name": "c", "result": "TIMEOUT"}\n', encoding="utf-8")
            done = subprocess.run([sys.executable, str(TOP / "tools/meson-results"), "here",
                                   str(log)], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.splitlines(), [
            "pass\there\ta\t", "skip\there\tb\tno root",
            "fail\there\tc\tTIMEOUT: no reason given"])


class Dev(unittest.TestCase):
    """./dev: usage."""

    def dev(self, *args):
        done = subprocess.run([str(TOP / "dev"), *args], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, cwd="/")
        return done.returncode, done.stdout, done.stderr

    def test_help_is_on_stdout(self):
        status, out, err = self.dev("help")
        self.assertEqual((status, err), (0, ""))
        for command in ("demo", "test", "build", "run", "lint", "fuzz", "bench", "cleanroom"):
            self.assertIn(f"\n  {command} ", out)

    def test_wrong_usage_is_3(self):
        for args in ((), ("unknown",), ("run",), ("run", "../dev"), ("run", "nothing"),
                     ("cleanroom",), ("build", "more"), ("test", "more")):
            with self.subTest(args):
                status, out, err = self.dev(*args)
                self.assertEqual((status, out), (3, ""))
                self.assertTrue(err)


if __name__ == "__main__":
    os.environ.pop("CC", None)
    unittest.main()
