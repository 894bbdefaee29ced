"""A program in a pseudo terminal, and what it shows there. Standard library only."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata


class Terminal:
    """As much of xterm as full-screen programs of this project use. Fails on anything else."""

    def __init__(self, command, columns=80, rows=24, environment=None):
        self.columns, self.rows = columns, rows
        self.alternate = False
        self.cursor_shown = True
        self.wraps = True
        self.raw = b""  # everything that was written
        self._partial = ""
        self._clear()
        self.master, self.slave = pty.openpty()
        self._set_size()
        self.modes_before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            command, stdin=self.slave, stdout=self.slave, stderr=subprocess.PIPE, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)

    def _clear(self):
        self.x = self.y = 0
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.styles = [[""] * self.columns for _ in range(self.rows)]
        self.style = ""

    def _set_size(self):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def resize(self, columns, rows):
        """What was shown is lost, as terminals may do it; the program is told."""
        self.columns, self.rows = columns, rows
        self._clear()
        self._set_size()

    def type(self, keys):
        os.write(self.master, keys.encode())

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def line_with(self, text):
        return next((line for line in self.lines() if text in line), None)

    def has_own_modes(self):
        """Whether the terminal is as it was before the program."""
        return termios.tcgetattr(self.slave) == self.modes_before

    def read(self, seconds):
        """Takes over what the program writes; False if it was nothing."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        data = os.read(self.master, 65536)
        self.raw += data
        self._feed(data)
        return True

    def wait_for(self, wanted, seconds=10):
        """Until a text, or what a function looks for, is on the page. The page is in the error."""
        found = wanted if callable(wanted) else lambda: wanted in self.text()
        deadline = time.monotonic() + seconds
        while not found():
            if time.monotonic() > deadline:
                raise AssertionError(f"{wanted!r} does not come up:\n{self.text()}")
            self.read(0.1)

    def wait_for_end(self, seconds=10):
        """The exit code; minus the signal's number."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        while self.read(0):
            pass
        return self.process.poll()

    def _feed(self, data):
        # A character or a sequence may be cut in two.
        text = self._partial + data.decode("utf-8", errors="surrogateescape")
        self._partial = ""
        while text:
            if text[0] == "\x1b":
                match = re.match(r"\x1b\[([?0-9;]*)([A-Za-z])", text)
                if not match:
                    if len(text) < 24:
                        self._partial = text
                        return
                    raise AssertionError(f"unknown sequence {text[:20]!r}")
                self._command(*match.groups())
                text = text[match.end():]
                continue
            self._put(text[0])
            text = text[1:]

    def _put(self, character):
        if character == "\r":
            self.x = 0
            return
        if character == "\n":
            self.y = min(self.y + 1, self.rows - 1)
            return
        assert character >= " " and not "\x7f" <= character <= "\x9f", f"control character {character!r}"
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1
        if self.x + width <= self.columns and self.y < self.rows:
            self.cells[self.y][self.x] = character
            self.styles[self.y][self.x] = self.style
            if width == 2:
                self.cells[self.y][self.x + 1] = ""
        self.x += width

    def _command(self, parameters, final):
        if parameters.startswith("?"):
            for mode in parameters[1:].split(";"):
                if mode == "1049":
                    self.alternate = final == "h"
                    self._clear()
                elif mode == "25":
                    self.cursor_shown = final == "h"
                elif mode == "7":
                    self.wraps = final == "h"
        elif final == "H":
            row, column = (int(n or 1) for n in (parameters + ";").split(";")[:2])
            self.x, self.y = column - 1, row - 1
        elif final == "J":
            x, y = self.x, self.y
            self._clear()
            self.x, self.y = x, y
        elif final == "m":
            self.style = parameters
        else:
            raise AssertionError(f"unknown command {final!r}")

    def send_signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)
