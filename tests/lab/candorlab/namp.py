# SPDX-License-Identifier: Apache-2.0
"""A NAMP/1 client of the tests' own (docs/namp.md), over the Unix socket of a node: it shares no code with
the program under test."""
import os
import socket
import ssl
import struct
import time

GET, LIST, SET, DELETE, RUN, WATCH, UNWATCH = range(1, 8)
VERBS = {"get": GET, "list": LIST, "set": SET, "delete": DELETE, "run": RUN, "watch": WATCH,
         "unwatch": UNWATCH}
HELLO, REQUEST, REPLY, EVENT, ACK, REPORT, BYE = range(7)
KIND, ID, SUBJECT, CODE, BODY, FLAGS = range(6)


def head(major, value):
    """Type and argument in the shortest form."""
    if value < 24:
        return bytes([major << 5 | value])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | extra]) + value.to_bytes(size, "big")
    raise ValueError(value)


def encode(value):
    """Core deterministic CBOR (RFC 8949 section 4.2.1) of what JSON has."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    pairs = sorted((encode(k), encode(v)) for k, v in value.items())
    return head(5, len(pairs)) + b"".join(k + v for k, v in pairs)


class Reader:
    """Decodes one item after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def item(self):
        first = self.take(1)[0]
        major, extra = first >> 5, first & 31
        if major == 7:
            return self.simple(extra)
        value = extra if extra < 24 else int.from_bytes(self.take(1 << extra - 24), "big")
        if major == 0:
            return value
        if major == 1:
            return -1 - value
        if major in (2, 3):
            octets = self.take(value)
            return octets if major == 2 else octets.decode()
        if major == 4:
            return [self.item() for _ in range(value)]
        return {self.item(): self.item() for _ in range(value)}

    def simple(self, extra):
        if extra in (20, 21, 22):
            return {20: False, 21: True, 22: None}[extra]
        size, code = {25: (2, "e"), 26: (4, "f"), 27: (8, "d")}[extra]
        return struct.unpack(">" + code, self.take(size))[0]


class Closed(Exception):
    """The node has ended the session: its bye, or None."""

    def __init__(self, bye=None):
        super().__init__(f"closed: {bye}")
        self.bye = bye


def tls_connect(host, address, port, identity=None, alpn=("namp/1",), newest=None, trusts_all=False,
                seconds=20):
    """A TLS connection from a host of the lab, by Python's own library; no identity: no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if newest:
        context.maximum_version = newest
    if identity:
        context.load_cert_chain(os.path.join(identity, "cert.pem"), os.path.join(identity, "key.pem"))
    if trusts_all or not identity:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    else:
        context.load_verify_locations(os.path.join(identity, "ca.pem"))
    with host.entered():
        plain = socket.create_connection((address, port), seconds)
    return context.wrap_socket(plain, server_hostname=address)


class Session:
    """One session: requests, and the events that came meanwhile."""

    def __init__(self, path, uid=None, seconds=20, sock=None):
        self.seconds = seconds
        self.sock = sock or socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(seconds)
        self.events, self.last_id, self.buffer = [], 0, b""
        if sock is None:
            self._connect(path, uid)
        self.send({KIND: HELLO, BODY: {"version": [1, 0], "software": "lab", "name": "lab"}})
        self.hello = self.receive()[BODY]

    def _connect(self, path, uid):
        if uid is not None:
            os.seteuid(uid)  # the kernel tells the node who connects
        try:
            self.sock.connect(path)
        finally:
            if uid is not None:
                os.seteuid(0)

    @classmethod
    def over_tls(cls, host, address, port, identity, seconds=20):
        """A session from a host of the lab, with the files of an identity folder."""
        return cls(None, seconds=seconds, sock=tls_connect(host, address, port, identity, seconds=seconds))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, message):
        octets = encode(message)
        self.sock.sendall(len(octets).to_bytes(4, "big") + octets)

    def _read(self, n):
        while len(self.buffer) < n:
            more = self.sock.recv(1 << 16)
            if not more:
                raise Closed
            self.buffer += more
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def receive(self):
        """The next message; a bye is raised."""
        length = int.from_bytes(self._read(4), "big")
        message = Reader(self._read(length)).item()
        if message[KIND] == BYE:
            raise Closed(message)
        return message

    def ask(self, verb, path, **body):
        """(code, document) of a request."""
        self.last_id += 1
        message = {KIND: REQUEST, ID: self.last_id, SUBJECT: path,
                   CODE: verb if isinstance(verb, int) else VERBS[verb]}
        if body:
            message[BODY] = body
        self.send(message)
        while True:
            got = self.receive()
            if got[KIND] == EVENT:
                self.events.append(got)
            else:
                assert got[KIND] == REPLY and got[ID] == self.last_id, got
                return got[CODE], got[BODY]

    def good(self, verb, path, **body):
        """The document of a request that must succeed."""
        code, document = self.ask(verb, path, **body)
        assert code == 200, (verb, path, code, document)
        return document

    def watch(self, path, **body):
        """The id of a new watch."""
        self.good("watch", path, **body)
        return self.last_id

    def event(self, seconds=None):
        """The next event, (id, code, path, body), or None when none comes in time."""
        if not self.events:
            self.sock.settimeout(seconds or self.seconds)
            try:
                self.events.append(self.receive())
            except TimeoutError:
                return None
            finally:
                self.sock.settimeout(self.seconds)
        got = self.events.pop(0)
        assert got[KIND] == EVENT, got
        return got[ID], got[CODE], got[SUBJECT], got[BODY]

    def event_where_none(self, seconds, path):
        """None when no event about `path` comes within `seconds`, else the event."""
        end = time.monotonic() + seconds
        self.events = [e for e in self.events if e[SUBJECT] != path]
        while (left := end - time.monotonic()) > 0:
            got = self.event(left)
            if got and got[2] == path:
                return got
        return None

    def event_where(self, fits, seconds=20):
        """The first event that fits; others are passed over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.event(max(0.01, end - time.monotonic()))
            if got and fits(*got):
                return got
        raise AssertionError(f"no such event within {seconds} s")
