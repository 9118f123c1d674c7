/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the engine, checked and sorted. */
#include "candord/engine_link.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/record_check.h"
#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define SNAPSHOT_WAIT_NS (250 * NS_PER_MS)
#define RECORDS_PER_LOOK 256 /* between two looks at the clock */

static void add_sessions(struct engine_link *l, uint32_t n)
{
	if (l->arriving_count + n > SNAPSHOT_SESSIONS_MAX)
		return;
	l->arriving = xrealloc(l->arriving, l->arriving_count + n, sizeof(l->arriving[0]));
	memcpy(&l->arriving[l->arriving_count], l->record.sessions, n * sizeof(l->arriving[0]));
	l->arriving_count += n;
}

static void finish_snapshot(struct engine_link *l)
{
	struct responder_session_view *old = l->sessions;

	l->sessions = l->arriving;
	l->session_count = l->arriving_count;
	l->arriving = old;
	l->arriving_count = 0;
	l->end = l->record.end;
	l->has_snapshot = true;
}

static bool take_sessions(struct engine_link *l, size_t len)
{
	size_t each = sizeof(l->record.sessions[0]);

	if (len == 0 || len % each != 0 || len > sizeof(l->record.sessions) ||
	    !record_sessions_are_sane(l->record.sessions, (uint32_t)(len / each)))
		return false;
	add_sessions(l, (uint32_t)(len / each));
	return true;
}

/* A result, and as many pairs of its distribution as the record is long. */
static bool take_result(struct engine_link *l, size_t len)
{
	const struct sla_result *result = &l->record.run.result;
	size_t each = sizeof(l->record.run.rtt[0]);
	size_t size = len < SLA_RESULT_HEAD ? SIZE_MAX : sla_result_size(result);

	if (len < size || (len - size) % each != 0 || !record_result_is_sane(result))
		return false;
	size_t pairs = (len - size) / each;
	const void *rest = (const uint8_t *)result + size;
	const struct sum_stats *rtt = sla_result_rtts(result);

	sketch_clear(&l->rtt);
	if (pairs > 0 &&
	    (!rtt || sketch_decode(&l->rtt, rest, pairs, rtt->min_ns, rtt->max_ns) < 0))
		return false;
	l->on_result(l->ctx, result, &l->rtt);
	return true;
}

/* One record; false: type and length do not fit together, or the content makes no sense. */
static bool take(struct engine_link *l, uint16_t type, size_t len)
{
	const union engine_record *r = &l->record;

	switch ((enum control_message)type) {
	case CONTROL_READY:
		if (len != sizeof(uint32_t))
			return false;
		l->is_ready = true;
		return true;
	case CONTROL_RESULT:
		return take_result(l, len);
	case CONTROL_OP_STATE:
		if (len != sizeof(r->state) || !record_state_is_sane(&r->state))
			return false;
		l->on_state(l->ctx, &r->state);
		return true;
	case CONTROL_RESPONDER_ERROR:
		if (len > sizeof(r->text) || !record_text_is_sane(r->text, len))
			return false;
		log_err("responder", "%s", r->text);
		return true;
	case CONTROL_RESPONDER_STATUS:
		if (len != sizeof(r->responder) || !record_status_is_sane(&r->responder))
			return false;
		l->responder = r->responder;
		l->arriving_count = 0;
		return true;
	case CONTROL_SESSIONS:
		return take_sessions(l, len);
	case CONTROL_SNAPSHOT_END:
		if (len != sizeof(r->end) || !record_snapshot_end_is_sane(&r->end))
			return false;
		finish_snapshot(l);
		return true;
	case CONTROL_PROBE:
		if (len != sizeof(r->probe) || !record_probe_is_sane(&r->probe))
			return false;
		l->on_probe(l->ctx, &r->probe);
		return true;
	case CONTROL_MISSED:
		if (len != sizeof(r->missed) || !record_missed_is_sane(&r->missed))
			return false;
		l->on_missed(l->ctx, &r->missed);
		return true;
	}
	return false;
}

int engine_link_drain(struct engine_link *l, unsigned max)
{
	for (unsigned i = 0; i < max; i++) {
		uint16_t type;
		ssize_t len = channel_receive(&l->channel, &l->record, sizeof(l->record), &type);

		if (len <= 0)
			return (int)len;
		if (!take(l, type, (size_t)len)) {
			log_err("control", "a record of the engine makes no sense (type %u)", type);
			return -EBADMSG;
		}
	}
	return 0;
}

int engine_link_snapshot(struct engine_link *l)
{
	struct clock *clock = clock_system();
	mono_t deadline = mono_add_ns(clock->mono(clock), SNAPSHOT_WAIT_NS);
	struct pollfd pfd = { .fd = channel_wait_fd(&l->channel), .events = POLLIN };
	uint64_t token = ++l->last_token;
	int rc = channel_send(&l->channel, ENGINE_SNAPSHOT, &token, sizeof(token));

	if (rc < 0)
		return rc;
	while (!l->has_snapshot || l->end.token != token) {
		int64_t left_ns = mono_diff_ns(deadline, clock->mono(clock));

		if (left_ns <= 0)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, (int)(left_ns / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return -errno;
		rc = engine_link_drain(l, RECORDS_PER_LOOK);
		if (rc < 0)
			return rc;
	}
	return 0;
}

void engine_link_fini(struct engine_link *l)
{
	channel_close(&l->channel);
	free(l->sessions);
	free(l->arriving);
	sketch_fini(&l->rtt);
}
