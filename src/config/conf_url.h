/* SPDX-License-Identifier: Apache-2.0 */
/* URLs in configurations, and the passwords in them. */
#ifndef CANDOR_CONFIG_CONF_URL_H
#define CANDOR_CONFIG_CONF_URL_H

#include "config/conf_parser.h"

/* A URL at word ``at``, as the type knows it (OP_TEXT_URL) and as people see it (op->conf.target): without its
 * password.  False: the error was reported. */
NODISCARD bool conf_url_take(struct conf_parser *p, struct op_build *op, uint32_t at);

/* Where in a line of a configuration the password of a URL stands, and how long it is; ``len`` and 0: nowhere. */
size_t conf_url_password_at(const char *line, size_t len, size_t *ret_octets);

#endif
