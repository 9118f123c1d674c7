#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The object tree of a running candord over NAMP: every verb on every path by each role, actions that
are seen on the wire, and watches that lose nothing without saying so."""
import os
import pwd
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, namp, product  # noqa: E402
from candorlab.path import Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

ROLES = ["none", "viewer", "operator", "administrator"]
VERBS = ["get", "list", "set", "delete", "run", "watch"]
PING = """ip sla {number}
 icmp-echo {target}
 timeout 500
 threshold 500
 frequency {frequency}
"""
SCHEDULE = "ip sla schedule {number} life forever start-time {start}\n"


def ping(number, target="192.0.2.2", frequency=1, start="now"):
    """An operation, scheduled unless `start` is None."""
    text = PING.format(number=number, target=target, frequency=frequency)
    return text + (SCHEDULE.format(number=number, start=start) if start else "")


class ObjectCase(unittest.TestCase):
    """A node on one side of a path."""

    def lab_with(self, configuration):
        self.lab = Lab((), seed=3)
        self.addCleanup(self.lab.close)
        self.lab.a.sysctl("net.ipv4.ping_group_range", "0 0")
        self.node = product.Node(self.lab, self.lab.a, configuration)

    def session(self, uid=None):
        found = namp.Session(self.node.socket, uid)
        self.addCleanup(found.close)
        return found


class RoleTest(ObjectCase):
    """What the node's own list of paths says is what it does, for every role."""

    def users(self):
        """{role: uid}, uid 0 for the administrator."""
        names = dict(zip(ROLES, ("daemon", "bin", "sys")))
        try:
            found = {role: pwd.getpwnam(name).pw_uid for role, name in names.items()}
            for uid in found.values():
                os.seteuid(uid)
                os.seteuid(0)
        except (KeyError, OSError) as e:
            self.skipTest(f"this test becomes other users: {e}")
        return found | {"administrator": 0}, names

    def open_to_all(self):
        os.chmod(self.lab.folder, 0o711)
        os.chmod(self.node.socket, 0o666)

    def expected(self, row, verb, role):
        least = row[verb]
        if role == "none":
            return {403}
        if least is None:
            return {405}
        if ROLES.index(role) < ROLES.index(least):
            return {403}
        # allowed: what there is answers, what there is not is 404, a request without sense 400 to 422
        return {200} if verb in ("list", "watch") else {200, 400, 404, 409, 422}

    def test_every_verb_on_every_path_by_each_role(self):
        uids, names = self.users()
        users = "".join(f" user local:{name} role {role}\n" for role, name in names.items())
        track = "track 1 ip sla 1 reachability\n"
        self.lab_with(ping(1) + ping(2, start=None) + track + "namp\n" + users)
        self.open_to_all()
        with self.session() as administrator:
            wait_for(lambda: administrator.ask("get", "sla/result/1/latest")[0] == 200, 10,
                     "first run of operation 1")
            rows = administrator.good("list", "", limit=1000)["items"]
            audited = len(self.audit(administrator))
        self.assertGreater(len(rows), 20)
        changes = 0
        for role in ROLES:
            for row in rows:
                changes += self.ask_all(row, role, uids[role])
        with self.session() as administrator:
            administrator.good("run", "sla/statistics", action="clear")
            entries = self.audit(administrator)[audited:]
        entered = len(entries) + sum(e["left_out"] for e in entries) - 1
        self.assertEqual(entered, changes,
                         "every change and every attempt is in the audit log, or counted there")
        self.assertTrue(any(e["left_out"] for e in entries), "attempts have a budget")
        self.assertEqual({e["role"] for e in entries}, set(ROLES))
        self.assertTrue(all(e["code"] == 403 for e in entries if e["role"] == "none"))

    def audit(self, session):
        rows, after = [], 0
        while after is not None:
            page = session.good("list", "audit", after=after, limit=1000)
            rows += page["items"]
            after = page["next"]
        return rows

    def ask_all(self, row, role, uid):
        """Every verb on one path; how many of them were changes."""
        changes = 0
        with namp.Session(self.node.socket, uid) as session:
            self.assertEqual(session.hello["role"], role)
            for verb in VERBS:
                number = "1" if verb in ("get", "list", "watch") else "999999999"
                code, body = session.ask(verb, row["path"].replace("#", number))
                with self.subTest(path=row["path"], verb=verb, role=role):
                    self.assertIn(code, self.expected(row, verb, role), body)
                    if code >= 400:
                        self.assertTrue(body["text"])
                changes += verb in ("set", "delete", "run")
        return changes

    def test_strangers_and_candord_itself(self):
        uids, _names = self.users()
        self.lab_with(ping(1) + "namp\n")
        self.open_to_all()
        with self.session(uids["viewer"]) as session:
            self.assertEqual(session.hello["role"], "viewer", "a user whom nobody named looks")
        with self.session() as session:
            self.assertEqual((session.hello["role"], session.hello["identity"]),
                             ("administrator", "local:root"))


class ActionTest(ObjectCase):
    """Start, stop, restart and probe, as the path sees them."""

    def pings(self):
        """Echo requests that have passed so far."""
        return sum(r["proto"] == "icmp" and r["dir"] == "ab" for r in self.lab.emulator.records())

    def run_action(self, session, number, action, want=200):
        code, body = session.ask("run", f"sla/operation/{number}", action=action)
        self.assertEqual(code, want, body)
        return body

    def test_start_and_stop(self):
        self.lab_with(ping(1, start="pending"))
        session = self.session()
        session.watch("sla/operation/1")
        session.watch("sla/result")

        def runs(count):
            """Wait for `count` more runs of operation 1."""
            for _ in range(count):
                session.event_where(lambda _i, _c, path, _b: path == "sla/result/1/latest")

        self.assertEqual(self.pings(), 0)
        self.assertEqual(self.run_action(session, 1, "start")["state"], "active")
        session.event_where(lambda _i, _c, path, body: path == "sla/operation/1"
                            and body["object"]["state"] == "active")
        runs(2)
        self.assertGreaterEqual(self.pings(), 2)
        self.assertEqual(self.run_action(session, 1, "stop")["state"], "inactive")
        before = self.pings()
        self.assertIsNone(session.event_where_none(2.5, "sla/result/1/latest"))
        self.assertEqual(self.pings(), before, "nothing is sent after a stop")
        self.assertEqual(session.good("get", "sla/operation/1")["state"], "inactive")
        # a probe runs although it is stopped, and changes nothing else
        self.assertEqual(self.run_action(session, 1, "probe")["sense"], "ok")
        self.assertEqual(self.pings(), before + 1)
        self.assertEqual(session.good("get", "sla/operation/1")["state"], "inactive")
        # the same schedule with another setting: it stays stopped; another schedule ends that
        session.good("set", "sla/operation/1", lines=["threshold 400"])
        self.assertEqual(session.good("get", "sla/operation/1")["state"], "inactive")
        session.good("set", "sla/operation/1", lines=["tag changed"],
                     schedule="life 3600 start-time now")
        wait_for(lambda: session.good("get", "sla/operation/1")["state"] == "active", 5, "a new life")
        wait_for(lambda: self.pings() > before + 1, 5, "its packets")

    def test_restart_and_clear(self):
        self.lab_with(ping(1) + ping(2))
        session = self.session()

        def counted(number):
            return session.good("get", f"sla/statistics/{number}")["runs"]

        for number in (1, 2):
            wait_for(lambda n=number: counted(n) >= 2, 10, f"two runs of operation {number}")
        self.assertEqual(self.run_action(session, 1, "restart")["state"], "active")
        self.assertLess(counted(1), 2)
        self.assertGreaterEqual(counted(2), 2)
        self.assertEqual(session.good("run", "sla/statistics", action="clear")["cleared"], 2)
        self.assertLess(counted(2), 2)
        self.assertIsNotNone(session.good("get", "sla/statistics/2")["last_reset_at_ns"])
        wait_for(lambda: counted(1) >= 1 and counted(2) >= 1, 10, "runs after a new beginning")

    def test_refusals(self):
        self.lab_with(ping(1, target="192.0.2.99", frequency=30, start=None))
        session = self.session()
        self.assertIn("no schedule", self.run_action(session, 1, "start", 409)["text"])
        self.run_action(session, 1, "jump", 400)
        self.run_action(session, 7, "start", 404)
        other = self.session()
        session.send({namp.KIND: namp.REQUEST, namp.ID: 99, namp.SUBJECT: "sla/operation/1",
                      namp.CODE: namp.RUN, namp.BODY: {"action": "probe"}})
        wait_for(lambda: self.node_counters(other)["runs_started"] > 0, 5, "the run of the probe")
        self.assertIn("run of operation 1 is on", self.run_action(other, 1, "probe", 409)["text"])
        answer = session.receive()  # of the target that is not there
        self.assertEqual((answer[namp.ID], answer[namp.CODE]), (99, 200))
        self.assertNotEqual(answer[namp.BODY]["sense"], "ok")

    def node_counters(self, session):
        return session.good("get", "counters")["runner"]

    def test_operations_come_change_and_go(self):
        self.lab_with("hostname near\n")
        session = self.session()
        watch = session.watch("sla/operation")
        session.good("set", "sla/operation/5", lines=["icmp-echo 192.0.2.2", "frequency 5"],
                     schedule="life forever start-time now")
        session.event_where(lambda i, code, path, body: (i, code, path) == (watch, 200, "sla/operation/5")
                            and body["object"]["state"] == "active")
        wait_for(lambda: self.pings() >= 1, 10, "first packet of the new operation")
        code, body = session.ask("set", "sla/operation/5", lines=["frequency 0"])
        self.assertEqual(code, 422, body)
        self.assertTrue(body["errors"][0]["text"])
        session.good("delete", "sla/operation/5")
        session.event_where(lambda i, code, path, _b: (i, code, path) == (watch, 410, "sla/operation/5"))
        self.assertEqual(session.ask("get", "sla/operation/5")[0], 404)
        with open(self.node.file, encoding="utf-8") as f:
            self.assertNotIn("icmp-echo", f.read(), "committed to the file")


class WatchTest(ObjectCase):
    """Watches during real runs."""

    def test_events_are_what_a_list_says(self):
        self.lab_with(ping(1) + ping(2))
        session = self.session()
        rows = session.watch("sla/statistics", initial=True)
        first = [session.event()[2] for _ in range(2)]
        self.assertEqual(sorted(first), ["sla/statistics/1", "sla/statistics/2"])
        _id, _code, path, body = session.event_where(
            lambda i, _c, _p, b: i == rows and b["object"]["sense"] == "ok")
        listed = session.good("list", "sla/statistics")["items"]
        row = next(r for r in listed if r["number"] == int(path.rsplit("/", 1)[1]))
        self.assertEqual(sorted(row), sorted(body["object"]))
        session.good("unwatch", "sla/statistics", watch=rows)
        session.events.clear()
        self.assertIsNone(session.event(2.5), "nothing after the end of a watch")

    def test_a_configuration_that_changes(self):
        self.lab_with(ping(1, start=None))
        session, other = self.session(), self.session()
        watch = session.watch("config/running")
        other.good("set", "sla/operation/3", lines=["icmp-echo 192.0.2.2"])
        got = session.event_where(lambda i, _c, _p, b: i == watch and b["object"]["change"] == "commit")
        self.assertEqual(got[3]["object"]["who"], "local:root")
        with open(self.node.file, "a", encoding="utf-8") as f:
            f.write(ping(4, start=None))
        self.node.process.signal(signal.SIGHUP)
        session.event_where(lambda i, _c, _p, b: i == watch and b["object"]["change"] == "reload")
        other.good("run", "config/candidate", action="edit", lines=["hostname other"])
        session.event_where(lambda i, _c, _p, b: i == watch and b["object"]["change"] == "edit")

    def test_a_slow_watcher_is_told_what_it_missed(self):
        count = 10000
        one_run = ("ip sla {n}\n icmp-echo 127.0.0.1\n timeout 5000\n threshold 5000\n frequency 10\n"
                   "ip sla schedule {n} life 10 start-time after 00:00:05\n")
        self.lab_with("".join(one_run.format(n=n) for n in range(1, count + 1)))
        slow, other = self.session(), self.session()
        watch = slow.watch("sla/result")

        def received():
            return other.good("get", "counters")["node"]["results_received"]

        wait_for(lambda: received() >= count // 2, 60, "half of the runs")  # meanwhile nobody reads
        done = wait_for(lambda: self.all_are_done(other) and received(), 60, "the end of all runs")
        self.assertGreater(other.good("list", "namp/session")["items"][0]["events_missed"], 0)
        # what was missed is said before the next change that fits
        slow.sock.settimeout(30)
        slow.send({namp.KIND: namp.REQUEST, namp.ID: 777, namp.SUBJECT: "sla/operation/1",
                   namp.CODE: namp.RUN, namp.BODY: {"action": "probe"}})
        events, missed, statements = 0, 0, 0
        while True:
            got = slow.receive()
            if got[namp.KIND] == namp.REPLY:
                self.assertEqual((got[namp.ID], got[namp.CODE]), (777, 200), got)
                break
            self.assertEqual(got[namp.ID], watch)
            events, missed, statements = self.add_up(got, events, missed, statements)
        while events + missed < done + 1:
            events, missed, statements = self.add_up(slow.receive(), events, missed, statements)
        self.assertEqual(events + missed, received(), "every run was told, or said to be missed")
        self.assertEqual(received(), done + 1)
        self.assertGreater(missed, 0)
        self.assertGreater(statements, 0)
        self.assertGreater(events, statements)

    def all_are_done(self, session):
        use = session.good("get", "sla/application")
        return use["entries_active"] == 0 and use["entries_pending"] == 0

    def add_up(self, got, events, missed, statements):
        body = got[namp.BODY]
        if got[namp.CODE] == 206:
            self.assertGreater(body["missed"], 0)
            self.assertLessEqual(body["from_ns"], body["to_ns"])
            return events, missed + body["missed"], statements + 1
        self.assertEqual(got[namp.CODE], 200)
        return events + 1, missed, statements


if __name__ == "__main__":
    case.main()
