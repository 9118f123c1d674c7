#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sealed datagrams between two candord, and between them a wire that the test holds in its hands: it
delivers, repeats, reorders, forges and keeps for later."""
import contextlib
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from candorlab import case, product  # noqa: E402
from candorlab.path import A4, B4, Lab  # noqa: E402
from candorlab.wait import wait_for  # noqa: E402

PORT, WIRE = 1670, 1671
ARRIVES_S = 5
SILENCE_S = 0.4
SEED = int(os.environ.get("CANDOR_TEST_SEED", "167"))
CONFIGURATION = """hostname {name}
key chain FLEET
 key 7
  key-string 0 of-the-lab-0123456789abcdef0123456789abcdef
namp
 udp port {port}
 datagram key-chain FLEET
 peer {peer} address {address} port {wire} {kind}
"""


class Wire:
    """One end of it: whatever the node of this host sends to its peer arrives here."""

    def __init__(self, host, address):
        self.node = (address, PORT)
        with host.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((address, WIRE))

    def take(self, seconds=ARRIVES_S):
        """The next datagram of the node, or None."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        return self.socket.recv(2048)

    def put(self, *datagrams):
        """Hand them to the node."""
        for octets in datagrams:
            self.socket.sendto(octets, self.node)

    def close(self):
        self.socket.close()


def envelope(octets):
    """(sender, boot, sequence) of a datagram: the header is readable to everybody."""
    kid = octets.index(b"\x06\x48")
    sequence = struct.unpack_from(">Q", octets, kid + 2)[0]
    at = octets.index(b"\x3a\x00\x01\x11\x70") + 5
    sender = octets[at + 1:at + 1 + (octets[at] & 0x1f)].decode()
    at = octets.index(b"\x3a\x00\x01\x11\x72\x1a") + 6
    return sender, struct.unpack_from(">I", octets, at)[0], sequence


class DatagramsTest(unittest.TestCase):
    """docs/namp.md section 5"""

    def setUp(self):
        self.lab = Lab(emulated=False)
        self.addCleanup(self.lab.close)
        self.wires = {"near": Wire(self.lab.a, A4), "far": Wire(self.lab.b, B4)}
        for wire in self.wires.values():
            self.addCleanup(wire.close)
        self.nodes = {}
        self.start("near")
        self.start("far")

    def start(self, name):
        host, address = (self.lab.a, A4) if name == "near" else (self.lab.b, B4)
        peer, kind = ("far", "inform") if name == "near" else ("near", "trap")
        text = CONFIGURATION.format(name=name, port=PORT, wire=WIRE, peer=peer, address=address,
                                    kind=kind)
        self.nodes[name] = product.Node(self.lab, host, text, name=name)

    def stop(self, name, killed=False):
        """End a node; the state that it leaves behind."""
        node = self.nodes[name]
        if killed:
            for pid in node.process.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            node.process.wait_exit()
        else:
            node.process.stop()
        return node.state

    def restart(self, name, killed=False):
        """On the same state."""
        state = self.stop(name, killed)
        os.rename(state, os.path.join(self.lab.folder, f"{len(self.lab.processes)}-{name}.state"))
        self.start(name)

    def show(self, name, *words):
        done = self.nodes[name].run("show", *words, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def counters(self, name):
        return self.show(name, "namp")["datagrams"]

    def notices(self, name):
        """Texts of the notices that came from the peer, in the order of arrival."""
        return [m["text"] for m in self.show(name, "messages", "1000")["items"]
                if m["type"] == "notice" and m["from"]]

    def say(self, name, text):
        """A notice to the peer: the datagram that is on the wire now."""
        peer = "far" if name == "near" else "near"
        done = self.nodes[name].run("notice", "to", peer, text)
        self.assertEqual(done.returncode, 0, done.stderr)
        octets = self.wires[name].take()
        self.assertIsNotNone(octets, "nothing on the wire")
        self.assertNotIn(text.encode(), octets)
        return octets

    def wait_counter(self, name, key, value):
        wait_for(lambda: self.counters(name)[key] == value, ARRIVES_S, f"{key} {value} at {name}")

    def assert_silent(self, name):
        self.assertIsNone(self.wires[name].take(SILENCE_S), "an answer")

    def test_inform_is_delivered_acknowledged_and_not_replayed(self):
        said = self.say("near", "line 3 is moved")
        self.wires["far"].put(said)
        ack = self.wires["far"].take()
        self.assertIsNotNone(ack)
        self.assertEqual(self.notices("far"), ["line 3 is moved"])
        self.wires["near"].put(ack)
        self.wait_counter("near", "informs_acknowledged", 1)
        self.wires["far"].put(said, said, said)
        self.wait_counter("far", "refused_replayed", 3)
        self.wires["near"].put(ack)
        self.wait_counter("near", "refused_replayed", 1)
        self.wires["near"].put(said)  # back to who sealed it
        self.wait_counter("near", "refused_receiver", 1)
        self.assert_silent("far")
        self.assert_silent("near")
        self.assertEqual(self.notices("far"), ["line 3 is moved"])
        peer = self.show("near", "namp", "peers")["items"][0]
        self.assertEqual((peer["name"], peer["informs_waiting"], peer["received"]), ("far", 0, 1))

    def test_copies_until_acknowledged(self):
        first = self.say("near", "hear me")
        second = self.wires["near"].take()
        self.assertEqual(envelope(second)[2], envelope(first)[2] + 1)
        self.wires["far"].put(second)
        lost = self.wires["far"].take()
        self.assertIsNotNone(lost)
        third = self.wires["near"].take()
        self.wires["far"].put(third, first)
        self.wait_counter("far", "duplicates", 2)  # each is answered, none acted on
        acks = [self.wires["far"].take(), self.wires["far"].take()]
        self.wires["near"].put(*acks)
        self.wait_counter("near", "informs_acknowledged", 1)
        self.wait_counter("near", "acks_unexpected", 1)
        self.assertEqual(self.notices("far"), ["hear me"])

    def test_reordered(self):
        said = [self.say("far", f"notice {n}") for n in range(70)]
        self.wires["near"].put(*reversed(said[40:]))
        self.wait_counter("near", "delivered", 30)
        self.assertEqual(self.notices("near"), [f"notice {n}" for n in range(69, 39, -1)])
        self.wires["near"].put(*said)  # six of them are 64 or more behind the newest
        self.wait_counter("near", "received", 100)
        after = self.counters("near")
        self.assertEqual((after["delivered"], after["refused_replayed"]), (64, 36))
        self.assert_silent("near")

    def test_receiver_restarts(self):
        for killed in (False, True):
            with self.subTest(killed=killed):
                said = [self.say("far", f"{killed} {n}") for n in range(4)]
                before = len(self.notices("near"))
                self.wires["near"].put(said[2])
                wait_for(lambda: len(self.notices("near")) == before + 1, ARRIVES_S, "delivery")
                self.restart("near", killed)
                self.wires["near"].put(*said[:3])  # two of them never came
                self.wait_counter("near", "refused_replayed", 3)
                self.assertEqual(len(self.notices("near")), before + 1)
                self.wires["near"].put(said[3])
                self.wait_counter("near", "delivered", 1)
                self.assertEqual(self.notices("near")[-1], f"{killed} 3")

    def test_sender_restarts(self):
        early, kept = self.say("far", "early"), self.say("far", "kept back")
        self.wires["near"].put(early)
        self.wait_counter("near", "delivered", 1)
        self.restart("far")
        late = self.say("far", "late")
        self.assertGreater(envelope(late)[1], envelope(early)[1])
        self.assertEqual(envelope(late)[2], 1)
        self.wires["near"].put(late)
        self.wait_counter("near", "delivered", 2)
        self.wires["near"].put(kept, early)
        self.wait_counter("near", "refused_boot", 2)
        self.assertEqual(self.notices("near"), ["early", "late"])
        self.assert_silent("near")

    def test_strangers_get_no_answer(self):
        print(f"seed {SEED} (set CANDOR_TEST_SEED to change)")
        chance = random.Random(SEED)
        said = self.say("near", "whole")
        sent = 0
        for _ in range(200):
            octets = bytearray(said)
            octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
            self.wires["far"].put(bytes(octets), chance.randbytes(chance.randrange(1400)))
            sent += 2
            if sent % 50 == 0:  # no more than its socket holds
                self.wait_counter("far", "received", sent)
        counters = self.counters("far")
        refused = sum(n for key, n in counters.items() if key.startswith("refused_"))
        self.assertEqual((refused, counters["delivered"]), (sent, 0))
        self.assertGreater(counters["refused_authentication"], 20)
        self.assert_silent("far")
        self.wires["far"].put(said)  # and left no trace
        self.assertIsNotNone(self.wires["far"].take())
        self.assertEqual(self.notices("far"), ["whole"])

    def test_damaged_marks(self):
        said = self.say("far", "before")
        self.wires["near"].put(said)
        self.wait_counter("near", "delivered", 1)
        state = self.stop("near")
        with open(os.path.join(state, "namp-marks"), "r+b") as file:
            file.seek(30)
            octet = file.read(1)[0]
            file.seek(30)
            file.write(bytes([octet ^ 1]))
        os.rename(state, os.path.join(self.lab.folder, f"{len(self.lab.processes)}-near.state"))
        self.start("near")
        shown = self.show("near", "namp")
        self.assertIsNone(shown["datagrams"])
        self.assertIn("'namp-marks'", shown["udp"]["error"])
        self.assertNotEqual(self.nodes["near"].run("notice", "to", "far", "x").returncode, 0)
        os.unlink(os.path.join(self.nodes["near"].state, "namp-marks"))
        self.nodes["near"].process.signal(signal.SIGHUP)
        wait_for(lambda: self.show("near", "namp")["datagrams"], ARRIVES_S, "datagrams again")
        self.wires["near"].put(self.say("far", "after"))
        self.wait_counter("near", "delivered", 1)


if __name__ == "__main__":
    case.main()
