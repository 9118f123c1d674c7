/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a record of `show ip sla statistics` that one type has; inside cli/ only. */
#ifndef CANDOR_CLI_SHOW_STATISTICS_H
#define CANDOR_CLI_SHOW_STATISTICS_H

#include "cli/format.h"
#include "object/doc.h"

/* A part of a result, or NULL when it is null or not there. */
const struct doc *statistics_part(const struct doc *result, const char *key);

void render_icmp_jitter_block(const struct doc *jitter, const struct doc *icmp, FILE *to);
void render_path_jitter_block(const struct doc *path, FILE *to);
void render_http_block(const struct doc *http, FILE *to);
/* The table of the members of a group; ``number`` is that of the operation. */
void render_multicast_block(int64_t number, const struct doc *multicast, struct format_unit unit,
                            FILE *to);

#endif
