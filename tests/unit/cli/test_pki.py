#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""candor pki, as a person uses it; what it makes, in the eyes of the openssl command.

usage: test_pki.py CANDOR PAGE COMPLETION: the program, candor-pki(1), and what completes it.
"""
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CANDOR = ""
PAGE = ""
COMPLETION = ""
GOOD, NONE, USAGE, SYSTEM = 0, 1, 3, 4


class Pki(unittest.TestCase):
    """candor pki"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_pki(self, *words):
        """Exit code, output, errors."""
        done = subprocess.run([CANDOR, "pki", *words], capture_output=True, text=True, check=False,
                              timeout=60, cwd=self.folder)
        return done.returncode, done.stdout, done.stderr

    def pki(self, *words):
        """The output of what must succeed."""
        code, out, err = self.run_pki(*words)
        self.assertEqual((code, err), (GOOD, ""), words)
        return out

    def refused(self, code, words, sentence):
        """Refused with this exit code and a sentence that says why."""
        got, out, err = self.run_pki(*words)
        self.assertEqual((got, out), (code, ""), words)
        self.assertIn(sentence, err)

    def openssl(self, *words):
        """What the openssl command says."""
        if not shutil.which("openssl"):
            self.skipTest("there is no openssl command")
        done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False,
                              timeout=30, cwd=self.folder)
        return done.returncode, done.stdout + done.stderr

    def private(self, name, text):
        """A file that nobody else may read."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def test_in_the_eyes_of_openssl(self):
        self.pki("init")
        self.pki("issue", "node1.example", "--node", "--address", "192.0.2.1", "--address",
                 "2001:db8::1", "--out", "node")
        self.pki("issue", "alice", "--out", "alice")
        text = self.openssl("x509", "-in", "node/cert.pem", "-noout", "-text")[1]
        for part in ("CN = node1.example", "ecdsa-with-SHA256", "ASN1 OID: prime256v1", "CA:FALSE",
                     "Digital Signature", "TLS Web Server Authentication, TLS Web Client",
                     "DNS:node1.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1",
                     "X509v3 Authority Key Identifier", "X509v3 Subject Key Identifier"):
            self.assertIn(part, text)
        text = self.openssl("x509", "-in", "alice/cert.pem", "-noout", "-text")[1]
        self.assertNotIn("Server Authentication", text)
        self.assertNotIn("Alternative Name", text)
        text = self.openssl("x509", "-in", "candor-pki/ca.pem", "-noout", "-text")[1]
        self.assertIn("CA:TRUE, pathlen:0", text)
        self.assertIn("Certificate Sign, CRL Sign", text)
        check = ("verify", "-x509_strict", "-crl_check", "-CAfile", "node/ca.pem", "-CRLfile",
                 "candor-pki/crl.pem")
        self.assertEqual(self.openssl(*check, "-purpose", "sslserver", "node/cert.pem")[0], 0)
        self.assertEqual(self.openssl(*check, "-purpose", "sslclient", "alice/cert.pem")[0], 0)
        self.assertNotEqual(self.openssl(*check, "-purpose", "sslserver", "alice/cert.pem")[0], 0)
        self.pki("revoke", "alice")
        self.assertIn("certificate revoked", self.openssl(*check, "alice/cert.pem")[1])
        self.assertEqual(self.openssl(*check, "node/cert.pem")[0], 0)
        self.assertIn("CRL Number: \n                2",
                      self.openssl("crl", "-in", "candor-pki/crl.pem", "-noout", "-text")[1])

    def test_files(self):
        self.pki("init")
        self.pki("issue", "alice", "--out", "deep/er/alice")
        found = {path.name: oct(path.stat().st_mode & 0o777)
                 for path in (self.folder / "deep/er/alice").iterdir()}
        self.assertEqual(found, {"ca.pem": "0o644", "cert.pem": "0o644", "crl.pem": "0o644",
                                 "key.pem": "0o600"})
        self.assertEqual((self.folder / "candor-pki/ca.key").stat().st_mode & 0o777, 0o600)

    def test_nothing_is_replaced_unasked(self):
        self.refused(SYSTEM, ("list",), "cannot open the CA")
        self.pki("init")
        key = (self.folder / "candor-pki/ca.key").read_text()
        self.refused(SYSTEM, ("init",), "--force replaces it")
        self.assertEqual((self.folder / "candor-pki/ca.key").read_text(), key)
        self.pki("issue", "alice", "--out", "alice")
        self.refused(SYSTEM, ("issue", "alice", "--out", "other"), "has a valid certificate already")
        self.refused(SYSTEM, ("issue", "bob", "--out", "alice"), "there is an identity in alice")
        self.assertEqual(len(json.loads(self.pki("list", "--json"))["items"]), 1)
        self.pki("issue", "alice", "--renew", "--force", "--out", "alice")
        self.assertEqual(len(json.loads(self.pki("show", "alice", "--json"))["items"]), 2)

    def test_usage(self):
        self.refused(USAGE, (), "which command?")
        self.refused(USAGE, ("sing",), "no command \"sing\"")
        self.refused(USAGE, ("issue", "--out", "x"), "expected: candor pki issue NAME")
        self.refused(USAGE, ("issue", "a"), "--out DIR is needed")
        self.refused(USAGE, ("issue", "a", "b", "--out", "x"), "unexpected \"b\"")
        self.refused(USAGE, ("list", "--days", "3"), "--days is not for \"candor pki list\"")
        self.refused(USAGE, ("init", "--days", "0"), "--days: expected a number from 1 to 36500")
        self.refused(USAGE, ("issue", "local:a", "--out", "x"), "is no name of a person")
        self.refused(USAGE, ("issue", "a", "--address", "192.0.2.1", "--out", "x"), "say --node")
        self.refused(USAGE, ("issue", "a", "--node", "--address", "n1", "--out", "x"), "found \"n1\"")
        self.refused(USAGE, ("key", "k", "--out", "x"), "--client")
        self.pki("init")
        self.refused(NONE, ("show", "bob"), "no certificate was issued to \"bob\"")
        self.refused(NONE, ("revoke", "bob"), "no certificate was issued to \"bob\"")
        self.pki("issue", "bob", "--out", "bob")
        self.pki("revoke", "bob")
        self.refused(SYSTEM, ("revoke", "bob"), "is revoked already")

    def test_passphrase(self):
        secret = self.private("secret", "correct horse\n")
        self.pki("init", "--passphrase-file", secret)
        issue = ("issue", "bob", "--out", "bob")
        self.refused(SYSTEM, issue, "--passphrase-file is needed")
        wrong = self.private("wrong", "battery staple\n")
        self.refused(SYSTEM, (*issue, "--passphrase-file", wrong), "is wrong")
        os.chmod(secret, 0o644)
        self.refused(USAGE, (*issue, "--passphrase-file", secret), "others may read")
        os.chmod(secret, 0o600)
        self.pki(*issue, "--passphrase-file", secret)
        self.assertIn("valid", self.pki("list"))  # reading needs none
        status, _said = self.openssl("pkey", "-in", "candor-pki/ca.key", "-passin", "file:secret",
                                     "-noout")
        self.assertEqual(status, 0)

    def test_list(self):
        self.pki("init", "--name", "Lab", "--days", "100")
        self.pki("issue", "node1", "--node", "--out", "n1")
        self.pki("issue", "alice", "--out", "alice")
        self.pki("revoke", "alice")
        lines = self.pki("list").splitlines()
        self.assertTrue(lines[0].startswith("Lab, until "))
        self.assertRegex(lines[-2], r"^[0-9a-f]{32}  \d{4}-\d\d-\d\d  node    valid    node1$")
        self.assertRegex(lines[-1], r"^[0-9a-f]{32}  \d{4}-\d\d-\d\d  person  revoked  alice$")
        self.assertTrue(all(len(line) <= 80 for line in lines))
        document = json.loads(self.pki("list", "--json"))
        self.assertEqual(document["object"], "pki")
        self.assertEqual([row["state"] for row in document["items"]], ["valid", "revoked"])
        self.assertEqual(document["crl"]["number"], 2)
        # a certificate does not outlive its CA
        self.assertEqual(document["items"][0]["until_ns"], document["authority"]["until_ns"])

    def test_renewed_list(self):
        self.pki("init", "--crl-days", "10")
        before = json.loads(self.pki("list", "--json"))["crl"]
        self.pki("renew-crl", "--crl-days", "20")
        after = json.loads(self.pki("list", "--json"))["crl"]
        self.assertEqual(after["number"], before["number"] + 1)
        self.assertGreater(after["until_ns"] - before["until_ns"], 9 * 86400 * 10**9)

    def test_key(self):
        code, out, err = self.run_pki("key", "k1", "--client", "alice", "--out", "k1.key")
        self.assertEqual((code, out), (GOOD, ""))
        text = (self.folder / "k1.key").read_text()
        self.assertRegex(text, r"^[0-9a-f]{64}\n$")
        self.assertEqual((self.folder / "k1.key").stat().st_mode & 0o777, 0o600)
        self.assertNotIn(text.strip(), err)  # errors end up in logs
        self.assertIn("--line FILE", err)
        self.refused(SYSTEM, ("key", "k1", "--client", "alice", "--out", "k1.key"), "--force")
        self.pki("key", "k2", "--client", "alice", "--out", "k2.key", "--line", "k2.line")
        secret = (self.folder / "k2.key").read_text().strip()
        self.assertNotEqual(secret, text.strip())
        self.assertEqual((self.folder / "k2.line").read_text(),
                         f" psk k2 client alice secret {secret}\n")
        self.assertEqual((self.folder / "k2.line").stat().st_mode & 0o777, 0o600)

    def test_key_on_a_terminal(self):
        outer, inner = pty.openpty()
        with subprocess.Popen([CANDOR, "pki", "key", "k", "--client", "bob", "--out",
                               str(self.folder / "k")], stdout=inner, stderr=inner) as process:
            self.assertEqual(process.wait(timeout=30), GOOD)
        os.close(inner)
        said = os.read(outer, 4096).decode()
        os.close(outer)
        secret = (self.folder / "k").read_text().strip()
        self.assertIn(f"psk k client bob secret {secret}", said)

    def test_manual(self):
        """candor-pki(1) has every command and option of the help, and no other."""
        text = self.pki("--help")
        commands = re.findall(r"(?m)^  ([a-z-]+)(?: [A-Z].*)?$", text.split("Options:")[0])
        options = re.findall(r"(?m)^  --([\w-]+)", text.split("Options:")[1])
        section = {name: re.search(rf"(?ms)^\.Sh {name}\n(.*?)(?=^\.Sh )", PAGE).group(1)
                   for name in ("COMMANDS", "OPTIONS")}
        self.assertEqual(re.findall(r"(?m)^\.It Ic (\S+)", section["COMMANDS"]), commands)
        self.assertEqual(re.findall(r"(?m)^\.It Fl -(\S+)", section["OPTIONS"]), options)
        words = re.search(r"(?s)\n\tpki\)\n\t\techo \"(.*?)\"", COMPLETION).group(1).split()
        self.assertEqual(words, ["--" + option for option in options])
        self.assertIn(f'values="{" ".join(commands)}"', COMPLETION)


if __name__ == "__main__":
    CANDOR = str(Path(sys.argv[1]).resolve())
    PAGE, COMPLETION = (Path(arg).read_text(encoding="utf-8") for arg in sys.argv[2:4])
    unittest.main(argv=sys.argv[:1])
