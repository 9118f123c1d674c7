# SPDX-License-Identifier: Apache-2.0
"""Network namespaces without names: each lives as long as this process holds its descriptor, so that
nothing can be left behind.  Works as root, or as root of a user namespace of its own."""
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO = 0x1F, 0x24, 0x2C
MAX_NAMESPACES = 16

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def try_unshare():
    """None when this process may make network namespaces, else the reason why not."""
    pid = os.fork()
    if pid == 0:
        failed = _libc.unshare(CLONE_NEWNET) < 0
        os._exit(ctypes.get_errno() if failed else 0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return os.strerror(status) if status else None


class Namespace:
    """One network namespace, with its loopback up."""

    live = 0

    def __init__(self, name):
        if Namespace.live >= MAX_NAMESPACES:
            raise RuntimeError(f"more than {MAX_NAMESPACES} namespaces at once")
        self.name = name
        self._home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        _check(_libc.unshare(CLONE_NEWNET), "cannot make a network namespace")
        try:
            self._fd = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            _check(_libc.setns(self._home, CLONE_NEWNET), "cannot return to the first namespace")
        Namespace.live += 1
        # No address is tentative: neighbours are found from the first packet on.
        self.sysctl("net.ipv6.conf.default.dad_transmits", 0)
        self.ip("link set lo up")

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    def attach(self, name):
        """Give it a name, as `ip netns` has them, until detach().  None, or why that is not possible here."""
        done = self.run(["sh", "-c", f"exec ip netns attach {name} $$"], check=False)
        return done.stderr.strip() if done.returncode else None

    @staticmethod
    def detach(name):
        """Take a name away."""
        subprocess.run(["ip", "netns", "del", name], check=False, timeout=10, capture_output=True)

    def close(self):
        if self._fd is not None:
            os.close(self._fd)
            os.close(self._home)
            self._fd = None
            Namespace.live -= 1

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace meanwhile; sockets made here stay in it."""
        _check(_libc.setns(self._fd, CLONE_NEWNET), f"cannot enter {self.name}")
        try:
            yield
        finally:
            _check(_libc.setns(self._home, CLONE_NEWNET), f"cannot leave {self.name}")

    def argv(self, argv):
        """`argv` as run in the namespace; it dies with this process."""
        return ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net={self.path}", "--", *argv]

    def run(self, argv, timeout=30, check=True, **options):
        """Run to the end; a CompletedProcess with text output."""
        return subprocess.run(
            self.argv([str(a) for a in argv]), timeout=timeout, check=check, text=True,
            stdin=options.pop("stdin", subprocess.DEVNULL), capture_output=True, **options)

    def ip(self, *lines):
        """Lines for `ip -batch`."""
        done = subprocess.run(
            self.argv(["ip", "-batch", "-"]), input="\n".join(lines) + "\n", text=True,
            capture_output=True, timeout=30)
        if done.returncode:
            raise RuntimeError(f"ip in {self.name}: {done.stderr.strip()}\n" + "\n".join(lines))

    def sysctl(self, key, value):
        """Set a sysctl of the namespace."""
        with self.entered(), open("/proc/sys/" + key.replace(".", "/"), "w") as f:
            f.write(str(value))

    def counters(self, device):
        """Interface counters, e.g. rx_bytes, tx_bytes, rx_packets, tx_packets."""
        with self.entered(), open("/proc/thread-self/net/dev") as f:
            for line in f:
                name, _, rest = line.partition(":")
                if name.strip() == device:
                    v = [int(x) for x in rest.split()]
                    return {"rx_bytes": v[0], "rx_packets": v[1], "tx_bytes": v[8],
                            "tx_packets": v[9]}
        raise KeyError(device)

    def udp_mib(self, family=4):
        """UDP counters of the kernel: InDatagrams, InErrors, InCsumErrors…"""
        with self.entered():
            if family == 6:
                with open("/proc/thread-self/net/snmp6") as f:
                    rows = dict(line.split() for line in f)
                return {k[4:]: int(v) for k, v in rows.items() if k.startswith("Udp6")}
            with open("/proc/thread-self/net/snmp") as f:
                rows = [line.split() for line in f if line.startswith("Udp:")]
            return {k: int(v) for k, v in zip(rows[0][1:], rows[1][1:])}

    def serves_udp(self, port):
        """Whether a UDP socket is bound to the port."""
        with self.entered():
            for table in ("udp", "udp6"):
                with open(f"/proc/thread-self/net/{table}") as f:
                    if any(line.split()[1].endswith(f":{port:04X}") for line in list(f)[1:]):
                        return True
        return False

    def offload_off(self, device):
        """Every frame on its own: no segmentation and no merging in the card's place."""
        with self.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for command in (ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO):
                value = ctypes.create_string_buffer(struct.pack("II", command, 0))
                request = struct.pack("16sP", device.encode(), ctypes.addressof(value))
                fcntl.ioctl(s, SIOCETHTOOL, request)
