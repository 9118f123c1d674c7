# SPDX-License-Identifier: Apache-2.0
"""candor's shell on a pseudo-terminal of 80 columns, as a person sees it, and a candord for it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

DEADLINE_S = 20
PROMPT = re.compile(r"^[\w.-]+(\[confirm \d+:\d\d\])?(\([\w-]+\))?[>#]$")


class Screen:
    """What a terminal shows: rows without end, so that nothing scrolls away."""

    ESCAPE = re.compile(r"\x1b(?:\[([?\d;]*)([A-Za-z@])|[()].|[=>78M])")

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column = columns, [""], 0, 0
        self.pending = ""

    def put(self, character):
        if self.column == self.columns:
            self.newline()
            self.column = 0
        line = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = line[:self.column] + character + line[self.column + 1:]
        self.column += 1

    def newline(self):
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append("")

    def escape(self, arguments, final):
        number = int(arguments) if arguments.isdigit() else 1
        line = self.rows[self.row]
        if final == "A":
            self.row = max(0, self.row - number)
        elif final == "B":
            self.row = min(len(self.rows) - 1, self.row + number)
        elif final == "C":
            self.column = min(self.columns - 1, self.column + number)
        elif final == "D":
            self.column = max(0, self.column - number)
        elif final == "G":
            self.column = number - 1
        elif final == "K":
            self.rows[self.row] = line[:self.column]
        elif final == "J":
            self.rows[self.row] = line[:self.column]
            del self.rows[self.row + 1:]
        elif final == "P":
            self.rows[self.row] = line[:self.column] + line[self.column + number:]
        elif final == "@":
            self.rows[self.row] = line[:self.column] + " " * number + line[self.column:]
        elif final not in "mhl":
            raise ValueError(f"escape sequence {arguments}{final} is not known here")

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        at = 0
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                found = self.ESCAPE.match(text, at)
                if not found:
                    self.pending = text[at:]
                    return
                if found.group(2):
                    self.escape(found.group(1), found.group(2))
                at = found.end()
                continue
            at += 1
            if character == "\n":
                self.newline()
            elif character == "\r":
                self.column = 0
            elif character == "\b":
                self.column = max(0, self.column - 1)
            elif character == "\t":
                self.column = min(self.columns - 1, (self.column // 8 + 1) * 8)
            elif character != "\a":
                self.put(character)

    @property
    def line(self):
        """The row of the cursor."""
        return self.rows[self.row].rstrip()


class Shell:
    """A running shell."""

    def __init__(self, candor, *arguments, home, rows=24, columns=80, environment=()):
        self.screen = Screen(columns)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"HOME": str(home), "TERM": "xterm", "TZ": "UTC", "LC_ALL": "C.UTF-8",
                               **dict(environment)})
            os.environ.pop("XDG_STATE_HOME", None)
            os.execv(candor, [candor, *map(str, arguments)])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.status = None

    def pump(self, seconds):
        """Take what the shell writes within the time; False: nothing came, or it has ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            data = b""
        if not data:
            if self.status is None:
                self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            return False
        self.screen.feed(data.decode(errors="replace"))
        return True

    def wait(self, condition, what):
        """Until condition() is true."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            self.pump(0.05)
            if time.monotonic() > end or (self.status is not None and not condition()):
                raise AssertionError(f"{what} did not come; the screen:\n" +
                                     "\n".join(self.screen.rows[-40:]))

    def send(self, text):
        os.write(self.fd, text.encode())

    def prompt(self):
        """Wait for one; it is returned."""
        self.wait(lambda: PROMPT.match(self.screen.line), "a prompt")
        return self.screen.line

    def run(self, line, end="\r"):
        """Type a line; what is shown until the next prompt, without that prompt."""
        begin = self.screen.row
        self.send(line + end)
        self.wait(lambda: self.screen.row > begin and PROMPT.match(self.screen.line),
                  f"the prompt behind {line!r}")
        return [row.rstrip() for row in self.screen.rows[begin + 1:self.screen.row]]

    def press(self, keys, shows, below=0):
        """Type keys that are no line; wait until the row of the cursor, at least `below` rows further
        down, is as said."""
        begin = self.screen.row
        self.send(keys)
        self.wait(lambda: self.screen.row >= begin + below and self.screen.line == shows,
                  f"{shows!r} behind {keys!r}")
        return [row.rstrip() for row in self.screen.rows[begin:self.screen.row]]

    def ends(self):
        """Wait for its end; its exit code."""
        self.wait(lambda: self.status is not None or self.pump(0.05) is None or
                  self.status is not None, "the end")
        return self.status

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = -9
        os.close(self.fd)


class Node:
    """A candord in a folder of its own."""

    def __init__(self, candord, configuration, *options):
        self.options = options
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.path.chmod(0o755)
        self.home = self.path / "home"
        self.home.mkdir()
        self.socket = self.path / "socket"
        self.file = self.path / "candor.conf"
        self.file.write_text(configuration, encoding="utf-8")
        self.file.chmod(0o600)
        self.candord = candord
        self.process = None
        self.start()

    def start(self, end=None):
        end = end or time.monotonic() + DEADLINE_S
        log = open(self.path / "log", "ab")
        self.process = subprocess.Popen(
            [self.candord, "-f", self.file, "--socket", self.socket, "--state",
             self.path / "state", *self.options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        while not self.answers():
            has_ended = self.process.poll() is not None
            if time.monotonic() > end or (has_ended and "another candord" not in self.log()):
                raise AssertionError("candord does not start:\n" + self.log()[-2000:])
            if has_ended:  # what is left of one that was killed is in the way
                time.sleep(0.05)
                return self.start(end)
            time.sleep(0.02)  # between two looks
        return None

    def answers(self):
        return self.socket.exists() and b" ready: " in (self.path / "log").read_bytes()[self.seen:]

    seen = 0

    def log(self):
        return (self.path / "log").read_text(errors="replace")

    def stop(self, how=signal.SIGTERM):
        self.seen = len((self.path / "log").read_bytes())
        self.process.send_signal(how)
        self.process.wait(timeout=DEADLINE_S)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self.folder.cleanup()
