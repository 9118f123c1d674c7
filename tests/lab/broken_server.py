#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Name and DHCP servers that behave badly.

usage: broken_server.py dns|dhcp HOW
dns: hang, late (300 ms), garbage, wrong-id, refuse-tcp (truncated over UDP, nothing listens on TCP), close-early (truncated,
then half a message over TCP), hang-tcp, other-question
dhcp: hang, garbage, nak, no-ack, late-ack (700 ms)
It says "ready", then a line for each message: "release" for one that gives an address back.
"""
import socket
import struct
import sys
import time

OFFERED = bytes([192, 0, 2, 100])
SERVER = bytes([192, 0, 2, 2])


def say(text):
    print(text, flush=True)


def dns_reply(query, truncated=False):
    flags = 0x8400 | (0x0200 if truncated else 0)
    return query[:2] + struct.pack(">H", flags) + query[4:]


def dns_udp(how, sock, query, peer):
    reply = dns_reply(query, how in ("refuse-tcp", "close-early", "hang-tcp"))
    if how == "late":
        time.sleep(0.3)
    elif how == "garbage":
        reply = b"\xff" * 40
    elif how == "wrong-id":
        reply = bytes([query[0] ^ 1]) + reply[1:]
    elif how == "other-question":
        reply = reply[:13] + b"x" + reply[14:]
    if how != "hang":
        sock.sendto(reply, peer)


def dns(how):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", 53))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if how in ("close-early", "hang-tcp"):
        listener.bind(("0.0.0.0", 53))
        listener.listen()
    say("ready")
    while True:
        query, peer = sock.recvfrom(512)
        dns_udp(how, sock, query, peer)
        say("asked")
        if how not in ("close-early", "hang-tcp"):
            continue
        conn, _ = listener.accept()
        if how == "close-early":
            conn.recv(512)
            conn.sendall(struct.pack(">H", 100) + b"\0" * 20)
            conn.close()
        else:
            conn.recv(512)
            conn.recv(512)  # until the other side gives up


def dhcp_message(ask, kind):
    head = bytearray(ask[:240])
    head[0] = 2
    head[16:20] = bytes(4) if kind == 6 else OFFERED
    return bytes(head) + bytes([53, 1, kind, 54, 4]) + SERVER + bytes([51, 4, 0, 0, 0, 60, 255])


def dhcp(how):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", 67))
    say("ready")
    while True:
        ask, peer = sock.recvfrom(1500)
        kind = ask[242]
        say({1: "discover", 3: "request", 7: "release"}.get(kind, "?"))
        if how == "garbage":
            sock.sendto(b"\x02" * 300, peer)
        elif how != "hang" and kind == 1:
            sock.sendto(dhcp_message(ask, 2), peer)
        elif kind == 3 and how == "nak":
            sock.sendto(dhcp_message(ask, 6), peer)
        elif kind == 3 and how == "late-ack":
            time.sleep(0.7)
            sock.sendto(dhcp_message(ask, 5), peer)


if __name__ == "__main__":
    {"dns": dns, "dhcp": dhcp}[sys.argv[1]](sys.argv[2])
