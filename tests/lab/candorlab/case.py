# SPDX-License-Identifier: Apache-2.0
"""The entry of a lab test file: finds a way to make namespaces, or skips and says why."""
import os
import subprocess
import sys
import unittest

from . import netns

SKIP = 77  # what meson takes for "skipped"
_INSIDE = "CANDOR_LAB_INSIDE"


def own_user_namespace():
    """The command that runs another as root of a user namespace of its own; None and why not."""
    command = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--"]
    done = subprocess.run([*command, "true"], capture_output=True, text=True)
    return (command, None) if done.returncode == 0 else (None, done.stderr.strip())


def ensure_namespaces():
    """Return when this process may make namespaces, perhaps after starting anew in a user namespace of
    its own; otherwise return the reason."""
    reason = netns.try_unshare()
    if reason is None:
        return None
    if _INSIDE in os.environ:
        return f"even in a user namespace of our own: {reason}"
    command, why = own_user_namespace()
    if command is None:
        return f"network namespaces: {reason}; user namespaces: {why}"
    os.environ[_INSIDE] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])
    return None


def main():
    """unittest.main for a lab test file."""
    reason = ensure_namespaces()
    if reason:
        print(f"SKIPPED: the lab needs network namespaces and may not make any ({reason})",
              file=sys.stderr)
        sys.exit(SKIP)
    unittest.main(verbosity=2)
