#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shell's configuration modes on a real candord: editing, help, commit with and without
confirmation, archive, rollback, two people at once, scripts, restarts.

usage: test_shell_config.py CANDOR CANDORD
"""
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shellpty  # noqa: E402

CANDOR, CANDORD = "", ""
CONFIGURATION = """hostname node1
ip sla 1
 udp-echo 127.0.0.1 9 control disable
  timeout 100
  threshold 100
  frequency 60
ip sla schedule 1 life forever start-time now
ip sla 2
 icmp-echo 127.0.0.1
"""
INVALID = "% Invalid input detected at '^' marker."
QUESTION = "Uncommitted changes found, commit them? [yes/no/CANCEL]"


class ConfigCase(unittest.TestCase):
    def setUp(self):
        self.node = shellpty.Node(CANDORD, CONFIGURATION)
        self.addCleanup(self.node.close)

    def shell(self, configures=True, **how):
        shell = shellpty.Shell(CANDOR, "--socket", self.node.socket, home=self.node.home, **how)
        self.addCleanup(shell.close)
        shell.prompt()
        shell.run("enable")
        shell.run("terminal length 0")
        if configures:
            shown = shell.run("configure terminal")
            self.assertIn("Enter configuration commands, one per line.  End with CNTL/Z.", shown)
            self.assertEqual(shell.prompt(), "node1(config)#")
        return shell

    def script(self, *lines):
        return subprocess.run([CANDOR, "--socket", self.node.socket], input="\n".join(lines) + "\n",
                              text=True, capture_output=True, timeout=shellpty.DEADLINE_S,
                              check=False, env={**os.environ, "HOME": str(self.node.home)})

    def running(self):
        return subprocess.run([CANDOR, "--socket", self.node.socket, "show", "running-config"],
                              text=True, capture_output=True, timeout=shellpty.DEADLINE_S,
                              check=True).stdout

    def answer(self, shell, line, question, reply):
        """Type a line that makes the shell ask, and reply."""
        shell.press(line, question)
        return shell.run(reply)


class Editing(ConfigCase):
    def test_modes_and_prompts(self):
        shell = self.shell()
        for line, prompt in (("ip sla 30", "config-ip-sla"), ("icmp-echo 192.0.2.7", "config-ip-sla-echo"),
                             ("frequency 9", "config-ip-sla-echo"), ("exit", "config"),
                             ("ip sla 31", "config-ip-sla"),
                             ("udp-jitter 192.0.2.7 5000", "config-ip-sla-jitter"),
                             ("ip sla 2", "config-ip-sla-echo"), ("tos 16", "config-ip-sla-echo")):
            self.assertEqual(shell.run(line), [], line)
            self.assertEqual(shell.prompt(), f"node1({prompt})#")
        self.assertNotIn("ip sla 30", self.running())
        shown = shell.run("show configuration")
        self.assertIn("ip sla 30", shown)
        shown = shell.run("show configuration diff")
        self.assertIn("+ip sla 30", shown)
        self.assertIn("+ tos 16", shown)
        self.assertEqual(shell.run("show configuration diff | count ^[+]"),
                         ["Number of lines which match regexp = 6"])
        shell.run("abort")
        self.assertEqual(shell.prompt(), "node1#")
        self.assertNotIn("ip sla 30", self.running())

    def test_no_and_default(self):
        shell = self.shell()
        shell.run("ip sla 1")
        shell.run("no timeout")
        shell.run("no threshold")
        shell.run("default frequency")
        shown = shell.run("show configuration diff")
        for line in ("- timeout 100", "- threshold 100"):
            self.assertIn(line, shown)
        shell.run("no ip sla 2")
        self.assertIn("-ip sla 2", shell.run("show configuration diff"))
        shell.run("discard")
        self.assertEqual(shell.run("show configuration diff"), [])
        self.assertEqual(shell.prompt(), "node1(config)#")

    def test_abbreviations(self):
        shell = self.shell()
        self.assertEqual(shell.run("ip sl 2"), [])
        self.assertEqual(shell.run("freq 5"), [])
        self.assertEqual(shell.run("thr 100"), [])
        self.assertEqual(shell.run("timeo 100"), [])
        self.assertIn("+ frequency 5", shell.run("sh conf di"))
        self.assertEqual(shell.run("t 5"), ['% Ambiguous command:  "t 5"'] + shell.run("! x") +
                         self.sentences(shell, "t 5"))

    def sentences(self, shell, line):
        """What the node says besides, which a person may read."""
        return shell.run(line)[1:]

    def test_our_own_words_are_expanded(self):
        shell = self.shell()
        self.assertEqual(shell.run("ip sla resp"), [])
        self.assertEqual(shell.run("ip sla responder settings"), [])
        self.assertEqual(shell.run("max-sessions 100"), [])
        self.assertEqual(shell.run("max-dur 50"), [])
        self.assertIn("max-duration 50", "\n".join(shell.run("show configuration")))

    def test_mistakes(self):
        shell = self.shell()
        shell.run("ip sla 2")
        begin = shell.screen.row
        shown = shell.run("tos 999")
        self.assertEqual(shown[0].index("^"), shell.screen.rows[begin].index("999"))
        self.assertEqual(shown[1:3], [INVALID, ""])
        self.assertIn("255", shown[3])
        self.assertEqual(shell.run("frequency")[0], "% Incomplete command.")
        self.assertEqual(shell.run("frob")[1], INVALID)
        self.assertEqual(shell.run("show configuration diff"), [])

    def test_do_and_show(self):
        shell = self.shell()
        self.assertEqual(shell.run("do show version | count ^version"), ["Number of lines which match regexp = 1"])
        self.assertEqual(shell.run("show version | count ^version"), ["Number of lines which match regexp = 1"])
        self.assertEqual(shell.run("do clear ip sla stat 1"), ["Statistics of 1 operation cleared"])
        self.assertEqual(shell.run("do"), ["% Incomplete command.", ""])
        begin = shell.screen.row
        shown = shell.run("do frob")
        self.assertEqual(shown[0].index("^"), shell.screen.rows[begin].index("frob"))
        shell.run("ip sla 2")
        self.assertEqual(shell.run("do show clock | count x"),
                         ["Number of lines which match regexp = 0"])
        self.assertEqual(shell.prompt(), "node1(config-ip-sla-echo)#")

    def test_help(self):
        shell = self.shell()
        shown = shell.press("?", "node1(config)#", 2)
        words = [row.split()[0] for row in shown if row.startswith("  ")]
        for word in ("commit", "do", "ip", "no", "rollback", "hostname"):
            self.assertIn(word, words)
        shell.run("ip sla 2")
        prompt = "node1(config-ip-sla-echo)#"
        shown = shell.press("fre?", prompt + "fre", 2)
        self.assertEqual(shown[1].split(), ["frequency"])
        shown = shell.press("quency ?", prompt + "frequency", 2)
        self.assertTrue(shown[1].startswith("  <1-604800>  "), shown)
        shown = shell.press("5 ?", prompt + "frequency 5", 2)
        self.assertIn("  <cr>", shown)
        shell.press("\x15", prompt)
        shown = shell.press("commit ?", prompt + "commit", 2)
        self.assertEqual([row.split()[0] for row in shown if row.startswith("  ")],
                         ["comment", "confirmed", "<cr>"])
        shell.press("\x15", prompt)
        shown = shell.press("do show ?", prompt + "do show", 2)
        self.assertIn("version", " ".join(shown))

    def test_tab(self):
        shell = self.shell()
        shell.press("ip sl\t", "node1(config)#ip sla")
        shell.run("2")
        prompt = "node1(config-ip-sla-echo)#"
        shell.press("fr\t", prompt + "frequency")
        shell.run("7")
        shell.press("com\t", prompt + "commit")
        shell.press("\x15do sh ver\t", prompt + "do sh version")

    def test_pasted_lines(self):
        shell = self.shell(configures=False)
        shell.send("configure terminal\rip sla 40\r icmp-echo 192.0.2.9\r tag what?\r bogus line\r"
                   " frequency 5\rip sla schedule 40 life forever start-time now\r"
                   "show history\rcommit\r")
        shell.wait(lambda: "Running configuration is now generation 2" in shell.screen.rows,
                   "the commit")
        rows = shell.screen.rows
        self.assertEqual(sum(row.endswith(INVALID) for row in rows), 1)
        self.assertIn(" tag what?", self.running())
        self.assertIn("ip sla schedule 40 life forever start-time now", self.running())

    def test_control_keys(self):
        shell = self.shell()
        shell.press("ip sla 2", "node1(config)#ip sla 2")
        shell.press("\x03", "node1(config)#")
        shell.send("ip sla 2\x1a")
        shell.wait(lambda: shell.screen.line == "node1#", "the exec mode")
        shell.run("conf t")
        shell.send("\x04")
        shell.wait(lambda: shell.screen.line == "node1#", "the exec mode")


class Leaving(ConfigCase):
    def test_asks(self):
        shell = self.shell()
        shell.run("ip sla 2")
        shell.run("tos 16")
        self.answer(shell, "end\r", QUESTION, "")
        self.assertEqual(shell.prompt(), "node1(config-ip-sla-echo)#")
        self.answer(shell, "\x1a", QUESTION, "cancel")
        self.assertEqual(shell.prompt(), "node1(config-ip-sla-echo)#")
        self.answer(shell, "end\r", QUESTION, "no")
        self.assertEqual(shell.prompt(), "node1#")
        self.assertNotIn("tos", self.running())
        shell.run("configure terminal")
        shell.run("ip sla 2")
        shell.run("tos 24")
        shell.run("exit")
        self.assertIn("Running configuration is now generation 2",
                      self.answer(shell, "exit\r", QUESTION, "yes"))
        self.assertEqual(shell.prompt(), "node1#")
        self.assertIn(" tos 24", self.running())

    def test_without_changes(self):
        shell = self.shell()
        self.assertEqual(shell.run("commit"), ["% No configuration changes to commit."])
        shell.run("end")
        self.assertEqual(shell.prompt(), "node1#")
        self.assertIn("no candidate", shell.run("show configuration diff")[0])


class Commits(ConfigCase):
    def test_commit_survives(self):
        shell = self.shell()
        shell.run("ip sla 2")
        shell.run("tos 8")
        self.assertEqual(shell.run("commit comment mark  the new site"),
                         ["Running configuration is now generation 2"])
        shell.run("end")
        shown = shell.run("show archive")
        self.assertIn("mark  the new site", "\n".join(shown))
        self.assertIn("running", shown[2])
        self.assertIn(" tos 8", self.node.file.read_text())
        self.node.stop(signal.SIGKILL)
        self.node.start()
        self.assertIn("lost", "".join(shell.run("")))
        self.assertIn(" tos 8", shell.run("show run"), self.node.log())
        self.assertNotIn(" tos 8", shell.run("show archive 1"))

    def test_rollback(self):
        shell = self.shell()
        for tos in (8, 16):
            shell.run("ip sla 2")
            shell.run(f"tos {tos}")
            shell.run("commit")
        shell.run("end")
        shell.run("rollback 2")
        self.assertNotIn(" tos", self.running())
        shell.run("rollback 1")
        self.assertIn(" tos 16", self.running())
        self.assertRegex(shell.run("rollback 30")[0], "^% .*30")

    def test_confirmed_in_time(self):
        for word in ("confirm", "commit"):
            with self.subTest(word):
                shell = self.shell()
                shell.run("ip sla 2")
                shell.run("tos " + ("8" if word == "confirm" else "16"))
                shown = shell.run("commit confirmed 2 comment on trial")
                self.assertIn("It is rolled back in 2 minutes unless confirmed", shown)
                self.assertRegex(shell.prompt(), r"^node1\[confirm [12]:\d\d\]\(config\)#$")
                self.assertIn("running", shell.run(word)[0].lower())
                self.assertEqual(shell.prompt(), "node1(config)#")
                shell.run("end")
                self.assertIn(" tos", self.node.file.read_text())

    def test_from_exec_mode(self):
        shell = self.shell()
        shell.run("ip sla 2")
        shell.run("tos 8")
        shell.run("commit confirmed 1")
        shell.run("end")
        self.assertRegex(shell.prompt(), r"^node1\[confirm")
        self.assertEqual(shell.run("conf"), ["% Incomplete command.", ""])
        shell.run("confirm")
        self.assertEqual(shell.prompt(), "node1#")
        shell.run("rollback 1 confirmed 5")
        self.assertRegex(shell.prompt(), r"^node1\[confirm")
        self.assertNotIn(" tos", self.running())

    def test_a_restart_undoes_what_was_not_confirmed(self):
        shell = self.shell()
        shell.run("ip sla 2")
        shell.run("tos 8")
        shell.run("commit confirmed 10")
        self.assertIn(" tos 8", self.running())
        self.node.stop(signal.SIGKILL)
        self.node.start()
        self.assertNotIn(" tos 8", self.running())
        shell.run("")
        self.assertEqual(shell.prompt(), "node1#")
        self.assertIn("rolled back", "\n".join(shell.run("show archive")))


class TwoPeople(ConfigCase):
    def test_they_learn_of_each_other(self):
        one, two = self.shell(), self.shell(configures=False)
        shown = two.run("configure terminal")
        self.assertTrue([row for row in shown if "is editing too" in row], shown)
        self.assertTrue([row for row in one.run("") if "begins to edit" in row])

    def test_no_change_is_lost(self):
        one, two = self.shell(), self.shell()
        one.run("ip sla 2")
        one.run("tos 8")
        two.run("ip sla 1")
        two.run("tag theirs")
        self.assertIn("generation 2", two.run("commit")[-1])
        self.assertTrue([row for row in one.run("") if "rebase" in row])
        self.assertRegex("".join(one.run("commit")), "^% .*rebase")
        self.assertNotIn(" tos 8", self.running())
        self.assertEqual(one.run("rebase"), ["The changes stand on generation 2"])
        diff = one.run("show configuration diff")
        self.assertIn("+ tos 8", diff)
        self.assertNotIn("theirs", "".join(row for row in diff if row[:1] in "+-"))
        self.assertIn("generation 3", one.run("commit")[-1])
        self.assertIn(" tos 8", self.running())
        self.assertIn(" tag theirs", self.running())

    def test_without_changes_of_ones_own(self):
        one, two = self.shell(), self.shell()
        two.run("ip sla 1")
        two.run("tag theirs")
        two.run("commit")
        self.assertTrue([row for row in one.run("") if "committed" in row])
        one.run("ip sla 2")
        one.run("tos 8")
        self.assertIn("generation 3", one.run("commit")[-1])
        self.assertIn(" tag theirs", self.running())


class Lost(ConfigCase):
    def test_candidate(self):
        shell = self.shell()
        shell.run("ip sla 2")
        shell.run("tos 8")
        self.node.stop()
        shown = shell.run("")
        self.assertTrue([row for row in shown if "lost" in row])
        self.assertTrue([row for row in shown if "nothing of it was committed" in row], shown)
        self.assertEqual(shell.prompt(), "node1#")
        self.node.start()
        self.assertNotIn(" tos 8", shell.run("show run"))


class Scripts(ConfigCase):
    def test_commit(self):
        done = self.script("configure terminal", "ip sla 30", " icmp-echo 192.0.2.7", "  frequency 9",
                           "ip sla schedule 30 life forever start-time now", "! done",
                           "commit comment by a script", "end", "show run | include sla 30$")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "Running configuration is now generation 2\nip sla 30\n")

    def test_a_refused_line(self):
        done = self.script("configure terminal", "ip sla 30", " icmp-echo 192.0.2.7", " tos 999",
                           "commit", "end")
        self.assertEqual(done.returncode, 3)
        self.assertTrue(done.stderr.startswith("line 4:  tos 999\n"), done.stderr)
        self.assertEqual(done.stderr.splitlines()[1].index("^"), len("line 4:  tos "))
        self.assertIn("stopped at line 4", done.stderr)
        self.assertNotIn("sla 30", self.running())

    def test_forgotten_commit(self):
        for end in (["end"], ["exit", "exit"], []):
            done = self.script("configure terminal", "ip sla 2", "tos 8", *end)
            self.assertEqual(done.returncode, 3, end)
            self.assertIn("uncommitted changes", done.stderr)
        self.assertNotIn("tos", self.running())

    def test_what_does_not_hold_together(self):
        done = self.script("configure terminal", "ip sla 30", "commit", "end")
        self.assertEqual(done.returncode, 4)
        self.assertIn("30", done.stderr)
        self.assertNotIn("sla 30", self.running())

    def test_many_lines(self):
        lines = [line for number in range(100, 900)
                 for line in (f"ip sla {number}", " icmp-echo 192.0.2.7", "  frequency 60")]
        done = self.script("configure terminal", *lines, "commit", "end", "show run | count ^ip sla")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("= 803", done.stdout)


if __name__ == "__main__":
    CANDOR, CANDORD = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
