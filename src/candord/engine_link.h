/* SPDX-License-Identifier: Apache-2.0 */
/* Control's view of the engine: what it last said of itself, and how to ask.  Control only. */
#ifndef CANDOR_CANDORD_ENGINE_LINK_H
#define CANDOR_CANDORD_ENGINE_LINK_H

#include "base/cleanup.h"
#include "candord/messages.h"
#include "io/channel.h"

/* A record of the engine as it comes out of the ring. */
union engine_record {
	struct {
		struct sla_result result; /* the first sla_result_size() octets of it */
		struct sketch_pair rtt[SKETCH_BUCKETS]; /* they begin behind those */
	} run;
	struct runner_state_event state;
	struct responder_status responder;
	struct responder_session_view sessions[SNAPSHOT_SESSIONS_CHUNK];
	struct control_snapshot_end end;
	struct control_probe probe;
	struct runner_missed missed;
	char text[DIAG_TEXT_MAX];
};

struct engine_link {
	struct channel channel;
	bool is_ready;
	bool has_snapshot;
	struct responder_status responder;
	struct control_snapshot_end end; /* counters and clock of the last snapshot */
	uint32_t session_count;
	struct responder_session_view *sessions; /* of the last snapshot */
	uint32_t arriving_count;                 /* of the one on its way */
	struct responder_session_view *arriving;
	uint64_t last_token;
	union engine_record record;
	struct sketch rtt; /* of the result on its way */
	/* Results with their distributions (empty: none) and changes of schedule, and answers
	 * to single runs, as they arrive. */
	void (*on_result)(void *ctx, const struct sla_result *result, const struct sketch *rtt);
	void (*on_state)(void *ctx, const struct runner_state_event *event);
	void (*on_probe)(void *ctx, const struct control_probe *answer);
	void (*on_missed)(void *ctx, const struct runner_missed *missed);
	void *ctx;
};

/* Take what has arrived, at most ``max`` records.  0, or -errno: the engine or the channel is broken. */
NODISCARD int engine_link_drain(struct engine_link *l, unsigned max);

/* Bring the snapshot up to date: ask, and take records until the answer is complete or a quarter of a
 * second has passed (then the last one stays: -ETIMEDOUT). */
NODISCARD int engine_link_snapshot(struct engine_link *l);

void engine_link_fini(struct engine_link *l);

#endif
