/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a result that some types alone have: getters of OBJECT_CUSTOM_ROW over struct sla_result.  Each adds
 * null for the other types. */
#ifndef CANDOR_OBJECT_RESULT_PARTS_H
#define CANDOR_OBJECT_RESULT_PARTS_H

#include "object/rows.h"

void object_get_dns(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to);
void object_get_dhcp(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to);
void object_get_http(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to);
void object_get_ftp(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to);
void object_get_multicast(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to);

void object_get_icmp_jitter(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to);
void object_get_path(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to);

extern const struct object_row object_period_rows[]; /* struct loss_periods */

#endif
