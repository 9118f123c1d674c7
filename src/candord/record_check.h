/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a record of the other process is one that it could have made: truth values are 0 or 1, texts
 * end, counts fit their arrays, and sums can be added.  Type and length were checked before.  Names of
 * unknown numbers and addresses of no family need no check: whoever shows them copes. */
#ifndef CANDOR_CANDORD_RECORD_CHECK_H
#define CANDOR_CANDORD_RECORD_CHECK_H

#include "candord/messages.h"
#include <stddef.h>

/* A sentence for people: it ends within ``cap`` octets and has nothing that a terminal or a log would
 * obey. */
bool record_text_is_sane(const char *text, size_t cap);

/* Of the engine. */
bool record_result_is_sane(const struct sla_result *r);
bool record_state_is_sane(const struct runner_state_event *e);
bool record_missed_is_sane(const struct runner_missed *m);
bool record_status_is_sane(const struct responder_status *s);
bool record_sessions_are_sane(const struct responder_session_view *s, uint32_t count);
bool record_snapshot_end_is_sane(const struct control_snapshot_end *e);
bool record_probe_is_sane(const struct control_probe *p);

/* Of control.  What an operation's own check refuses (probe/probe.h) is not looked at here. */
bool record_op_set_is_sane(const struct engine_op_set *s);
bool record_op_act_is_sane(const struct engine_op_act *a);
bool record_responder_cfg_is_sane(const struct responder_cfg *c);
bool record_egress_is_sane(const struct egress_policy *p);
bool record_clock_set_is_sane(const struct engine_clock_set *s);

#endif
