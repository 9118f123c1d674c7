#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The configuration of a running candord: candidates, commits and confirmation over the Unix socket, two editors at
once, and kill -9 at any moment."""
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case  # noqa: E402
from candorlab.namp import Closed, Session  # noqa: E402
from candorlab.netns import Namespace  # noqa: E402
from candorlab.path import program  # noqa: E402
from candorlab.proc import Process  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

BLOCKS = 30
KILLS = 40
SEED = int(os.environ.get("CANDOR_TEST_SEED", "20"))
CANDIDATE, RUNNING = "config/candidate", "config/running"


def text_of(number):
    """A configuration that has its number in every block."""
    return f"hostname n{number}\n" + "".join(
        f"ip sla {i}\n icmp-echo 192.0.2.1\n tag t{number}\n" for i in range(1, BLOCKS + 1))


def number_of(text):
    """The number of a configuration; an AssertionError when it is a mixture of two."""
    found = set(re.findall(r"(?m)^(?:hostname n| tag t)(\d+)$", text))
    assert len(found) == 1 and text == text_of(found.copy().pop()), text
    return int(found.pop())


def is_gone(pid):
    """It does not run any more, whether anybody has asked for its exit code or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Node:
    """candord by itself: it can be killed and started again on what it left."""

    def __init__(self, folder, namespace, text):
        self.folder, self.namespace, self.starts = folder, namespace, 0
        self.file = folder / "candor.conf"
        self.file.write_text(text, encoding="utf-8")
        self.file.chmod(0o644)
        self.socket = str(folder / "socket")
        self.process = None
        self.start()

    def start(self):
        self.starts += 1
        Path(self.socket).unlink(missing_ok=True)
        env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
        self.process = Process(
            self.namespace, [program("candord"), "-f", self.file, "--socket", self.socket,
                             "--state", self.folder / "state", "--identity", self.folder / "identity"],
            str(self.folder), f"candord-{self.starts}", env)
        self.process.wait_output("ready", 20)

    def kill(self):
        """kill -9 of every process of it."""
        family = self.process.family()
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait_exit()
        wait_for(lambda: all(map(is_gone, family)), 10, "the end of every process")

    def session(self):
        return Session(self.socket)

    def text(self):
        """What runs."""
        with self.session() as s:
            return s.good("get", RUNNING)["text"]

    def archive(self):
        """(generation, state, who) of each row."""
        with self.session() as s:
            return [(r["generation"], r["state"], r["who"])
                    for r in s.good("list", "config/archive")["items"]]


def edit(session, *lines):
    answer = session.good("run", CANDIDATE, action="edit", lines=list(lines))
    assert answer["error"] is None, answer
    return answer


def commit(session, **more):
    return session.good("run", CANDIDATE, action="commit", **more)["generation"]


class Commit(unittest.TestCase):
    """One node for each test."""

    def node(self, text="hostname edge\nip sla 1\n icmp-echo 192.0.2.1\n"):
        folder = tempfile.TemporaryDirectory(prefix="candor-commit-")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        namespace = Namespace("commit")
        self.addCleanup(namespace.close)
        node = Node(Path(folder.name), namespace, text)
        self.addCleanup(lambda: node.process.stop())
        return node

    def test_survives_a_restart(self):
        node = self.node()
        with node.session() as s:
            answer = edit(s, "hostname core", "ip sla 2", "udp-echo 192.0.2.2 7")
            self.assertEqual(answer["mode"], "config-ip-sla-udp")
            self.assertEqual(commit(s, comment="second"), 2)
            self.assertEqual([r["number"] for r in s.good("list", "sla/operation")["items"]], [1, 2])
        want = "hostname core\nip sla 1\n icmp-echo 192.0.2.1\nip sla 2\n udp-echo 192.0.2.2 7\n"
        self.assertEqual(node.file.read_text(encoding="utf-8"), want)
        node.process.stop()
        node.start()
        self.assertEqual(node.text(), want)
        rows = node.archive()
        self.assertEqual([r[:2] for r in rows], [(2, "running"), (1, "archived")])
        self.assertTrue(rows[0][2].startswith("local:"))
        with node.session() as s:
            answer = s.good("run", RUNNING, action="rollback", number=1)
            self.assertEqual(answer["generation"], 3)
            self.assertEqual([r["number"] for r in s.good("list", "sla/operation")["items"]], [1])

    def test_one_operation_in_one_step(self):
        node = self.node()
        with node.session() as s:
            s.good("set", "sla/operation/7", lines=["icmp-echo 127.0.0.1", "frequency 1", "timeout 500",
                                                    "threshold 500"],
                   schedule="life forever start-time now")
            wait_for(lambda: s.good("get", "sla/statistics/7").get("latest"), 20, "a run")
            s.good("delete", "sla/operation/7")
            self.assertEqual(s.ask("get", "sla/operation/7")[0], 404)
            code, document = s.ask("set", "sla/operation/8", lines=["udp-echo 192.0.2.1"])
            self.assertEqual(code, 422)
            self.assertEqual(document["errors"][0]["line"], 1)

    def test_keys_stay(self):
        node = self.node()
        with node.session() as s:
            edit(s, "key chain K", "key 1", "key-string open sesame")
            commit(s)
            for path in (RUNNING, "config/archive/0"):
                self.assertIn("key-string <hidden>", s.good("get", path)["text"])
        self.assertIn("open sesame", node.file.read_text(encoding="utf-8"))
        self.assertEqual(node.file.stat().st_mode & 0o007, 0)
        node.process.stop()
        node.start()  # a file with keys that everybody can read would be refused

    def test_confirmed(self):
        node = self.node()
        before = node.file.read_bytes()
        with node.session() as s, node.session() as other:
            edit(s, "hostname tried")
            self.assertEqual(commit(s, confirm_minutes=5), 2)
            self.assertIn("hostname tried", node.text())
            self.assertEqual(node.file.read_bytes(), before)
            code, document = other.ask("run", RUNNING, action="reload")
            self.assertEqual(code, 409, document)
            self.assertEqual(s.good("run", RUNNING, action="confirm")["generation"], 2)
            self.assertIn("hostname tried", node.file.read_text(encoding="utf-8"))
            self.assertEqual(s.ask("run", RUNNING, action="confirm")[0], 409)

    def test_restart_before_the_confirmation(self):
        for how in ("kill", "stop"):
            with self.subTest(how):
                node = self.node()
                with node.session() as s:
                    edit(s, "hostname tried")
                    commit(s, confirm_minutes=5)
                    self.assertIn("hostname tried", node.text())
                node.kill() if how == "kill" else node.process.stop()
                node.start()
                self.assertIn("hostname edge", node.text())
                self.assertEqual([r[:2] for r in node.archive()], [(1, "running"), (2, "rolled back")])
                node.process.wait_output("not confirmed before the restart", 5)
                node.process.stop()
                node.start()
                self.assertNotIn("not confirmed", node.process.err)

    def test_time_is_over(self):
        node = self.node()
        with node.session() as s, node.session() as watcher:
            watcher.watch(RUNNING)
            edit(s, "hostname tried", "ip sla 2", "icmp-echo 192.0.2.2")
            commit(s, confirm_minutes=1)
            began = time.monotonic()
            self.assertIn("hostname tried", node.text())
            watcher.event_where(lambda _i, _c, _p, body: body.get("object", body).get("change") == "rollback",
                                90)
            self.assertGreater(time.monotonic() - began, 55)
            self.assertIn("hostname edge", node.text())
            self.assertEqual([r["number"] for r in s.good("list", "sla/operation")["items"]], [1])

    def test_two_editors(self):
        node = self.node()
        with node.session() as a, node.session() as b:
            b.watch(RUNNING)
            edit(a, "ip sla 10", "icmp-echo 192.0.2.10")
            editors = edit(b, "ip sla 20", "icmp-echo 192.0.2.20")["editors"]
            self.assertEqual([e["session"] for e in editors], [a.hello["session"]])
            self.assertEqual(len(edit(a)["editors"]), 1)
            commit(a)
            b.event_where(lambda _i, _c, _p, body: body.get("object", body).get("change") == "commit")
            code, document = b.ask("run", CANDIDATE, action="commit")
            self.assertEqual(code, 409, document)
            self.assertIn("rebase", document["text"])
            self.assertIsNone(b.good("run", CANDIDATE, action="rebase")["error"])
            self.assertEqual(b.good("get", "config/diff")["text"].count("\n+"), 2)
            commit(b)
            numbers = [r["number"] for r in b.good("list", "sla/operation")["items"]]
            self.assertEqual(numbers, [1, 10, 20])
        # A candidate ends with its session.
        with node.session() as a, node.session() as b:
            edit(a, "hostname lost")
            a.close()
            wait_for(lambda: not edit(b)["editors"], 10, "the end of the other's candidate")

    def test_file_changed_by_hand(self):
        node = self.node()
        with node.session() as s:
            edit(s, "ip sla 2", "icmp-echo 192.0.2.2")
            node.file.write_text("! by hand\nhostname hand\n", encoding="utf-8")
            code, document = s.ask("run", CANDIDATE, action="commit")
            self.assertEqual(code, 409, document)
            self.assertIn("by hand", document["text"])
            self.assertIn("! by hand", node.file.read_text(encoding="utf-8"))
            self.assertIn("hostname edge", node.text())
            s.good("run", RUNNING, action="reload")
            self.assertIn("hostname hand", node.text())
            self.assertEqual(s.ask("run", CANDIDATE, action="commit")[0], 409)
            self.assertIsNone(s.good("run", CANDIDATE, action="rebase")["error"])
            commit(s)
        self.assertEqual(node.text(), "hostname hand\nip sla 2\n icmp-echo 192.0.2.2\n")

    def test_reload_of_a_bad_file(self):
        node = self.node()
        node.file.write_text("hostname hand\nip sla 1\n icmp-echo\n", encoding="utf-8")
        with node.session() as s:
            code, document = s.ask("run", RUNNING, action="reload")
            self.assertEqual(code, 422, document)
            self.assertEqual([e["line"] for e in document["errors"]], [3])
            self.assertIn("hostname edge", node.text())
            node.file.unlink()
            code, document = s.ask("run", RUNNING, action="reload")
            self.assertEqual(code, 500, document)
            self.assertIn("No such file", document["text"])
            self.assertEqual([(r["code"], r["path"]) for r in s.good("list", "audit")["items"]],
                             [(422, RUNNING), (500, RUNNING)])

    def test_address_that_comes_later(self):
        node = self.node("hostname edge\nnamp\n tcp port 1670\n address 192.0.2.9\n")
        with node.session() as s:
            self.assertFalse(s.good("get", "namp")["tcp"]["open"])
            node.namespace.run(["ip", "address", "add", "192.0.2.9/32", "dev", "lo"])
            wait_for(lambda: s.good("get", "namp")["tcp"]["open"], 15, "the port of the address")

    def commit_for_ever(self, node, progress):
        """Commit number after number until the node is gone."""
        try:
            with node.session() as s:
                for number in range(progress["attempted"] + 1, 1 << 30):
                    s.good("set", CANDIDATE, text=text_of(number))
                    progress["attempted"] = number
                    if number % 4 == 0:
                        commit(s, confirm_minutes=5)
                        s.good("run", RUNNING, action="confirm")
                    else:
                        commit(s)
                    progress["done"] = number
        except (Closed, OSError, AssertionError):
            pass  # the node is gone, or half of it, which says so

    def test_killed_at_any_moment(self):
        print(f"seed {SEED} (set CANDOR_TEST_SEED to change)", file=sys.stderr)
        chance = random.Random(SEED)
        node = self.node(text_of(1))
        progress = {"attempted": 1, "done": 1}
        kept = took = 0
        for _ in range(KILLS):
            first = progress["attempted"]
            worker = threading.Thread(target=self.commit_for_ever, args=(node, progress))
            worker.start()
            wait_for(lambda: progress["attempted"] > first, 20, "a commit")
            threading.Event().wait(chance.uniform(0, 0.06))
            node.kill()
            worker.join(20)
            self.assertFalse(worker.is_alive())
            found = number_of(node.file.read_text(encoding="utf-8"))
            self.assertIn(found, (progress["done"], progress["attempted"]))
            kept, took = kept + (found == progress["done"]), took + (found != progress["done"])
            node.start()
            self.assertEqual(number_of(node.text()), found)
            rows = node.archive()
            self.assertEqual(rows[0][1], "running")
            self.assertFalse({r[1] for r in rows[1:]} - {"archived", "rolled back"})
            with node.session() as s:
                for i in range(min(len(rows), 4)):
                    number_of(s.good("get", f"config/archive/{i}")["text"])
            progress["done"] = found
        print(f"{progress['attempted']} commits, killed {kept} times before the moment, {took} behind it",
              file=sys.stderr)
        self.assertGreater(progress["attempted"], KILLS)


if __name__ == "__main__":
    case.main()
