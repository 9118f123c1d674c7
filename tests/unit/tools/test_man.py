#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages are free of mistakes, and the check sees one that is planted.

usage: test_man.py PAGE...; skips (77) where mandoc is not installed.
"""
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PAGES = []


def complaints(page):
    """What mandoc says about a page; '' when it is content."""
    # Below warnings come matters of style and references to pages of other packages.
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(page)], capture_output=True,
                          text=True, check=False)
    return done.stdout + done.stderr


class ManualPages(unittest.TestCase):
    """man/"""

    def test_pages(self):
        self.assertTrue(PAGES, "no page given")
        for page in PAGES:
            with self.subTest(page.name):
                self.assertEqual(complaints(page), "")

    def test_pages_say_what_they_are(self):
        for page in PAGES:
            with self.subTest(page.name):
                text = page.read_text()
                self.assertRegex(text, r"(?m)^\.Sh NAME\n\.Nm " + re.escape(page.stem) + r"\n\.Nd ")
                self.assertRegex(text, r"(?m)^\.Sh SEE ALSO$")

    def test_a_mistake_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken.1"
            text = PAGES[0].read_text()
            broken.write_text(text.replace(".Sh DESCRIPTION", ".Bl -tag\n.Sh DESCRIPTION"))
            self.assertNotEqual(complaints(broken), "")


if __name__ == "__main__":
    PAGES = [Path(arg) for arg in sys.argv[1:]]
    if not shutil.which("mandoc"):
        print("SKIP: mandoc is not installed, manual pages are not checked")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
