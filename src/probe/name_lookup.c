/* SPDX-License-Identifier: Apache-2.0 */
/* One query, one reply, at most twice.  Nothing is sent again: a lost datagram is what is measured. */
#include "probe/name_lookup.h"

#include "wire/dns.h"

#include <errno.h>
#include <stdio.h>
#include <stdarg.h>
#include <string.h>

PRINTF_LIKE(3, 4)
static enum lookup_step fail(struct name_lookup *l, enum sla_sense sense, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(l->detail, sizeof(l->detail), fmt, args);
	va_end(args);
	l->sense = (uint8_t)sense;
	return LOOKUP_FAILED;
}

static enum lookup_step ended(struct name_lookup *l, struct probe_io *io, enum lookup_step step)
{
	name_lookup_stop(l, io);
	return step;
}

void name_lookup_stop(struct name_lookup *l, struct probe_io *io)
{
	if (l->flow)
		io->ops->close(io, l->flow);
	l->flow = NULL;
}

/* The name as text; false: it is too long to be one. */
static bool query_of(const struct name_lookup *l, const char *host, size_t len,
                     struct dns_query *ret)
{
	char name[256];

	*ret = (struct dns_query) { .id = l->id, .type = l->type };
	if (len >= sizeof(name))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return dns_name_parse(name, &ret->name) == 0;
}

static enum lookup_step ask(struct name_lookup *l, struct probe_io *io, const char *host,
                            size_t len, mono_t now)
{
	struct dns_query q;
	uint8_t packet[DNS_QUERY_OCTETS];
	struct stamp user;

	l->id = (uint16_t)io->ops->random(io);
	l->flow_error = 0;
	memset(&l->sample, 0, sizeof(l->sample));
	ssize_t octets =
	        query_of(l, host, len, &q) ? dns_query_encode(&q, packet, sizeof(packet)) : -EINVAL;

	if (octets < 0)
		return ended(l, io,
		             fail(l, SENSE_DNS_QUERY_ERROR, "\"%.*s\" is no name",
		                  len < 80 ? (int)len : 80, host));
	int rc = io->ops->send(io, l->flow, packet, (size_t)octets, NAME_LOOKUP_TOKEN + l->type,
	                       &user);

	if (rc < 0)
		return ended(l, io,
		             fail(l, SENSE_DNS_QUERY_ERROR, "cannot ask the name server: %s",
		                  strerror(-rc)));
	echo_sample_sent(&l->sample, now, &user);
	return LOOKUP_WAITS;
}

enum lookup_step name_lookup_start(struct name_lookup *l, struct op *op, struct probe_io *io,
                                   const char *host, size_t len, mono_t now)
{
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_UDP,
		.local.addr = p->source.family == p->name_server.family ? p->source
		                                                        : (struct inet_addr) { 0 },
		.peer = { p->name_server, DNS_PORT },
		.tos = p->tos,
	};

	*l = (struct name_lookup) { .type = p->source.family == INET_V6 ? DNS_AAAA : DNS_A };
	if (p->name_server.family == INET_NONE)
		return fail(l, SENSE_DNS_QUERY_ERROR,
		            "no name server is known: set name-server, or one in "
		            "/etc/resolv.conf");
	int rc = io->ops->open(io, op, &spec, &l->flow);

	if (rc < 0) {
		const char *why = io->ops->why(io);

		l->flow = NULL;
		return fail(l, SENSE_DNS_QUERY_ERROR, "%s", *why ? why : strerror(-rc));
	}
	return ask(l, io, host, len, now);
}

/* How long this query took.  After a step of the clock the stamps do not compare: then by what this process has
 * read. */
static void add_time(struct name_lookup *l, const struct op *op, const struct stamp *rx)
{
	struct sla_result sum = { 0 };

	echo_sample_reply(&l->sample, &op->params, rx, &sum);
	l->rtt_ns += sum.rtt_ns;
	l->err_ns += sum.instrument.rtt_err_ns;
}

static enum lookup_step take_reply(struct name_lookup *l, const struct op *op, struct probe_io *io,
                                   const char *host, size_t len, const struct dns_reply *reply,
                                   const struct probe_packet *packet, mono_t now)
{
	struct dns_record record;

	add_time(l, op, &packet->at);
	if (reply->rcode != DNS_NOERROR) {
		const char *name = dns_rcode_name(reply->rcode);

		return ended(l, io,
		             fail(l, SENSE_DNS_QUERY_ERROR, "%.*s: the name server says %s",
		                  len < 80 ? (int)len : 80, host, name ? name : "an error"));
	}
	if (dns_reply_find(packet->data, packet->len, reply, &record) == 0 &&
	    dns_record_addr(packet->data, packet->len, &record, &l->addr) == 0)
		return ended(l, io, LOOKUP_FOUND);
	if (l->type == DNS_A && op->params.source.family == INET_NONE) {
		l->type = DNS_AAAA;
		return ask(l, io, host, len, now);
	}
	return ended(l, io,
	             fail(l, SENSE_DNS_QUERY_ERROR, "%.*s has no address%s",
	                  len < 80 ? (int)len : 80, host,
	                  op->params.source.family == INET_V4   ? " of IPv4"
	                  : op->params.source.family == INET_V6 ? " of IPv6"
	                                                        : ""));
}

enum lookup_step name_lookup_on_packet(struct name_lookup *l, struct op *op, struct probe_io *io,
                                       const char *host, size_t len,
                                       const struct probe_packet *packet, mono_t now)
{
	struct dns_query q;
	struct dns_reply reply;

	/* What is no reply to the query may be by a stranger who guesses: the true one may still come. */
	if (!query_of(l, host, len, &q) ||
	    dns_reply_decode(packet->data, packet->len, &reply) < 0 ||
	    !dns_reply_matches(&reply, &q)) {
		l->sample.foreign++;
		return LOOKUP_WAITS;
	}
	return take_reply(l, op, io, host, len, &reply, packet, now);
}

enum lookup_step name_lookup_on_error(struct name_lookup *l, struct op *op, struct probe_io *io,
                                      int error)
{
	char server[INET_TEXT_MAX];

	l->flow_error = error;
	if (error != -ECONNREFUSED)
		return LOOKUP_WAITS;
	return ended(l, io,
	             fail(l, SENSE_DNS_QUERY_ERROR,
	                  "no name server answers at %s: port unreachable",
	                  inet_addr_format(&op->params.name_server, server)));
}

void name_lookup_on_sent(struct name_lookup *l, uint32_t token, const struct stamp *at)
{
	if (l->flow && token == NAME_LOOKUP_TOKEN + l->type)
		echo_sample_stamp(&l->sample, at);
}

enum lookup_step name_lookup_timed_out(struct name_lookup *l, struct op *op, struct probe_io *io)
{
	char server[INET_TEXT_MAX];

	inet_addr_format(&op->params.name_server, server);
	return ended(l, io,
	             l->sample.foreign
	                     ? fail(l, SENSE_DNS_SERVER_TIMEOUT,
	                            "what came from the name server %s is no answer", server)
	                     : fail(l, SENSE_DNS_SERVER_TIMEOUT,
	                            "no answer from the name server %s%s%s", server,
	                            l->flow_error ? ": " : "",
	                            l->flow_error ? strerror(-l->flow_error) : ""));
}
