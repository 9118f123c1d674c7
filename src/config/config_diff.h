/* SPDX-License-Identifier: Apache-2.0 */
/* What a new generation of the configuration changes, so that a reload restarts only that.  Pure. */
#ifndef CANDOR_CONFIG_CONFIG_DIFF_H
#define CANDOR_CONFIG_CONFIG_DIFF_H

#include "config/config.h"
#include <stdbool.h>
#include <stdint.h>

/* In rising order of what must be done: each one includes those before it. */
enum op_change {
	OP_CHANGE_LABEL,    /* what only people and control see: nothing to restart */
	OP_CHANGE_SCHEDULE, /* schedule it anew; parameters and statistics stay */
	OP_CHANGE_PARAMS,   /* stop the run, take the new parameters; the history goes on */
	OP_CHANGE_IDENTITY, /* type or target: another thing is measured, a new generation */
	OP_CHANGE_ADDED,
	OP_CHANGE_REMOVED,
};

struct op_diff {
	uint8_t change; /* enum op_change */
	uint32_t number;
	const struct op_conf *from, *to; /* NULL when added, when removed */
};

struct config_diff {
	uint32_t op_count;
	struct op_diff *ops; /* by number, rising; heap */
	bool responder; /* anything of the responder, its key chain and access lists included */
	bool responder_ports; /* what must be bound anew: enabled, transports, control or permanent ports */
	bool egress;
	bool reactions; /* reactions and triggers of any operation */
	bool notify;    /* logging, webhooks, hooks, and what all reactions share */
	bool clock;
	bool hostname;
	bool metrics; /* anything of the metrics page, its access list included */
	bool result_log;
	bool namp;       /* anything of administration, its key chain included */
	bool namp_ports; /* what must be bound anew: address, transports, ports */
};

/* ``from`` may be NULL: everything is new.  Free with config_diff_fini(); the operations point into
 * both configurations. */
void config_diff_init(struct config_diff *ret, const struct config *from, const struct config *to);
void config_diff_fini(struct config_diff *d);
bool config_diff_is_empty(const struct config_diff *d);

#endif
