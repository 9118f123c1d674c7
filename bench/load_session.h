/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with an IP SLA responder, for the load generator. */
#ifndef CANDOR_BENCH_LOAD_SESSION_H
#define CANDOR_BENCH_LOAD_SESSION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a flow carries, and by which control exchange its session is opened. */
enum load_probe {
	LOAD_PLAIN,   /* datagrams of no protocol, no session */
	LOAD_ECHO,    /* version 1, udp-echo: type 1 */
	LOAD_JITTER,  /* version 1, udp-jitter: type 2 */
	LOAD_JITTER3, /* version 1, udp-jitter: type 3 with the short tail */
	LOAD_V2,      /* version 2: type 3 with the long tail */
	LOAD_PROBES,
};

/* The kind of that name, or LOAD_PROBES. */
enum load_probe load_probe_named(const char *name);

/* Ask the responder of ``target`` (whose port is that of the probes) for a session of the unconnected
 * socket ``fd``; three tries of a second each.  False: it was refused, or nobody answered. */
bool load_session_open(int fd, enum load_probe probe, const struct sockaddr_in *target);

/* Header of the probe with this number; octets behind it stay.  Its length, or -ENOBUFS. */
ssize_t load_probe_encode(enum load_probe probe, uint16_t number, uint8_t *buf, size_t cap);

#endif
