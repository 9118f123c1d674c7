/* SPDX-License-Identifier: Apache-2.0 */
/* Which operations have which elements, and what a result says of each (CISCO-RTTMON-TC-MIB RttMonReactVar). */
#include "sla/reaction.h"

#include "base/clocktypes.h"

/* Types that have the same elements.  A type that is not listed has rtt and timeout. */
enum family {
	FAMILY_PLAIN,
	FAMILY_ICMP_ECHO, /* and path-echo, ethernet echo */
	FAMILY_UDP_ECHO,
	FAMILY_TCP,
	FAMILY_QUESTION, /* dns, ftp: an answer may say no */
	FAMILY_HTTP,
	FAMILY_UDP_JITTER,
	FAMILY_ICMP_JITTER,
	FAMILY_PATH_JITTER,
	FAMILY_ETHERNET_JITTER,
	FAMILY_COUNT,
};

static const uint8_t families[SLA_TYPE_COUNT] = {
	[SLA_UDP_JITTER] = FAMILY_UDP_JITTER,
	[SLA_UDP_ECHO] = FAMILY_UDP_ECHO,
	[SLA_TCP_CONNECT] = FAMILY_TCP,
	[SLA_ICMP_ECHO] = FAMILY_ICMP_ECHO,
	[SLA_DNS] = FAMILY_QUESTION,
	[SLA_DHCP] = FAMILY_PLAIN,
	[SLA_HTTP] = FAMILY_HTTP,
	[SLA_FTP] = FAMILY_QUESTION,
	[SLA_ICMP_JITTER] = FAMILY_ICMP_JITTER,
	[SLA_PATH_ECHO] = FAMILY_ICMP_ECHO,
	[SLA_PATH_JITTER] = FAMILY_PATH_JITTER,
	[SLA_ETHERNET_ECHO] = FAMILY_ICMP_ECHO,
	[SLA_ETHERNET_JITTER] = FAMILY_ETHERNET_JITTER,
};

#define E(element) (UINT64_C(1) << (element))
#define EVERY      (E(REACT_RTT) | E(REACT_TIMEOUT))
#define JITTER                                                                                    \
	(E(REACT_JITTER_AVG) | E(REACT_JITTER_DS_AVG) | E(REACT_JITTER_SD_AVG) |                  \
	 E(REACT_MAX_NEGATIVE_DS) | E(REACT_MAX_NEGATIVE_SD) | E(REACT_MAX_POSITIVE_DS) |         \
	 E(REACT_MAX_POSITIVE_SD) | E(REACT_PACKET_LATE_ARRIVAL) |                                \
	 E(REACT_PACKET_OUT_OF_SEQUENCE) | E(REACT_LATENCY_DS_AVG) | E(REACT_LATENCY_SD_AVG) |    \
	 E(REACT_MAX_LATENCY_DS) | E(REACT_MAX_LATENCY_SD) | E(REACT_OVER_THRESHOLD) |            \
	 E(REACT_RTT_PCT) | E(REACT_JITTER_AVG_PCT) | E(REACT_JITTER_DS_AVG_PCT) |                \
	 E(REACT_JITTER_SD_AVG_PCT) | E(REACT_LATENCY_DS_AVG_PCT) | E(REACT_LATENCY_SD_AVG_PCT) | \
	 E(REACT_MAX_LATENCY_DS_PCT) | E(REACT_MAX_LATENCY_SD_PCT))

static const uint64_t elements_of[FAMILY_COUNT] = {
	[FAMILY_PLAIN] = EVERY,
	[FAMILY_ICMP_ECHO] = EVERY | E(REACT_VERIFY_ERROR),
	[FAMILY_UDP_ECHO] = EVERY | E(REACT_CONNECTION_LOSS) | E(REACT_VERIFY_ERROR),
	[FAMILY_TCP] = EVERY | E(REACT_CONNECTION_LOSS),
	[FAMILY_QUESTION] = EVERY | E(REACT_PROTOCOL_SPECIFIC_ERROR),
	[FAMILY_HTTP] = EVERY | E(REACT_CONNECTION_LOSS) | E(REACT_PROTOCOL_SPECIFIC_ERROR),
	[FAMILY_ICMP_JITTER] =
	        EVERY | JITTER | E(REACT_PACKET_LOSS) | E(REACT_SUCCESSIVE_PACKET_LOSS),
	[FAMILY_PATH_JITTER] = EVERY | E(REACT_VERIFY_ERROR) | E(REACT_JITTER_AVG) |
	                       E(REACT_PACKET_OUT_OF_SEQUENCE),
	[FAMILY_ETHERNET_JITTER] = EVERY | JITTER | E(REACT_PACKET_MIA),
	[FAMILY_UDP_JITTER] = EVERY | JITTER | E(REACT_CONNECTION_LOSS) | E(REACT_VERIFY_ERROR) |
	                      E(REACT_PACKET_LOSS_DS) | E(REACT_PACKET_LOSS_SD) |
	                      E(REACT_PACKET_MIA) | E(REACT_MOS) | E(REACT_ICPIF),
};

bool reaction_applies(enum reaction_element element, const struct op_params *params)
{
	if ((element == REACT_MOS || element == REACT_ICPIF) && params->codec == SLA_CODEC_NONE)
		return false;
	return (elements_of[families[params->type]] & E(element)) != 0;
}

/* --- samples ------------------------------------------------------------------------------------- */

static const struct reaction_sample none = { .kind = REACT_NO_SAMPLE };

static struct reaction_sample value(int64_t v)
{
	return (struct reaction_sample) { .kind = REACT_VALUE, .value = v };
}

/* In the unit that `show` prints, so that what a person reads and what is compared are the same number. */
static struct reaction_sample time_value(const struct sla_result *r, int64_t ns)
{
	return value(ns / (r->precision == SLA_PRECISION_US ? NS_PER_US : NS_PER_MS));
}

static bool has_completed(const struct sla_result *r)
{
	return r->sense == SENSE_OK || r->sense == SENSE_OVER_THRESHOLD;
}

/* Nobody answered in time, at whichever step. */
static bool has_timed_out(const struct sla_result *r)
{
	return r->sense == SENSE_TIMEOUT || r->sense == SENSE_DNS_SERVER_TIMEOUT ||
	       r->sense == SENSE_TCP_CONNECT_TIMEOUT || r->sense == SENSE_HTTP_TRANSACTION_TIMEOUT;
}

static bool has_lost_connection(const struct sla_result *r)
{
	return r->sense == SENSE_DISCONNECTED || r->sense == SENSE_NOT_CONNECTED ||
	       r->sense == SENSE_ERROR || r->sense == SENSE_ENABLE_NO_CONNECT;
}

static bool has_protocol_error(const struct sla_result *r)
{
	return r->sense == SENSE_APPLICATION_SPECIFIC || r->sense == SENSE_DNS_QUERY_ERROR ||
	       r->sense == SENSE_HTTP_ERROR;
}

/* Something came back, be it wrong. */
static bool was_answered(const struct sla_result *r)
{
	return has_completed(r) || has_protocol_error(r) || r->sense == SENSE_VERIFY_ERROR ||
	       r->sense == SENSE_SEQUENCE_ERROR;
}

static struct reaction_sample flag(bool is_bad, bool is_good)
{
	if (is_bad)
		return (struct reaction_sample) { .kind = REACT_BAD };
	return is_good ? (struct reaction_sample) { .kind = REACT_GOOD } : none;
}

static struct reaction_sample flag_sample(enum reaction_element element, const struct sla_result *r)
{
	switch (element) {
	case REACT_TIMEOUT:
		return flag(has_timed_out(r), was_answered(r));
	case REACT_CONNECTION_LOSS:
		return flag(has_lost_connection(r), was_answered(r));
	case REACT_VERIFY_ERROR:
		return flag(r->sense == SENSE_VERIFY_ERROR, has_completed(r));
	case REACT_PROTOCOL_SPECIFIC_ERROR:
		return flag(has_protocol_error(r), has_completed(r));
	default:
		return none;
	}
}

/* The mean of all magnitudes: zeros are not in the divisor, but a run of nothing else has the mean 0. */
static struct reaction_sample jitter_mean(const struct sla_result *r, bool sd, bool ds)
{
	const struct jitter_result *j = &r->jitter;
	struct sum_stats all = { 0 };
	uint64_t samples = (sd ? j->sd.samples : 0) + (ds ? j->ds.samples : 0);

	if (sd) {
		sum_stats_merge(&all, &j->sd.positive);
		sum_stats_merge(&all, &j->sd.negative);
	}
	if (ds) {
		sum_stats_merge(&all, &j->ds.positive);
		sum_stats_merge(&all, &j->ds.negative);
	}
	return samples == 0 ? none : time_value(r, sum_stats_avg_ns(&all));
}

static struct reaction_sample jitter_max(const struct sla_result *r,
                                         const struct jitter_direction *direction,
                                         const struct sum_stats *sign)
{
	return direction->samples == 0 ? none : time_value(r, sign->max_ns);
}

static struct reaction_sample oneway(const struct sla_result *r, const struct sum_stats *s,
                                     bool is_max)
{
	if (s->n == 0)
		return none;
	return time_value(r, is_max ? s->max_ns : sum_stats_avg_ns(s));
}

/* A mean without the worst samples; ``samples``: of all, zeros of jitter among them. */
static struct reaction_sample mean_of_best(const struct sla_result *r, enum percentile_of which,
                                           uint64_t samples)
{
	return samples == 0 ? none : time_value(r, r->jitter.percentile[which].avg_ns);
}

static struct reaction_sample max_of_best(const struct sla_result *r, enum percentile_of which)
{
	const struct percentile_figures *f = &r->jitter.percentile[which];

	return f->n == 0 ? none : time_value(r, f->max_ns);
}

/* Packets count whenever some were sent: that none came back is a loss of all of them. */
static struct reaction_sample packets(const struct jitter_result *j, uint32_t count)
{
	return j->sent == 0 ? none : value(count);
}

/* Without the worst samples: what `percentile` of the operation leaves of them. */
static struct reaction_sample percentile_sample(enum reaction_element element,
                                                const struct sla_result *r)
{
	const struct jitter_result *j = &r->jitter;

	switch (element) {
	case REACT_RTT_PCT:
		return mean_of_best(r, PERCENTILE_RTT, has_completed(r) ? j->rtt.n : 0);
	case REACT_JITTER_AVG_PCT:
		return mean_of_best(r, PERCENTILE_JITTER_AVG,
		                    (uint64_t)j->sd.samples + j->ds.samples);
	case REACT_JITTER_SD_AVG_PCT:
		return mean_of_best(r, PERCENTILE_JITTER_SD, j->sd.samples);
	case REACT_JITTER_DS_AVG_PCT:
		return mean_of_best(r, PERCENTILE_JITTER_DS, j->ds.samples);
	case REACT_LATENCY_SD_AVG_PCT:
		return mean_of_best(r, PERCENTILE_ONEWAY_SD, j->oneway_sd.n);
	case REACT_LATENCY_DS_AVG_PCT:
		return mean_of_best(r, PERCENTILE_ONEWAY_DS, j->oneway_ds.n);
	case REACT_MAX_LATENCY_SD_PCT:
		return max_of_best(r, PERCENTILE_ONEWAY_SD);
	case REACT_MAX_LATENCY_DS_PCT:
		return max_of_best(r, PERCENTILE_ONEWAY_DS);
	default:
		return none;
	}
}

static struct reaction_sample time_sample(enum reaction_element element, const struct sla_result *r)
{
	const struct jitter_result *j = &r->jitter;

	switch (element) {
	case REACT_JITTER_AVG:
		return jitter_mean(r, true, true);
	case REACT_JITTER_SD_AVG:
		return jitter_mean(r, true, false);
	case REACT_JITTER_DS_AVG:
		return jitter_mean(r, false, true);
	case REACT_MAX_NEGATIVE_DS:
		return jitter_max(r, &j->ds, &j->ds.negative);
	case REACT_MAX_NEGATIVE_SD:
		return jitter_max(r, &j->sd, &j->sd.negative);
	case REACT_MAX_POSITIVE_DS:
		return jitter_max(r, &j->ds, &j->ds.positive);
	case REACT_MAX_POSITIVE_SD:
		return jitter_max(r, &j->sd, &j->sd.positive);
	case REACT_LATENCY_DS_AVG:
		return oneway(r, &j->oneway_ds, false);
	case REACT_LATENCY_SD_AVG:
		return oneway(r, &j->oneway_sd, false);
	case REACT_MAX_LATENCY_DS:
		return oneway(r, &j->oneway_ds, true);
	case REACT_MAX_LATENCY_SD:
		return oneway(r, &j->oneway_sd, true);
	default:
		return percentile_sample(element, r);
	}
}

static struct reaction_sample count_sample(enum reaction_element element,
                                           const struct sla_result *r)
{
	const struct jitter_result *j = &r->jitter;

	switch (element) {
	case REACT_PACKET_LATE_ARRIVAL:
		return packets(j, j->late);
	case REACT_PACKET_LOSS_DS:
		return packets(j, j->loss_ds);
	case REACT_PACKET_LOSS_SD:
		return packets(j, j->loss_sd);
	case REACT_PACKET_MIA:
		return packets(j, j->missing);
	case REACT_PACKET_OUT_OF_SEQUENCE:
		return packets(j, j->out_of_sequence);
	case REACT_OVER_THRESHOLD:
		return j->rtt.n == 0
		               ? none
		               : value((int64_t)(j->over_threshold * UINT64_C(100) / j->rtt.n));
	case REACT_MOS:
		return j->mos_centi == 0 ? none : value(j->mos_centi);
	case REACT_ICPIF: /* 0 is a good score, unless there is none at all */
		return j->mos_centi == 0 ? none : value(j->icpif);
	default:
		return none;
	}
}

/* icmp-jitter: its losses have no direction. */
static struct reaction_sample icmp_sample(enum reaction_element element, const struct sla_result *r)
{
	const struct icmp_jitter_result *i = &r->icmp;

	return packets(&i->jitter,
	               element == REACT_PACKET_LOSS ? i->lost : i->loss_periods.length_max);
}

/* path-jitter: what the target's own hop says. */
static struct reaction_sample path_sample(enum reaction_element element, const struct sla_result *r)
{
	const struct path_hop *target = path_target(&r->path);

	if (!target)
		return none;
	if (element == REACT_PACKET_OUT_OF_SEQUENCE)
		return target->sent == 0 ? none : value(target->out_of_sequence);
	return target->jitter.n == 0 ? none : time_value(r, sum_stats_avg_ns(&target->jitter));
}

struct reaction_sample reaction_extract(enum reaction_element element, const struct sla_result *r)
{
	if (reaction_elements[element].unit == REACT_UNIT_FLAG)
		return flag_sample(element, r);
	if (element == REACT_RTT)
		return has_completed(r) ? time_value(r, r->rtt_ns) : none;
	if (r->type == SLA_PATH_JITTER)
		return path_sample(element, r);
	if (!sla_type_has_jitter(r->type))
		return none;
	if (element == REACT_PACKET_LOSS || element == REACT_SUCCESSIVE_PACKET_LOSS)
		return r->type == SLA_ICMP_JITTER ? icmp_sample(element, r) : none;
	if (reaction_elements[element].unit == REACT_UNIT_TIME)
		return time_sample(element, r);
	return count_sample(element, r);
}
