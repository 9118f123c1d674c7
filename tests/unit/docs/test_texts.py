#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What README and docs/ show works: links lead somewhere, configurations load.

usage: test_texts.py ROOT CANDORD
"""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path()
CANDORD = ""


def texts():
    """The texts for people."""
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def anchors(text):
    """Names by which the headings of a text can be linked."""
    headings = re.findall(r"(?m)^#+ (.*)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in headings}


class Texts(unittest.TestCase):
    """README.md, CONTRIBUTING.md, docs/"""

    def test_links(self):
        self.assertGreater(len(texts()), 5)
        for path in texts():
            text = path.read_text(encoding="utf-8")
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                if "://" in link:
                    continue
                with self.subTest(f"{path.name}: {link}"):
                    name, _, anchor = link.partition("#")
                    target = path.parent / name if name else path
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target.read_text(encoding="utf-8")))

    def test_configurations(self):
        blocks = re.findall(r"(?ms)^```\n(ip sla .*?)^```$",
                            (ROOT / "README.md").read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(blocks), 3)
        for block in blocks:
            with self.subTest(block.splitlines()[0]), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "candor.conf"
                path.write_text(block, encoding="utf-8")
                done = subprocess.run([CANDORD, "-n", "-f", str(path)], capture_output=True,
                                      text=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    ROOT, CANDORD = Path(sys.argv[1]), sys.argv[2]
    unittest.main(argv=sys.argv[:1])
