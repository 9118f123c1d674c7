# SPDX-License-Identifier: Apache-2.0
"""The third part of the demo: the first way to a server is cut far away, and traffic moves to the backup and back."""
import time

CONFIGURATION = """ip sla 1
 icmp-echo 203.0.113.1
 frequency 1
 timeout 300
 threshold 300
ip sla schedule 1 life forever start-time now
ip sla 2
 icmp-echo 203.0.113.1
 frequency 1
 timeout 300
 threshold 300
ip sla schedule 2 life forever start-time now
track 1 ip sla 1 reachability
 delay up 2
track 2 ip sla 2 reachability
ip route 203.0.113.0 255.255.255.0 198.51.100.2 track 1
ip route 203.0.113.0 255.255.255.0 198.51.100.6 10 track 2
"""
PICTURE = """
            198.51.100.2  first router  ---- the cut ----.
  client  <                                                >  server 203.0.113.1
            198.51.100.6  second router -----------------'
"""
MOVE_LIMIT_S, RETURN_LIMIT_S = 2.5, 4.5  # frequency, timeout, delay, and a busy machine


class Story:
    """What happens, with the seconds at which it did."""

    def __init__(self, screen):
        self._screen, self._began = screen, time.monotonic()

    def tell(self, text):
        self._screen.say(f"{time.monotonic() - self._began:6.2f} s  {text}")


def wait_way(traffic, way, seconds):
    """Seconds until traffic goes that way; None: it does not in time."""
    began = time.monotonic()
    while traffic.by() != way:
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.01)
    return time.monotonic() - began


def show(screen, ways, node, *words):
    screen.say()
    screen.say(screen.bold("candor show " + " ".join(words)))
    screen.say(node.run("show", *words).stdout.rstrip())
    screen.say(screen.bold("ip route show proto 167"))
    screen.say(ways.routes().rstrip())
    screen.say()


def act(screen, ways, node, traffic):
    """How many claims did not hold."""
    story = Story(screen)
    story.tell("a request every 10 ms to the server, which says where it came from")
    if wait_way(traffic, 1, 10) is None:
        story.tell(screen.bad("traffic does not take the first way"))
        return 1
    story.tell("traffic goes by the first router")
    show(screen, ways, node, "track", "brief")
    time.sleep(1.0)
    story.tell(screen.bold("CUT between the first router and the server: no link of the client goes down"))
    cut_at = time.monotonic()
    ways.cut()
    moved_s = wait_way(traffic, 2, 10)
    if moved_s is None:
        story.tell(screen.bad("traffic does not move"))
        return 1
    story.tell(screen.good(f"traffic goes by the second router, {moved_s:.2f} s after the cut"))
    silent_s = traffic.silence(cut_at)
    show(screen, ways, node, "ip", "route", "track-table")
    story.tell(screen.bold("MENDED; the probes of the first way still test it, though its route is gone"))
    mended_at = time.monotonic()
    ways.mend()
    back_s = wait_way(traffic, 1, 15)
    if back_s is None:
        story.tell(screen.bad("traffic does not come back"))
        return 1
    story.tell(screen.good(f"traffic is back on the first router, {back_s:.2f} s later (delay up 2)"))
    lost_s = traffic.silence(mended_at)
    show(screen, ways, node, "track", "1")
    screen.say("What candord said of it:")
    for line in node.process.err.splitlines():
        if " track: " in line or " route: " in line:
            screen.say("  " + line.split("candord: ", 1)[1])
    screen.say()
    claims = [(f"without answers while it moved: {silent_s:.2f} s (at most {MOVE_LIMIT_S})", silent_s <= MOVE_LIMIT_S),
              (f"on the way back: {lost_s:.2f} s (at most 0.9)", lost_s <= 0.9),
              (f"back after {back_s:.2f} s (2 to {RETURN_LIMIT_S})", 2 <= back_s <= RETURN_LIMIT_S)]
    for claim, is_true in claims:
        verdict = screen.good("yes") if is_true else screen.bad("NO")
        screen.say(f"  {claim:<68}{verdict}")
    return sum(not is_true for _, is_true in claims)


def run(screen):
    """The exit code."""
    from candorlab import failover, product

    ways = failover.TwoWays()
    traffic = None
    try:
        screen.say(PICTURE)
        screen.say(CONFIGURATION.rstrip())
        screen.say()
        node = product.Node(ways.lab, ways.client, CONFIGURATION)
        traffic = failover.Traffic(ways)
        failed = act(screen, ways, node, traffic)
    finally:
        if traffic:
            traffic.close()
        ways.close()
    if failed:
        screen.say(screen.bad(f"{failed} claims about failing over did not hold."))
    else:
        screen.say(screen.good("Traffic moved to the backup and came back."))
    return 1 if failed else 0
