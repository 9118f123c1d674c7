#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each process of a running candord cannot do, shown by making it try (inject.c), and that all of them
go on with their work."""
import os
import pwd
import re
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, namp, product  # noqa: E402
from candorlab.path import B4, Lab, program  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

CONFIGURATION = """ip sla responder
ip sla responder udp-echo port 5000
ip sla responder settings
 control-sctp enable
logging host {target}
hook H
 command none
ip sla 1
 udp-echo {target} 5000 control disable
 frequency 1
 timeout 500
 threshold 500
ip sla schedule 1 life forever start-time now
"""
FAR = "ip sla responder\nip sla responder udp-echo port 5000\n"
NAMED = """ip sla 2
 udp-echo localhost 5000 control disable
 frequency 1
 timeout 500
 threshold 500
ip sla schedule 2 life forever start-time now
"""
KEPT = {10: "NET_BIND_SERVICE", 12: "NET_ADMIN", 13: "NET_RAW", 21: "SYS_ADMIN", 23: "SYS_NICE"}
CONTROL_FD_STATE = 3 + 5  # candord/control.h
AT_FDCWD, O_RDONLY, O_RDWR, WRITE_NEW = -100, 0, 2, 0o101
AF_UNIX, AF_INET, AF_NETLINK, AF_PACKET = 1, 2, 16, 17
STREAM, DATAGRAM, RAW, NONBLOCK = 1, 2, 3, 0o4000
LANDLOCK_TCP, LANDLOCK_SIGNALS = 4, 6  # the versions that restrict these

# What no process that reads from strangers may do: by the filter of system calls.
NEVER = [
    ("execve str:/bin/true 0 0", "EPERM"),
    ("execveat -100 str:/bin/true 0 0 0", "EPERM"),
    ("clone 17 0 0 0 0", "EPERM"),
    ("clone3 0 0", "ENOSYS"),
    ("ptrace 16 {parent} 0 0", "EPERM"),
    ("process_vm_readv {parent} 0 0 0 0 0", "EPERM"),
    ("kill {parent} 0", "EPERM"),
    ("kill 1 0", "EPERM"),
    ("tgkill {parent} {parent} 0", "EPERM"),
    ("tkill {parent} 0", "EPERM"),
    ("pidfd_open {parent} 0", "EPERM"),
    ("mmap 0 4096 5 0x22 -1 0", "EPERM"),   # PROT_READ | PROT_EXEC, private and anonymous
    ("mprotect 0 4096 4", "EPERM"),         # PROT_EXEC
    ("setuid 0", "EPERM"),
    ("setresuid 0 0 0", "EPERM"),
    ("setgid 0", "EPERM"),
    ("setgroups 0 0", "EPERM"),
    ("capset 0 0", "EPERM"),
    ("prctl 4 1 0 0 0", "EPERM"),           # PR_SET_DUMPABLE
    ("mount str:none str:{elsewhere} str:tmpfs 0 0", "EPERM"),
    ("umount2 str:{elsewhere} 0", "EPERM"),
    ("pivot_root str:/ str:/", "EPERM"),
    ("chroot str:/", "EPERM"),
    ("unshare 0x40000000", "EPERM"),
    ("setns 3 0", "EPERM"),
    ("bpf 0 0 0", "EPERM"),
    ("perf_event_open 0 0 0 0 0", "EPERM"),
    ("io_uring_setup 1 0", "EPERM"),
    ("userfaultfd 0", "EPERM"),
    ("add_key str:user str:x str:y 1 -3", "EPERM"),
    ("init_module 0 0 str:", "EPERM"),
    ("reboot 0 0 0 0", "EPERM"),
    ("sethostname str:x 1", "EPERM"),
    ("symlinkat str:/etc -100 str:{elsewhere}/link", "EPERM"),
    ("fchmodat -100 str:{victim} 511", "EPERM"),
    ("fchownat -100 str:{victim} 1 1 0", "EPERM"),
    (f"socket {AF_NETLINK} {RAW} 0", "EPERM"),
    (f"socket {AF_PACKET} {RAW} 0", "EPERM"),
    (f"socket {AF_INET} {RAW} 1", "EPERM"),
    ("landlock_create_ruleset 0 0 1", "EPERM"),
    ("seccomp 0 0 0", "EPERM"),
]

# The engine and the SCTP process have no file, and no other process to talk to.
NO_FILES = [
    (f"openat {AT_FDCWD} str:/etc/passwd {O_RDONLY} 0", "EPERM"),
    (f"openat {AT_FDCWD} str:{{config}} {O_RDONLY} 0", "EPERM"),
    (f"openat {AT_FDCWD} str:{{elsewhere}}/new {WRITE_NEW} 0600", "EPERM"),
    (f"openat {AT_FDCWD} str:/proc/self/mem {O_RDWR} 0", "EPERM"),
    ("unlinkat -100 str:{victim} 0", "EPERM"),
    ("renameat -100 str:{victim} -100 str:{elsewhere}/old", "EPERM"),
    ("memfd_create str:x 0", "EPERM"),
    (f"socket {AF_UNIX} {STREAM} 0", "EPERM"),
]

# Control has its state folder: what is beyond is refused by Landlock.
BEYOND_STATE = [
    (f"openat {AT_FDCWD} str:{{config}} {O_RDONLY} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:/etc/passwd {O_RDONLY} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:/ {O_RDONLY} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:{{victim}} {O_RDWR} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:/proc/self/mem {O_RDWR} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:{{elsewhere}}/new {WRITE_NEW} 0600", "EACCES"),
    ("unlinkat -100 str:{victim} 0", "EACCES"),
    (f"openat {CONTROL_FD_STATE} str:../candor-new {WRITE_NEW} 0600", "EACCES"),
    ("mkdirat -100 str:{elsewhere}/new 448", "EACCES"),
]

# The courier reads the files of name resolution, and no other.
COURIER = [
    (f"openat {AT_FDCWD} str:{{config}} {O_RDONLY} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:/etc/passwd {O_RDONLY} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:{{victim}} {O_RDWR} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:/proc/self/mem {O_RDWR} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:{{elsewhere}}/new {WRITE_NEW} 0600", "EACCES"),
]
COURIER_CALLS = [
    ("unlinkat -100 str:{victim} 0", "EPERM"),
    ("renameat -100 str:{victim} -100 str:{elsewhere}/old", "EPERM"),
    ("mkdirat -100 str:{elsewhere}/new 448", "EPERM"),
    ("memfd_create str:x 0", "EPERM"),
]

# Hooks start programs: what neither they nor a program of theirs may do.
HOOKS = [
    ("ptrace 16 {parent} 0 0", "EPERM"),
    ("process_vm_readv {parent} 0 0 0 0 0", "EPERM"),
    ("mount str:none str:{elsewhere} str:tmpfs 0 0", "EPERM"),
    ("umount2 str:{elsewhere} 0", "EPERM"),
    ("pivot_root str:/ str:/", "EPERM"),
    ("chroot str:/", "EPERM"),
    ("unshare 0x10000000", "EPERM"),
    ("setns 3 0", "EPERM"),
    ("bpf 0 0 0", "EPERM"),
    ("perf_event_open 0 0 0 0 0", "EPERM"),
    ("io_uring_setup 1 0", "EPERM"),
    ("userfaultfd 0", "EPERM"),
    ("add_key str:user str:x str:y 1 -3", "EPERM"),
    ("init_module 0 0 str:", "EPERM"),
    ("reboot 0 0 0 0", "EPERM"),
]

# The broker has files and programs; it keeps four capabilities at most and no way to others.
BROKER = [
    ("setuid 12345", "EPERM"),
    ("setgid 12345", "EPERM"),
    ("setgroups 0 0", "EPERM"),
    ("mount str:none str:{elsewhere} str:tmpfs 0 0", "EPERM"),
    ("chroot str:/", "EPERM"),
    ("unshare 0x40000000", "EPERM"),
    ("ptrace 16 1 0 0", "EPERM"),
    ("reboot 0 0 0 0", "EPERM"),
    ("fchownat -100 str:{victim} 1 1 0", "EPERM"),
]

# Nor does it change a file elsewhere, though it be root's.
BROKER_FILES = [
    (f"openat {AT_FDCWD} str:{{victim}} {O_RDWR} 0", "EACCES"),
    (f"openat {AT_FDCWD} str:{{elsewhere}}/new {WRITE_NEW} 0600", "EACCES"),
    ("unlinkat -100 str:{victim} 0", "EACCES"),
    ("mknodat -100 str:{elsewhere}/disk 0x61b0 0x800", "EACCES"),
    (f"openat {AT_FDCWD} str:/proc/self/mem {O_RDWR} 0", "EACCES"),
]


def status(pid):
    """/proc/PID/status as a map."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return dict(re.split(r":\s*", line.strip(), maxsplit=1) for line in f if ":" in line)


def children(pid):
    """{role: process identifier} of a candord."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return {status(child)["Name"]: int(child) for child in f.read().split()}


@unittest.skipUnless(os.path.exists(program("inject")), "not built for this architecture")
class ConfinementTest(unittest.TestCase):
    """One candord with all of its processes."""

    def setUp(self):
        self.lab = Lab(emulated=False)
        self.addCleanup(self.lab.close)
        self.elsewhere = tempfile.TemporaryDirectory(prefix="candor-elsewhere-")
        self.addCleanup(self.elsewhere.cleanup)
        self.victim = os.path.join(self.elsewhere.name, "victim")
        with open(self.victim, "w", encoding="ascii"):
            os.chmod(self.elsewhere.name, 0o777)  # nothing but confinement protects it
            os.chmod(self.victim, 0o666)
        self.far = product.Node(self.lab, self.lab.b, FAR, name="far")
        self.node = product.Node(self.lab, self.lab.a, CONFIGURATION.format(target=B4), name="near")
        self.broker = self.node.process.pid
        wait_for(self.all_confined, 10, "processes")
        self.pids = {**children(self.broker), "broker": self.broker}

    def all_confined(self):
        """All of them are there, and have come so far."""
        found = children(self.broker)
        return set(found) >= {"engine", "control", "sctp", "courier", "hooks"} and \
            all(status(pid)["Seccomp"] == "2" for pid in found.values())

    def inject(self, pid, *calls):
        """What each call (words of a text) returned in the process: a number or the name of an error."""
        words = " , ".join(calls).split(" ")
        done = self.lab.a.run([program("inject"), str(pid), *words], check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [line.split()[1] for line in done.stdout.splitlines()]

    def refused(self, role, table):
        """Every call of the table fails as it says."""
        words = {"parent": self.broker, "config": self.node.file, "victim": self.victim,
                 "elsewhere": self.elsewhere.name, **self.pids}
        calls = [call.format(**words) for call, _error in table]
        got = self.inject(self.pids[role], *calls)
        self.assertEqual([*zip(calls, got)],
                         [(call.format(**words), error) for call, error in table])

    def landlock(self):
        """Version of Landlock in this kernel; 0: none."""
        got = self.inject(self.broker, "landlock_create_ruleset 0 0 1")[0]
        return int(got) if got.isdigit() else 0

    def goes_on(self):
        """Operations run, answers come, the configuration changes, names resolve."""
        before = self.node.show("statistics", 1)["successes"]
        wait_for(lambda: self.node.show("statistics", 1)["successes"] >= before + 2, 15, "two more runs")
        self.assertTrue(self.node.show("responder")["enabled"])
        with namp.Session(self.node.socket) as session:
            answer = session.good("run", "config/candidate", action="edit", lines=NAMED.splitlines())
            self.assertIsNone(answer["error"], answer)
            session.good("run", "config/candidate", action="commit")
        with open(self.node.file, encoding="utf-8") as f:
            self.assertIn("udp-echo localhost 5000 control disable", f.read())
        wait_for(lambda: self.node.show("statistics", 2)["successes"] >= 1, 15, "a run to a name")
        os.kill(self.broker, signal.SIGHUP)
        self.node.process.wait_output("configuration: .* changed", 10)
        with namp.Session(self.node.socket) as session:
            self.assertEqual(session.hello["identity"], "local:" + pwd.getpwuid(os.getuid()).pw_name)
        self.assertIsNone(self.node.process.exit_code)
        self.assertEqual({**children(self.broker), "broker": self.broker}, self.pids)

    def test_what_they_cannot_do(self):
        version = self.landlock()
        self.refused("engine", NEVER + NO_FILES)
        self.refused("sctp", NEVER + NO_FILES)
        self.refused("control", NEVER)
        self.refused("courier", NEVER + COURIER_CALLS)
        self.refused("hooks", HOOKS)
        if version:
            self.refused("control", BEYOND_STATE)
            self.refused("courier", COURIER)
            self.refused("broker", BROKER_FILES)
        else:
            print("this kernel has no Landlock: what control may open is not tested", file=sys.stderr)
        if version >= LANDLOCK_SIGNALS:
            self.refused("broker", [("kill 1 0", "EPERM"), ("kill {engine} 0", "EPERM")])
            self.refused("hooks", [("kill {parent} 0", "EPERM"), ("kill {control} 0", "EPERM")])
        self.refused("broker", BROKER)
        said = self.node.run("show", "version").stdout
        self.assertIn(f"landlock {version}" if version else "no landlock", said)
        self.assertEqual(os.listdir(self.elsewhere.name), ["victim"])
        self.goes_on()

    def test_control_connects_nowhere(self):
        """TCP to a name server only; no port is bound."""
        if self.landlock() < LANDLOCK_TCP:
            self.skipTest("the kernel's Landlock does not know TCP")
        control = self.pids["control"]
        address = "".join(f"{int(part):02x}" for part in B4.split("."))
        for what, error in ((f"connect {{}} hex:02000050{address}{'00' * 8} 16", "EACCES"),
                            (f"connect {{}} hex:02000035{address}{'00' * 8} 16", "EINPROGRESS"),
                            (f"bind {{}} hex:02001388{'00' * 12} 16", "EACCES")):
            fd = self.inject(control, f"socket {AF_INET} {STREAM | NONBLOCK} 0")[0]
            self.assertEqual(self.inject(control, what.format(fd), f"close {fd}"), [error, "0"], what)
        self.assertIsNone(self.node.process.exit_code)

    def test_what_the_kernel_says(self):
        """Capabilities, NO_NEW_PRIVS and filters of every process."""
        for role, pid in self.pids.items():
            s = status(pid)
            with self.subTest(role):
                self.assertEqual(s["NoNewPrivs"], "1")
                if role == "broker":
                    kept = sum(1 << bit for bit in KEPT)
                    for which in ("CapEff", "CapPrm", "CapBnd"):
                        self.assertEqual(int(s[which], 16) & ~kept, 0, which)
                    self.assertEqual(int(s["CapInh"], 16) | int(s["CapAmb"], 16), 0)
                    continue
                self.assertEqual(s["Seccomp"], "2")
                for which in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
                    self.assertEqual(int(s[which], 16), 0, which)
                # that of the SCTP process, which the broker starts later, is the broker's
                limit = sum(1 << bit for bit in KEPT) if role == "sctp" else 0
                self.assertEqual(int(s["CapBnd"], 16) & ~limit, 0)

    def test_users_are_apart(self):
        """Where there are users to change to, nobody is the broker's, and its children cannot read the state."""
        if status(self.pids["control"])["Uid"] == status(self.broker)["Uid"]:
            self.skipTest("this user namespace has one user")
        self.assertNotIn("0", status(self.pids["engine"])["Uid"].split())
        for role in ("control", "courier", "hooks"):
            self.assertNotIn("0", status(self.pids[role])["Uid"].split())
        self.assertEqual(self.inject(self.broker, f"openat -100 str:{self.node.state} {O_RDONLY} 0",
                                     f"kill {self.pids['control']} 0"), ["EACCES", "EPERM"])


if __name__ == "__main__":
    case.main()
