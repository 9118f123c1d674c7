/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of `show ip sla configuration` that one type has; inside cli/ only.  ``operation`` is the document of
 * an operation. */
#ifndef CANDOR_CLI_SHOW_CONFIGURATION_H
#define CANDOR_CLI_SHOW_CONFIGURATION_H

#include "object/doc.h"

/* The source address of ``parameters`` as a router writes it: all zeroes when the route decides. */
const char *configuration_source(const struct doc *parameters);

void render_http_configuration(const struct doc *operation, FILE *to);
void render_ftp_configuration(const struct doc *operation, FILE *to);
void render_dns_configuration(const struct doc *operation, FILE *to);
void render_dhcp_configuration(const struct doc *operation, FILE *to);
void render_multicast_configuration(const struct doc *operation, FILE *to);

#endif
