#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every decoder of src/wire is fuzzed, and every fuzz target is built and has seeds.

usage: test_fuzz_targets.py ROOT
"""
import re
import sys
import unittest
from pathlib import Path

ROOT = Path()


class FuzzTargets(unittest.TestCase):
    """tests/fuzz/"""

    def test_every_decoder_is_fuzzed(self):
        decoders = {name for header in ROOT.glob("src/wire/*.h")
                    for name in re.findall(r"\b(\w+_decode)\(", header.read_text())}
        # A header may promise what is still to be written.
        written = "".join(path.read_text() for path in ROOT.glob("src/wire/*.c"))
        decoders = {name for name in decoders if re.search(rf"\b{name}\([^;]*?\)\n{{", written)}
        fuzzed = "".join(path.read_text() for path in ROOT.glob("tests/fuzz/fuzz_*.c"))
        self.assertGreater(len(decoders), 3)
        for name in sorted(decoders):
            with self.subTest(name):
                self.assertIn(name + "(", fuzzed)

    def test_every_target_is_built_and_has_seeds(self):
        listed = (ROOT / "tests/fuzz/meson.build").read_text()
        for path in sorted(ROOT.glob("tests/fuzz/fuzz_*.c")):
            name = path.stem.removeprefix("fuzz_")
            with self.subTest(name):
                self.assertIn(f"'{name}'", listed)
                self.assertTrue(any((ROOT / "tests/fuzz/corpus" / name).iterdir()))


if __name__ == "__main__":
    ROOT = Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
