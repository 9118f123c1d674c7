# SPDX-License-Identifier: Apache-2.0
"""Nodes that are administered from another host: a CA, identities, and candord with its own."""
import os
import subprocess

from . import product
from .path import program

PORT = 1670


class Authority:
    """A CA of `candor pki`, and the identity folders that it issues."""

    def __init__(self, folder, name="ca"):
        self._folder, self.directory = folder, os.path.join(folder, name)
        self.pki("init")

    def pki(self, *words):
        """`candor pki …` in this CA."""
        subprocess.run([program("candor"), "pki", *words, "--dir", self.directory], check=True,
                       capture_output=True, text=True)

    def issue(self, name, *options, to=None):
        """The identity folder of a new certificate; in the lab's folder unless told."""
        folder = to or os.path.join(self._folder, name)
        self.pki("issue", name, *options, "--out", folder)
        return folder

    def node(self, lab, host, name, addresses, configuration):
        """candord on a host, with a certificate for these addresses."""
        folder = os.path.join(lab.folder, f"{len(lab.processes)}-{name}.identity")
        self.issue(name, "--node", *(w for a in addresses for w in ("--address", a)), to=folder)
        node = product.Node(lab, host, f"hostname {name}\nnamp\n tcp port {PORT}\n" + configuration,
                            name=name)
        assert node.identity == folder
        return node


def control_kb(node):
    """Resident memory of the process of a node that serves administrators."""
    for pid in node.process.family():
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
            if "--role=control" not in f.read():
                continue
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            return next(int(x.split()[1]) for x in f if x.startswith("VmRSS:"))
    raise AssertionError("no control process")
