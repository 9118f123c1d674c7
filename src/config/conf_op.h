/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of operations that conf_op.c and conf_op_type.c share. */
#ifndef CANDOR_CONFIG_CONF_OP_H
#define CANDOR_CONFIG_CONF_OP_H

#include "config/conf_parser.h"

extern const struct conf_command conf_commands_op_type[];

struct probe_type;

/* The sub-mode of operations. */
extern const struct conf_mode conf_mode_op;

/* `http-raw-request` of operation ``p->op``, with the request in the words from ``at`` on, or in the lines that follow
 * (conf_raw_request.c). */
void conf_raw_request(struct conf_parser *p, uint32_t at);
void conf_raw_request_print(const struct op_conf *op, FILE *to);

/* The type that a command of conf_commands_op_type stands for; NULL: not supported. */
const struct probe_type *conf_op_type_of(const struct conf_command *c);

/* The line that gives operation ``p->op`` its type, in the spelling of any generation; ``m`` is the
 * command of conf_commands_op_type that was found. */
void conf_op_type_line(struct conf_parser *p, const struct conf_match *m);

/* Packets, spacing and size that a codec stands for (`codec` without further words). */
struct codec_shape {
	uint32_t num_packets, interval_ms, size_bytes;
};

struct codec_shape conf_codec_shape(uint8_t codec); /* enum sla_codec, not NONE */

#endif
