#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shell without configuration: modes, help, completion, errors, filters, pages, keys, history,
scripts, a connection that is lost.

usage: test_shell.py CANDOR CANDORD
"""
import os
import socket
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shellpty  # noqa: E402

CANDOR, CANDORD = "", ""
CONFIGURATION = """hostname node1
ip sla 1
 udp-jitter 127.0.0.1 9 control disable num-packets 1
  timeout 100
  threshold 100
  frequency 60
ip sla schedule 1 life forever start-time now
ip sla 2
 icmp-echo 127.0.0.1
"""
INVALID = "% Invalid input detected at '^' marker."
NODE = None


def setUpModule():
    global NODE
    NODE = shellpty.Node(CANDORD, CONFIGURATION)


def tearDownModule():
    NODE.close()


class ShellCase(unittest.TestCase):
    def shell(self, *arguments, **how):
        shell = shellpty.Shell(CANDOR, "--socket", NODE.socket, *arguments, home=NODE.home, **how)
        self.addCleanup(shell.close)
        self.assertEqual(shell.prompt(), "node1>")
        return shell

    def privileged(self, **how):
        shell = self.shell(**how)
        self.assertIn("administrator", shell.run("enable")[0])
        return shell

    def script(self, text, *arguments):
        return subprocess.run([CANDOR, "--socket", NODE.socket, *arguments], input=text, text=True,
                              capture_output=True, timeout=shellpty.DEADLINE_S, check=False,
                              env={**os.environ, "HOME": str(NODE.home)})


class Modes(ShellCase):
    def test_user_and_privileged(self):
        shell = self.shell()
        self.assertEqual(shell.run("clear ip sla statistics")[1], INVALID)
        self.assertEqual(shell.run("en"), [f"{self.name()} is administrator on node1"])
        self.assertEqual(shell.prompt(), "node1#")
        self.assertEqual(shell.run("clear ip sla stat 1"),
                         ["Statistics of 1 operation cleared"])
        shell.run("disable")
        self.assertEqual(shell.prompt(), "node1>")

    def name(self):
        import pwd
        return "local:" + pwd.getpwuid(os.getuid()).pw_name

    def test_end(self):
        for line in ("exit", "quit", "logout", "\x04"):
            with self.subTest(line):
                shell = self.shell()
                shell.send(line if line == "\x04" else line + "\r")
                self.assertEqual(shell.ends(), 0)

    def test_comments_and_empty_lines(self):
        shell = self.shell()
        for line in ("", "   ", "! show nothing", "!"):
            self.assertEqual(shell.run(line), [])

    def test_actions(self):
        shell = self.privileged()
        self.assertEqual(shell.run("ip sla stop 1"), ["Operation is inactive"])
        self.assertEqual(shell.run("ip sla start 1"), ["Operation is active"])
        self.assertEqual(shell.run("ip sla rest 1"), ["Operation is active"])
        self.assertIn("no schedule", shell.run("ip sla start 2")[0])
        shell.run("terminal length 0")
        shown = shell.run("ip sla probe 1")
        self.assertEqual(shown[0], "IPSLA operation id: 1")
        self.assertIn("no operation 99", shell.run("ip sla stop 99")[0])

    def test_as_on_a_router(self):
        shell = self.privileged()
        for line in ("write memory", "wr", "copy running-config startup-config", "cop run start"):
            self.assertIn("already saved", shell.run(line)[0])


class Help(ShellCase):
    def test_words_behind_a_blank(self):
        shell = self.shell()
        shown = shell.press("show ?", "node1>show", 2)
        words = [row.split()[0] for row in shown[1:] if row]
        self.assertEqual(words, sorted(words))
        self.assertIn("running-config", words)
        self.assertNotIn("configure", words)
        self.assertEqual(shell.run("ver | count ^version"), ["Number of lines which match regexp = 1"])

    def test_part_of_a_word(self):
        shell = self.privileged()
        shown = shell.press("co?", "node1#co", 2)
        self.assertEqual(shown[1].split(), ["configure", "confirm", "copy"])
        shell.run("nfigure ?\x15")

    def test_the_end_of_a_line(self):
        shell = self.shell()
        shown = shell.press("show ip sla statistics ?", "node1>show ip sla statistics", 2)
        self.assertIn("  <1-2147483647>  Latest run of operation N", shown)
        self.assertIn("  <cr>", shown)
        self.assertTrue(any(row.startswith("  |  ") for row in shown))

    def test_filters(self):
        shell = self.shell()
        shown = shell.press("show version | ?", "node1>show version |", 2)
        words = [row.split()[0] for row in shown[1:] if row]
        self.assertEqual(words, ["begin", "count", "exclude", "include", "section"])

    def test_nonsense(self):
        shell = self.shell()
        self.assertIn("% Unrecognized command", shell.press("frob ?", "node1>frob", 2))

    def test_in_the_middle_of_a_line(self):
        shell = self.shell()
        shell.press("show ip sla summary", "node1>show ip sla summary")
        shell.press("\x01\x1bf\x1bf", "node1>show ip sla summary")
        begin = shell.screen.row
        shell.send("?")
        shell.wait(lambda: shell.screen.row > begin + 1 and
                   shell.screen.line == "node1>show ip sla summary", "the line again")
        self.assertIn("ip", "".join(shell.screen.rows[begin + 1]))

    def test_a_line_that_takes_two_rows(self):
        shell = self.shell()
        text = "show ip sla statistics 1 | include " + "a" * 90
        shell.send(text)
        shell.wait(lambda: shell.screen.line.endswith("aaa"), "the line")
        begin = shell.screen.row
        shell.send("?")
        shell.wait(lambda: shell.screen.row > begin + 2, "the line again")
        shell.wait(lambda: shell.screen.line.endswith("aaa"), "the line again")
        rows = [row for row in shell.screen.rows if row.startswith("node1>show ip")]
        self.assertEqual(len(rows), 2)

    def test_a_literal_question_mark(self):
        shell = self.shell()
        self.assertEqual(shell.run("show version | count a\x16?b"),
                         ["Number of lines which match regexp = 0"])


class Tab(ShellCase):
    def test_completes(self):
        shell = self.shell()
        shell.press("sh\t", "node1>show")
        shell.press("ru\t", "node1>show running-config")
        shell.press("\x15", "node1>")
        shell.press("show ip sla s\t", "node1>show ip sla s", 2)
        self.assertIn("statistics", "".join(shell.screen.rows[-3:]))
        shell.press("t\t", "node1>show ip sla statistics")

    def test_nothing_to_complete(self):
        shell = self.shell()
        shell.press("frob\t", "node1>frob", 1)


class Errors(ShellCase):
    def test_marker_stands_below_the_word(self):
        shell = self.shell()
        begin = shell.screen.row
        shown = shell.run("show ip slow summary")
        typed = shell.screen.rows[begin]
        self.assertEqual(shown[0].index("^"), typed.index("slow"))
        self.assertEqual(shown[1:], [INVALID, ""])

    def test_ambiguous(self):
        shell = self.shell()
        self.assertEqual(shell.run("show ip sla s"), ['% Ambiguous command:  "show ip sla s"'])

    def test_incomplete(self):
        shell = self.shell()
        self.assertEqual(shell.run("show ip"), ["% Incomplete command.", ""])
        self.assertEqual(shell.run("show version | include"), ["% Incomplete command.", ""])

    def test_too_much(self):
        shell = self.shell()
        shown = shell.run("show version 10")
        self.assertEqual(shown[0].index("^"), len("node1>show version "))

    def test_wrong_filter(self):
        shell = self.shell()
        shown = shell.run("show version | frob x")
        self.assertEqual(shown[0].index("^"), len("node1>show version | "))
        self.assertEqual(shell.run("show version | include ("),
                         ["% Failed to compile regular expression."])

    def test_what_the_node_refuses(self):
        shell = self.shell()
        self.assertRegex(shell.run("show ip sla statistics 77")[0], r"^% .*77")


class Filters(ShellCase):
    def test_each(self):
        shell = self.shell()
        shell.run("terminal length 0")
        self.assertEqual(shell.run("show run | include sla [12]$"), ["ip sla 1", "ip sla 2"])
        self.assertEqual(shell.run("show run | section sla 2"), ["ip sla 2", " icmp-echo 127.0.0.1"])
        self.assertEqual(shell.run("show run | begin sla 2")[0], "ip sla 2")
        self.assertNotIn("ip sla 1", shell.run("show run | exclude sla 1"))
        self.assertEqual(shell.run("show run | include sla | exclude schedule | count"),
                         ["Number of lines = 2"])

    def test_on_the_command_line(self):
        done = subprocess.run([CANDOR, "--socket", NODE.socket, "show", "run", "|", "inc",
                               "sla [12]$"], capture_output=True, text=True, check=True,
                              timeout=shellpty.DEADLINE_S)
        self.assertEqual(done.stdout, "ip sla 1\nip sla 2\n")


class Pages(ShellCase):
    def test_keys(self):
        shell = self.shell(rows=8)
        shell.press("show ip sla statistics 1 details\r", " --More--")
        first = shell.screen.row
        shell.send("\r")
        shell.wait(lambda: shell.screen.row == first + 1 and shell.screen.line == " --More--",
                   "a line more")
        shell.send(" ")
        shell.wait(lambda: shell.screen.row == first + 8 and shell.screen.line == " --More--",
                   "a page more")
        shell.send("x")  # means nothing
        shell.send("q")
        self.assertEqual(shell.prompt(), "node1>")
        self.assertFalse([row for row in shell.screen.rows if "--More--" in row])

    def test_length(self):
        shell = self.shell(rows=8)
        self.assertEqual(shell.run("terminal length 0"), [])
        self.assertGreater(len(shell.run("show ip sla statistics 1 details")), 12)
        shell.run("terminal length 5")
        shell.press("show ip sla statistics 1\r", " --More--")
        shell.send("\x03")
        shell.prompt()
        self.assertEqual(shell.run("terminal width 40"), [])
        self.assertIn("Length: 5 lines, Width: 40 columns", shell.run("show terminal | include Len"))


class Keys(ShellCase):
    def test_interrupt_drops_the_line(self):
        shell = self.shell()
        shell.press("show frob", "node1>show frob")
        shell.press("\x03", "node1>")
        self.assertEqual(shell.run("show version | count ^version"), ["Number of lines which match regexp = 1"])

    def test_end_of_input_within_a_line_is_no_end(self):
        shell = self.shell()
        shell.send("show version | count ^version\x04")
        self.assertEqual(shell.run(""), ["Number of lines which match regexp = 1"])

    def test_ctrl_z_runs_the_line(self):
        shell = self.shell()
        shell.send("show version | count ^version\x1a")
        shell.wait(lambda: "Number of lines which match regexp = 1" in shell.screen.rows, "the answer")
        self.assertEqual(shell.prompt(), "node1>")

    def test_history(self):
        shell = self.shell()
        shell.run("show version | count ^version")
        shell.run("show clock | count x")
        shell.press("\x1b[A\x1b[A", "node1>show version | count ^version")
        self.assertEqual(shell.run(""), ["Number of lines which match regexp = 1"])
        self.assertEqual(shell.run("show history"),
                         ["  show version | count ^version", "  show clock | count x",
                          "  show version | count ^version", "  show history"])

    def test_lines_typed_ahead(self):
        shell = self.shell()
        shell.send("show version | count ^version\rshow history\rterm length 9\r")
        shell.wait(lambda: "node1>term length 9" in shell.screen.rows, "the last line")
        self.assertIn("Number of lines which match regexp = 1", shell.screen.rows)


class Interrupts(unittest.TestCase):
    def test_the_second_one_ends_a_wait(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            port = silent.getsockname()[1]
            node = shellpty.Node(CANDORD, "hostname node1\nip sla 3\n udp-echo 127.0.0.1 "
                                 f"{port} control disable\n  timeout 60000\n")
            self.addCleanup(node.close)
            shell = shellpty.Shell(CANDOR, "--socket", node.socket, home=node.home)
            self.addCleanup(shell.close)
            shell.prompt()
            shell.run("enable")
            shell.send("ip sla probe 3\r")
            silent.settimeout(shellpty.DEADLINE_S)
            silent.recv(100)  # the probe is under way: the shell waits
            shell.send("\x03")
            shell.wait(lambda: any("Ctrl-C again" in row for row in shell.screen.rows), "the hint")
            shell.send("\x03")
            shell.wait(lambda: any("is lost" in row for row in shell.screen.rows), "the end")
            shell.prompt()
            self.assertIn("Number of lines which match regexp = 1", shell.run("show version | count ^version"))


class History(ShellCase):
    def test_file(self):
        shell = self.shell()
        shell.run("show version | count 1")
        shell.run("! key-string hush")
        shell.run("show secret word")
        shell.send("exit\r")
        self.assertEqual(shell.ends(), 0)
        path = NODE.home / ".local/state/candor/history"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        kept = path.read_text().splitlines()
        self.assertIn("show version | count 1", kept)
        self.assertFalse([line for line in kept if "hush" in line or "word" in line])
        shell = self.shell()
        shell.press("\x1b[A\x1b[A", "node1>show version | count 1")


class Scripts(ShellCase):
    def test_good(self):
        done = self.script("! a comment\n\nshow version | count ^version\nshow run | count sla 2$\r\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "Number of lines which match regexp = 1\nNumber of lines which match regexp = 1\n")

    def test_first_error_ends_it(self):
        done = self.script("show version | count ^version\nshow frob\nshow version | count ^version\n")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stdout, "Number of lines which match regexp = 1\n")
        self.assertEqual(done.stderr, "line 2: show frob\n             ^\n" + INVALID +
                         "\n\ncandor: stopped at line 2 of the input\n")

    def test_an_error_of_the_node(self):
        done = self.script("show ip sla statistics 77\nshow version\n")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("stopped at line 1", done.stderr)

    def test_actions_need_no_enable(self):
        done = self.script("clear ip sla stat 1\nexit\nshow frob\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_wrong_input(self):
        for text in ("show " + "x" * 3000, "show \0version\n"):
            self.assertEqual(self.script(text).returncode, 3)

    def test_a_program_converses(self):
        with subprocess.Popen([CANDOR, "--socket", NODE.socket], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, bufsize=1) as process:
            for _ in range(3):
                process.stdin.write("show version | count ^version\n")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), "Number of lines which match regexp = 1\n")
            process.stdin.close()
            self.assertEqual(process.wait(timeout=shellpty.DEADLINE_S), 0)


class Lost(unittest.TestCase):
    def test_restart_of_candord(self):
        node = shellpty.Node(CANDORD, CONFIGURATION)
        self.addCleanup(node.close)
        shell = shellpty.Shell(CANDOR, "--socket", node.socket, home=node.home)
        self.addCleanup(shell.close)
        shell.prompt()
        node.stop()
        self.assertTrue([row for row in shell.run("") if "lost" in row])
        self.assertIn("not running", "".join(shell.run("show version")))
        node.start()
        shown = shell.run("show version | count ^version")
        self.assertEqual(shown, ["% Connected to node1 again", "Number of lines which match regexp = 1"])

    def test_nobody_there(self):
        shell = shellpty.Shell(CANDOR, "--socket", "/nonexistent/socket", home="/tmp")
        self.addCleanup(shell.close)
        self.assertEqual(shell.ends(), 4)


if __name__ == "__main__":
    CANDOR, CANDORD = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
