/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums of one quantity, and the names of what qualifies a result. */
#include "sla/result.h"

#include <string.h>

/* ``a`` is within the limit. */
static int64_t limited_sum(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		sum = b;
	if (sum > SUM_STATS_LIMIT_NS)
		return SUM_STATS_LIMIT_NS;
	return sum < -SUM_STATS_LIMIT_NS ? -SUM_STATS_LIMIT_NS : sum;
}

void sum_stats_add(struct sum_stats *s, int64_t value_ns)
{
	uint64_t magnitude = value_ns < 0 ? 0 - (uint64_t)value_ns : (uint64_t)value_ns;

	if (s->n == 0 || value_ns < s->min_ns)
		s->min_ns = value_ns;
	if (s->n == 0 || value_ns > s->max_ns)
		s->max_ns = value_ns;
	s->n++;
	s->sum_ns = limited_sum(s->sum_ns, value_ns);
	s->sum2_ns2 += (unsigned __int128)magnitude * magnitude;
}

void sum_stats_merge(struct sum_stats *into, const struct sum_stats *from)
{
	if (from->n == 0)
		return;
	if (into->n == 0 || from->min_ns < into->min_ns)
		into->min_ns = from->min_ns;
	if (into->n == 0 || from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
	into->n += from->n;
	into->sum_ns = limited_sum(into->sum_ns, from->sum_ns);
	into->sum2_ns2 += from->sum2_ns2;
}

int64_t sum_stats_avg_ns(const struct sum_stats *s)
{
	if (s->n == 0)
		return 0;
	int64_t n = (int64_t)s->n;
	int64_t avg = s->sum_ns / n;

	return s->sum_ns % n < 0 ? avg - 1 : avg;
}

bool sla_type_has_jitter(uint8_t type)
{
	return type == SLA_UDP_JITTER || type == SLA_ICMP_JITTER || type == SLA_ETHERNET_JITTER;
}

const struct sum_stats *sla_result_rtts(const struct sla_result *r)
{
	const struct path_hop *target;

	if (sla_type_has_jitter(r->type))
		return &r->jitter.rtt;
	target = r->type == SLA_PATH_JITTER ? path_target(&r->path) : NULL;
	return target ? &target->rtt : NULL;
}

size_t sla_result_size(const struct sla_result *r)
{
	switch ((enum sla_type)r->type) {
	case SLA_UDP_JITTER:
	case SLA_ETHERNET_JITTER:
		return SLA_RESULT_HEAD + sizeof(r->jitter);
	case SLA_HTTP:
		return SLA_RESULT_HEAD + sizeof(r->http);
	case SLA_FTP:
		return SLA_RESULT_HEAD + sizeof(r->ftp);
	case SLA_ICMP_JITTER:
		return SLA_RESULT_HEAD + sizeof(r->icmp);
	case SLA_PATH_ECHO:
	case SLA_PATH_JITTER:
		return SLA_RESULT_HEAD + path_result_size(&r->path);
	case SLA_DNS:
		return SLA_RESULT_HEAD + sizeof(r->dns);
	case SLA_DHCP:
		return SLA_RESULT_HEAD + sizeof(r->dhcp);
	case SLA_MULTICAST_JITTER:
		return SLA_RESULT_HEAD + sizeof(r->multicast);
	case SLA_UDP_ECHO:
	case SLA_TCP_CONNECT:
	case SLA_ICMP_ECHO:
	case SLA_ETHERNET_ECHO:
	case SLA_TYPE_COUNT:
		break;
	}
	return SLA_RESULT_HEAD;
}

#define PACKED_FROM offsetof(struct sla_result, type) /* the id stands in front */

size_t sla_result_pack(const struct sla_result *r, uint8_t *to)
{
	const uint8_t *from = (const uint8_t *)r;
	size_t stop = sla_result_size(r), used = 0;

	for (size_t at = PACKED_FROM; at < stop;) {
		uint8_t zeroes = 0;

		if (from[at] != 0) {
			to[used++] = from[at++];
			continue;
		}
		while (at < stop && from[at] == 0 && zeroes < UINT8_MAX) {
			zeroes++;
			at++;
		}
		to[used++] = 0;
		to[used++] = zeroes;
	}
	return used;
}

void sla_result_unpack(const uint8_t *from, size_t len, struct op_id id, struct sla_result *ret)
{
	uint8_t *to = (uint8_t *)ret;
	size_t at = PACKED_FROM;

	*ret = (struct sla_result) { .id = id };
	for (size_t i = 0; i < len; i++) {
		if (from[i] != 0)
			to[at++] = from[i];
		else
			at += from[++i];
	}
}

const char *oneway_reason_name(enum oneway_reason reason)
{
	switch (reason) {
	case ONEWAY_REPORTED:
		return "reported";
	case ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED:
		return "local_clock_unsynchronised";
	case ONEWAY_PEER_CLOCK_UNSYNCHRONISED:
		return "peer_clock_unsynchronised";
	case ONEWAY_PEER_CLOCK_UNKNOWN:
		return "peer_clock_unknown";
	case ONEWAY_CLOCK_STEPPED:
		return "clock_stepped";
	case ONEWAY_BELOW_GRADE:
		return "below_grade";
	case ONEWAY_CLOCKS_DISAGREE:
		return "clocks_disagree";
	case ONEWAY_NOT_MEASURED:
		return "not_measured";
	}
	return "not_measured";
}

const char *missed_cause_name(enum missed_cause cause)
{
	switch (cause) {
	case MISSED_NONE:
		return "none";
	case MISSED_BUSY:
		return "busy";
	case MISSED_LATE:
		return "late";
	case MISSED_LOW_MEMORY:
		return "low_memory";
	}
	return "none";
}

const char *clock_source_name(enum clock_source source)
{
	switch (source) {
	case CLOCK_SOURCE_NONE:
		return "none";
	case CLOCK_SOURCE_KERNEL:
		return "kernel";
	case CLOCK_SOURCE_CHRONY:
		return "chrony";
	case CLOCK_SOURCE_PTP:
		return "ptp";
	case CLOCK_SOURCE_OPERATOR:
		return "operator";
	}
	return "none";
}

const char *turnaround_name(enum turnaround t)
{
	switch (t) {
	case TURNAROUND_NONE:
		return "none";
	case TURNAROUND_INCLUDED:
		return "included";
	case TURNAROUND_MS:
		return "subtracted_ms";
	case TURNAROUND_SUBTRACTED:
		return "subtracted";
	}
	return "none";
}
