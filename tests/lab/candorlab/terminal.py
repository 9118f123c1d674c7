# SPDX-License-Identifier: Apache-2.0
"""A terminal for programs that draw: a pty, and as much of an xterm as they use."""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

from .wait import DeadlinePassed, wait_for

KEYS = {"up": "\033[A", "down": "\033[B", "page down": "\033[6~", "page up": "\033[5~",
        "end": "\033[F", "enter": "\r", "escape": "\033"}
SEQUENCE = re.compile(r"\033\[(\??)([\d;]*)([A-Za-z])")


class Screen:
    """What a terminal shows after what it was sent."""

    def __init__(self, width, height):
        self.is_alternate = self.is_cursor_hidden = False
        self.colours = set()  # parameters of every SGR that was sent
        self.resize(width, height)

    def resize(self, width, height):
        self.width, self.height = width, height
        self._cells = [[" "] * width for _ in range(height)]
        self._x = self._y = 0

    @property
    def lines(self):
        return ["".join(row).rstrip() for row in self._cells]

    @property
    def text(self):
        return "\n".join(self.lines)

    def feed(self, text):
        """Take what arrived; returns what is not complete yet."""
        at = 0
        while at < len(text):
            if text[at] != "\033":
                self._put(text[at])
                at += 1
                continue
            found = SEQUENCE.match(text, at)
            if not found:
                if len(text) - at > 20:
                    raise AssertionError(f"not understood: {text[at:at + 20]!r}")
                return text[at:]
            self._obey(*found.groups())
            at = found.end()
        return ""

    def _put(self, character):
        if character == "\n":
            self._y = min(self._y + 1, self.height - 1)
        elif character == "\r":
            self._x = 0
        elif self._x < self.width and self._y < self.height:
            self._cells[self._y][self._x] = character
            self._x += 1

    def _obey(self, private, numbers, letter):
        if private:
            is_set = letter == "h"
            self.is_alternate = is_set if numbers == "1049" else self.is_alternate
            self.is_cursor_hidden = not is_set if numbers == "25" else self.is_cursor_hidden
        elif letter == "H":
            y, x = (numbers or "1;1").split(";")
            self._y, self._x = int(y) - 1, int(x) - 1
        elif letter == "J":
            self._cells = [[" "] * self.width for _ in range(self.height)]
        elif letter == "m":
            self.colours.update((numbers or "0").split(";"))
        else:
            raise AssertionError(f"not understood: {letter} {numbers}")


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, host, argv, width=80, height=24, env=None):
        self.screen = Screen(width, height)
        self.octets = 0  # that the program has sent
        self._lock = threading.Lock()
        self._main, self.tty = pty.openpty()
        self._set_size(width, height)
        self.before = termios.tcgetattr(self.tty)
        self._rest = ""
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        environment.pop("NO_COLOR", None) if "NO_COLOR" not in (env or {}) else None
        self.process = subprocess.Popen(host.argv([str(a) for a in argv]), stdin=self.tty,
                                        stdout=self.tty, stderr=self.tty, env=environment,
                                        start_new_session=True)
        self.pid = self.process.pid
        threading.Thread(target=self._read, daemon=True).start()

    def _set_size(self, width, height):
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _read(self):
        decoder = ""
        waiting = b""
        while True:
            try:
                octets = os.read(self._main, 65536)
            except OSError:
                return
            waiting += octets
            try:
                decoder, waiting = waiting.decode("utf-8"), b""
            except UnicodeDecodeError as e:
                decoder, waiting = waiting[:e.start].decode("utf-8"), waiting[e.start:]
            with self._lock:
                self.octets += len(octets)
                self._rest = self.screen.feed(self._rest + decoder)

    @property
    def text(self):
        with self._lock:
            return self.screen.text

    def type(self, *keys):
        """Press keys: names of KEYS, or characters."""
        for key in keys:
            os.write(self._main, KEYS.get(key, key).encode())

    def resize(self, width, height):
        with self._lock:
            self.screen.resize(width, height)
        self._set_size(width, height)
        self.signal(signal.SIGWINCH)

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, pattern, seconds=10):
        """Until the screen matches; the match."""
        try:
            return wait_for(lambda: re.search(pattern, self.text), seconds, pattern)
        except DeadlinePassed as e:
            raise DeadlinePassed(f"{e}; the screen:\n{self.text}") from None

    def wait_gone(self, pattern, seconds=10):
        try:
            wait_for(lambda: not re.search(pattern, self.text), seconds, f"end of {pattern}")
        except DeadlinePassed as e:
            raise DeadlinePassed(f"{e}; the screen:\n{self.text}") from None

    def wait_exit(self, seconds=10):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise DeadlinePassed(f"it still runs; the screen:\n{self.text}") from None

    def settings_are_back(self):
        return termios.tcgetattr(self.tty) == self.before

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        os.close(self._main)
        os.close(self.tty)
