#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The systemd files are valid, as hardened as promised, and make the users that they name.

usage: test_systemd.py UNIT SYSUSERS TMPFILES; skips (77) where systemd is not installed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WORST_EXPOSURE = 3.5  # of 10; systemd-analyze calls below 5 "OK", a unit without hardening has 9.6
UNIT, SYSUSERS, TMPFILES = Path(), Path(), Path()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Unit(unittest.TestCase):
    """candord.service"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.copy = Path(folder.name) / "candord.service"
        # Nothing is installed where the unit will find it: stand in for the programs only.
        self.text = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", UNIT.read_text(), flags=re.M)
        self.copy.write_text(self.text)

    def verify(self):
        return run("systemd-analyze", "verify", "--man=no", str(self.copy))

    def test_is_valid(self):
        status, said = self.verify()
        ours = [line for line in said.splitlines() if "candord" in line]
        self.assertEqual((status, ours), (0, []), said)

    def test_a_wrong_key_would_be_seen(self):
        self.copy.write_text(self.text.replace("ProtectHome=yes", "ProtectHoem=yes"))
        self.assertIn("ProtectHoem", self.verify()[1])

    def test_exposure(self):
        status, said = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                           f"--threshold={int(WORST_EXPOSURE * 10)}", str(self.copy))
        self.assertEqual(status, 0, said)
        self.copy.write_text(re.sub(r"^(Protect|Restrict|System|Private)\w+=.*\n", "", self.text,
                                    flags=re.M))
        status, said = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                           f"--threshold={int(WORST_EXPOSURE * 10)}", str(self.copy))
        self.assertNotEqual(status, 0, "a unit without its hardening must exceed the threshold")

    def test_never_root(self):
        self.assertIn("\nUser=candor\n", self.text)
        self.assertIn("\nNoNewPrivileges=yes\n", self.text)
        bounding = re.search(r"^CapabilityBoundingSet=(.*)$", self.text, re.M).group(1).split()
        self.assertEqual(sorted(bounding), sorted([
            "CAP_NET_RAW", "CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN", "CAP_SYS_NICE", "CAP_SETUID",
            "CAP_SETGID", "CAP_SETPCAP"]))


class Users(unittest.TestCase):
    """sysusers.d/candor.conf"""

    def test_users_are_made(self):
        with tempfile.TemporaryDirectory() as root:
            (Path(root) / "etc").mkdir()
            status, said = run("systemd-sysusers", f"--root={root}", str(SYSUSERS))
            self.assertEqual(status, 0, said)
            passwd = (Path(root) / "etc/passwd").read_text()
        users = {line.split(":")[0]: line.split(":") for line in passwd.splitlines()}
        self.assertEqual(set(users), {"candor", "candor-engine", "candor-courier",
                                      "candor-hooks"})
        for fields in users.values():
            self.assertNotEqual(fields[2], "0")
            self.assertTrue(fields[6].endswith("nologin"), fields)


class Folders(unittest.TestCase):
    """tmpfiles.d/candor.conf"""

    @unittest.skipUnless(os.geteuid() == 0, "only root gives folders to a group")
    def test_folders_are_made(self):
        """What is made belongs to the group candor, and nobody else may enter or read."""
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            (root / "etc").mkdir()
            sysconfdir = re.search(r"^d (\S+)/candor ", TMPFILES.read_text(), re.M).group(1)
            conf = root / sysconfdir.lstrip("/") / "candor/candor.conf"
            conf.parent.mkdir(parents=True)
            conf.write_text("hostname n1\n")
            for tool, file in ("systemd-sysusers", SYSUSERS), ("systemd-tmpfiles", TMPFILES):
                options = ["--create"] if tool == "systemd-tmpfiles" else []
                status, said = run(tool, f"--root={root}", *options, str(file))
                self.assertEqual(status, 0, said)
            group = re.search(r"^candor:[^:]*:(\d+)", (root / "etc/group").read_text(), re.M).group(1)
            for path, mode in ((conf.parent, 0o42770), (conf.parent / "identity", 0o42750),
                               (conf, 0o100640)):
                found = path.stat()
                self.assertEqual((oct(found.st_mode), found.st_uid, found.st_gid),
                                 (oct(mode), 0, int(group)), path)

    def test_the_unit_may_write_where_commit_does(self):
        """The folder of the configuration file, and nothing else, is excepted from read-only /etc."""
        text = UNIT.read_text()
        conf = re.search(r"^ExecStart=\S+ -f (\S+)/candor.conf", text, re.M).group(1)
        self.assertEqual(re.findall(r"^ReadWritePaths=(.*)$", text, re.M), ["-" + conf])
        self.assertIn(f"\nd {conf} ", TMPFILES.read_text())


if __name__ == "__main__":
    UNIT, SYSUSERS, TMPFILES = (Path(arg).resolve() for arg in sys.argv[1:4])
    if not shutil.which("systemd-analyze") or not shutil.which("systemd-sysusers"):
        print("SKIP: systemd is not installed, its files are not checked")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
