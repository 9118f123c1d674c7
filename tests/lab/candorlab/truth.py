# SPDX-License-Identifier: Apache-2.0
"""What the path did to each probe of one run, from the emulator's log, and the figures that follow."""
import struct
from dataclasses import dataclass, field

MS, US = 10**6, 10**3

# Where the sender's number stands in the payload: (offset, format)
LAYOUTS = {"ms": (12, "!H"), "us-v1": (52, "!H"), "us-v2": (52, "!I")}


@dataclass
class Trip:
    """One probe: there, and back if it came that far."""

    number: int
    there: dict = None               # the record that left towards the responder
    there_lost: bool = False
    back: list = field(default_factory=list)  # records that left towards the sender
    back_lost: bool = False

    @property
    def is_answered(self):
        return bool(self.back)

    @property
    def rtt_ns(self):
        return self.there["residence_ns"] + self.back[0]["residence_ns"]


def udp_trips(records, port, layout):
    """Trips by the sender's number, from UDP records to and from the responder's `port`."""
    offset, form = LAYOUTS[layout]
    trips = {}
    for record in records:
        if record["proto"] != "udp" or "dport" not in record:
            continue
        out = record["dir"] == "ab" and record["dport"] == port
        back = record["dir"] == "ba" and record["sport"] == port
        data = bytes.fromhex(record["data"])
        if not (out or back) or len(data) < offset + struct.calcsize(form):
            continue
        number = struct.unpack_from(form, data, offset)[0]
        trip = trips.setdefault(number, Trip(number))
        if record["act"] == "drop":
            trip.there_lost |= out
            trip.back_lost |= back
        elif out and trip.there is None:
            trip.there = record
        elif back:
            trip.back.append(record)
    return [trips[n] for n in sorted(trips)]


def of_run(records, result):
    """The records of the run that made `result`: its own time, with 10 ms of grace."""
    start = result["started_at_ns"]
    end = start + result["duration_ns"]
    return [r for r in records if start - 10 * MS <= r["in_ns"] <= end + 10 * MS]


def single_rtt(records, proto, port=None):
    """From the entry of the one packet of a single-packet operation into the path to the exit of its
    answer: with the turnaround, which these protocols do not carry.  None when it was not answered.
    For TCP the handshake's first two packets."""
    chosen = {}
    for r in records:
        if r["proto"] != proto or r["act"] == "drop":
            continue
        if port and port not in (r.get("sport"), r.get("dport")):
            continue
        if proto == "tcp" and not r.get("flags", 0) & 2:
            continue
        if proto == "icmp" and r.get("type") not in (0, 8):
            continue
        if proto == "icmp6" and r.get("type") not in (128, 129):
            continue
        chosen.setdefault(r["dir"], r)
    return chosen["ba"]["out_ns"] - chosen["ab"]["in_ns"] if len(chosen) == 2 else None


def stats(values):
    """n, sum, min, max as the products report them."""
    return {"n": len(values), "sum": sum(values), "min": min(values, default=0),
            "max": max(values, default=0)}


def rtt(trips):
    return stats([t.rtt_ns for t in trips if t.is_answered])


def turnaround_max(trips):
    """The longest that host b kept a probe.  A part of it may follow the reading of T3, which the
    responder cannot know: a busy machine shows it in a maximum."""
    return max((t.back[0]["in_ns"] - t.there["out_ns"] for t in trips if t.is_answered), default=0)


def oneway(trips, offset_ns=0):
    """One-way delays as two clocks would show them when the responder's is `offset_ns` ahead."""
    answered = [t for t in trips if t.is_answered]
    return (stats([t.there["residence_ns"] + offset_ns for t in answered]),
            stats([t.back[0]["residence_ns"] - offset_ns for t in answered]))


def losses(trips):
    """Lost towards the responder, lost on the way back, and lost behind the last answer."""
    answered = [t.number for t in trips if t.is_answered]
    last = max(answered, default=0)
    sd = [t.number for t in trips if t.there is None and t.number <= last]
    ds = [t.number for t in trips if t.there and not t.back and t.number <= last]
    tail = [t.number for t in trips if not t.back and t.number > last]
    return {"sd": sd, "ds": ds, "tail": tail}


def jitter_sd(trips):
    """Differences of delay towards the responder, of neighbours that were both answered."""
    by_number = {t.number: t for t in trips if t.is_answered}
    return [by_number[n].there["residence_ns"] - by_number[n - 1].there["residence_ns"]
            for n in sorted(by_number) if n - 1 in by_number]


def jitter_ds(trips):
    """Differences of delay back, of answers that the responder sent one after the other."""
    reached = [t for t in trips if t.there]
    reached.sort(key=lambda t: t.there["out_ns"])
    return [b.back[0]["residence_ns"] - a.back[0]["residence_ns"]
            for a, b in zip(reached, reached[1:]) if a.is_answered and b.is_answered]
