# SPDX-License-Identifier: Apache-2.0
"""Programs under test: started in a namespace, watched, ended by their own process identifier."""
import os
import re
import signal
import subprocess

from .wait import DeadlinePassed, wait_for


class Process:
    """A running program; its output goes to files of the lab's folder."""

    def __init__(self, namespace, argv, folder, name, env=None, stdin=subprocess.DEVNULL):
        self.name = name
        self.argv = [str(a) for a in argv]
        self._paths = {s: os.path.join(folder, f"{name}.{s}") for s in ("out", "err")}
        out, err = (open(self._paths[s], "wb") for s in ("out", "err"))
        with out, err:
            self._popen = subprocess.Popen(
                namespace.argv(self.argv), stdin=stdin, stdout=out, stderr=err,
                env={**os.environ, **(env or {})})
        self.pid = self._popen.pid

    def _read(self, stream):
        with open(self._paths[stream], encoding="utf-8", errors="replace") as f:
            return f.read()

    @property
    def out(self):
        return self._read("out")

    @property
    def err(self):
        return self._read("err")

    @property
    def exit_code(self):
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    def wait_output(self, pattern, seconds=10):
        """Wait until stdout or stderr matches; a program that ended without doing so fails at once."""
        def look():
            found = re.search(pattern, self.out + self.err)
            if not found and self.exit_code is not None:
                found = re.search(pattern, self.out + self.err)
                if not found:
                    raise DeadlinePassed(f"{self.name} ended with {self.exit_code}: {self.report()}")
            return found

        try:
            return wait_for(look, seconds, f"/{pattern}/ from {self.name}")
        except DeadlinePassed as e:
            raise DeadlinePassed(f"{e}\n{self.report()}") from None

    def wait_exit(self, seconds=10):
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise DeadlinePassed(f"{self.name} still runs after {seconds} s\n{self.report()}") from None

    def signal(self, number):
        if self.exit_code is None:
            os.kill(self.pid, number)

    def stop(self, seconds=10):
        """End it politely, then for certain; its exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            return self._popen.wait(5)

    def report(self):
        return (f"{' '.join(self.argv)}\n--- stdout\n{self.out[-4000:]}"
                f"\n--- stderr\n{self.err[-4000:]}")

    def family(self):
        """Its process identifier and those of all its descendants."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as f:
                        todo += [int(x) for x in f.read().split()]
            except FileNotFoundError:
                continue
        return found

    def resources(self):
        """Resident kB and open descriptors, summed over the family."""
        rss = fds = 0
        for pid in self.family():
            try:
                with open(f"/proc/{pid}/status") as f:
                    rss += sum(int(x.split()[1]) for x in f if x.startswith("VmRSS:"))
                fds += len(os.listdir(f"/proc/{pid}/fd"))
            except FileNotFoundError:
                continue
        return {"rss_kb": rss, "fds": fds}
