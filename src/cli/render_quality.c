/* SPDX-License-Identifier: Apache-2.0 */
/* How far a result can be believed, in words. */
#include "cli/format.h"
#include "cli/show.h"

#include <inttypes.h>
#include <string.h>

const char *render_oneway_words(const char *reason)
{
	static const struct {
		const char *reason, *text;
	} words[] = {
		{ "reported", NULL },
		{ "local_clock_unsynchronised", "the local clock is not synchronised" },
		{ "peer_clock_unsynchronised", "the responder's clock is not synchronised" },
		{ "peer_clock_unknown", "nobody vouches for the responder's clock" },
		{ "clock_stepped", "the clock was stepped during the run" },
		{ "below_grade", "the clocks are not known well enough" },
		{ "clocks_disagree", "the clocks disagree, every value was impossible" },
		{ "not_measured", "the operation does not measure it" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].reason, reason) == 0)
			return words[i].text;
	}
	return reason;
}

const char *render_oneway_reason(const struct doc *result)
{
	const struct doc *oneway = doc_get(doc_get(result, "jitter"), "oneway");

	return render_oneway_words(doc_text(oneway, "reason", "not_measured"));
}

static void render_clock(const struct doc *result, const char *indent, FILE *to)
{
	const struct doc *clock = doc_get(result, "clock");
	char err[FORMAT_SPAN_MAX];

	if (doc_bool(clock, "synchronised", false))
		(void)fprintf(to, "%sLocal clock: synchronised (%s), within %s of UTC\n", indent,
		              doc_text(clock, "source", "?"),
		              format_duration(doc_int(clock, "err_ns", 0), err));
	else
		(void)fprintf(to, "%sLocal clock: not synchronised\n", indent);
	if (doc_bool(clock, "stepped", false))
		(void)fprintf(to, "%sLocal clock: stepped during the run\n", indent);
}

static const char *turnaround_words(const struct doc *instrument)
{
	static const struct {
		const char *name, *text;
	} words[] = {
		{ "included", "turnaround included" },
		{ "subtracted_ms", "turnaround subtracted in whole ms" },
		{ "subtracted", "turnaround subtracted" },
	};
	const char *name = doc_text(instrument, "turnaround", "none");

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].name, name) == 0)
			return words[i].text;
	}
	return "no turnaround in it";
}

static void render_instrument(const struct doc *result, const char *indent, FILE *to)
{
	const struct doc *i = doc_get(result, "instrument");
	char span[FORMAT_SPAN_MAX];
	static const struct {
		const char *key, *text;
	} faults[] = {
		{ "timer_misses", "Packets sent late (timer misses)" },
		{ "rx_queue_drops", "Replies dropped here for want of buffer" },
		{ "clock_step_samples", "Replies not used because the clock stepped" },
		{ "implausible_samples", "One-way values left out because impossible" },
	};

	(void)fprintf(to, "%sTime stamps: sent %s, received %s\n", indent,
	              doc_text(i, "tx_stamps", "none"), doc_text(i, "rx_stamps", "none"));
	if (doc_get(i, "rtt_err_ns") && doc_get(i, "rtt_err_ns")->kind == DOC_INT)
		(void)fprintf(to, "%sRTT: %s, error within %s\n", indent, turnaround_words(i),
		              format_duration(doc_int(i, "rtt_err_ns", 0), span));
	(void)fprintf(to, "%sSent late by at most %s\n", indent,
	              format_duration(doc_int(i, "send_lateness_max_ns", 0), span));
	for (size_t k = 0; k < ARRAY_LEN(faults); k++) {
		if (doc_int(i, faults[k].key, 0) > 0)
			(void)fprintf(to, "%s%s: %" PRId64 "\n", indent, faults[k].text,
			              doc_int(i, faults[k].key, 0));
	}
}

static void render_odd_packets(const struct doc *result, const char *indent, FILE *to)
{
	const struct doc *packets = doc_get(doc_get(result, "jitter"), "packets");

	if (packets)
		(void)fprintf(to, "%sDuplicates: %" PRId64 ", corrupted: %" PRId64 "\n", indent,
		              doc_int(packets, "duplicates", 0), doc_int(packets, "corrupted", 0));
}

void render_quality(const struct doc *result, const char *indent, FILE *to)
{
	const struct doc *rtt = doc_get(result, "rtt_ns");
	const struct doc *oneway = doc_get(doc_get(result, "jitter"), "oneway");
	const char *control = doc_text(result, "control", "disable");
	char span[FORMAT_SPAN_MAX];

	if (rtt && rtt->kind == DOC_INT)
		(void)fprintf(to, "%sRTT in full: %s\n", indent,
		              format_duration(rtt->integer, span));
	if (strcmp(doc_text(doc_get(result, "instrument"), "tx_stamps", "none"), "none") != 0 ||
	    (rtt && rtt->kind == DOC_INT))
		render_instrument(result, indent, to);
	render_clock(result, indent, to);
	if (oneway && !render_oneway_reason(result))
		(void)fprintf(to, "%sOne-way error within %s\n", indent,
		              format_duration(doc_int(oneway, "err_ns", 0), span));
	render_odd_packets(result, indent, to);
	if (doc_int(result, "control_rtt_ns", 0) > 0)
		(void)fprintf(to, "%sControl protocol %s, answered after %s\n", indent, control,
		              format_duration(doc_int(result, "control_rtt_ns", 0), span));
}
