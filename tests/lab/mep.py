#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A maintenance end point on an interface: answers CFM loopback and delay messages, rightly or not.

usage: mep.py INTERFACE LEVEL [delay=MS] [garbage] [transaction] [level] [silent] [lossy]
"""
import socket
import struct
import sys
import time


def now():
    ns = time.time_ns()
    return struct.pack(">II", ns // 10**9, ns % 10**9)


def answer(frame, own, level, words):
    """The reply to a frame, or None."""
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    body = bytearray(frame[at:])
    if frame[at - 2:at] != b"\x89\x02" or body[0] >> 5 != level or frame[:6] != own:
        return None
    if body[1] == 47:  # DMM
        body[1] = 46
        body[12:20] = now()
    elif body[1] == 3:  # LBM
        body[1] = 2
    else:
        return None
    for word in words:
        if word.startswith("delay="):
            time.sleep(int(word[6:]) / 1000)
    if body[1] == 46:
        body[20:28] = now()
    if "transaction" in words:
        body[7] ^= 1
    if "level" in words:
        body[0] ^= 0x20
    if "garbage" in words:
        body = body[:7]
    return frame[6:12] + own + frame[12:at] + bytes(body)


def main():
    interface, level, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    # Every type, before the kernel takes tags off; they come as auxiliary data otherwise.
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((interface, 0))
    s.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA
    own = s.getsockname()[4]
    print("ready", flush=True)
    count = 0
    while True:
        frame, ancillary, _flags, _address = s.recvmsg(2048, 256)
        if len(frame) < 18:
            continue
        for kind, name, data in ancillary:
            status, _len, _snap, _mac, _net, tci, _tpid = struct.unpack("IIIHHHH", data[:20])
            if (kind, name) == (263, 8) and status & 16:
                frame = frame[:12] + b"\x81\x00" + struct.pack(">H", tci) + frame[12:]
        reply = answer(frame, own, level, words)
        if not reply:
            continue
        count += 1
        if "silent" not in words and not ("lossy" in words and count % 5 == 0):
            s.send(reply)


if __name__ == "__main__":
    main()
