# SPDX-License-Identifier: Apache-2.0
"""The path emulator as the tests see it: rules in, records of what really happened out."""
import json
import select
import subprocess
import time


class Emulator:
    """A running pathemu.  Direction ab: from the host at `a` to the host at `b`."""

    def __init__(self, program, spec_a, spec_b, log_path, rules=(), seed=1):
        self.log_path = log_path
        self._records, self._read_to = [], 0
        self._popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", program, "--a", spec_a, "--b", spec_b,
             "--log", log_path, "--seed", str(seed), *rules],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0)
        answer = self._line(10)
        if answer != "ready":
            raise RuntimeError(f"pathemu: {answer or self._popen.stderr.read().decode()}")

    def _line(self, seconds):
        end = time.monotonic() + seconds
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self._popen.stdout], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise RuntimeError("pathemu does not answer")
            octet = self._popen.stdout.read(1)
            if not octet:
                break
            text += octet
        return text.decode().strip()

    def tell(self, *lines):
        """Carry out rule lines, in force when this returns."""
        for line in lines:
            self._popen.stdin.write(line.encode() + b"\n")
            answer = self._line(10)
            if answer != "ok":
                raise ValueError(f"{line}: {answer}")

    def stats(self):
        self._popen.stdin.write(b"stats\n")
        return json.loads(self._line(10))

    def records(self):
        """Everything logged so far, in order of leaving."""
        if self._popen.poll() is None:
            self.tell("flush")
        with open(self.log_path, "rb") as f:
            f.seek(self._read_to)
            for line in f:
                if not line.endswith(b"\n"):
                    break
                self._read_to += len(line)
                self._records.append(json.loads(line))
        return list(self._records)

    def close(self):
        if self._popen.poll() is None:
            self._popen.stdin.close()
            try:
                self._popen.wait(5)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait(5)
        self._popen.stdout.close()
        self._popen.stderr.close()
