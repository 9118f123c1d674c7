/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics made from lists of the object tree: tracked objects and reactions.  A family is written page by page. */
#ifndef CANDOR_EXPORT_METRIC_DOCUMENTS_H
#define CANDOR_EXPORT_METRIC_DOCUMENTS_H

#include "export/metric_text.h"
#include "object/doc.h"
#include <stdbool.h>

/* The list that a family is made from ("track"); NULL behind the last family. */
const char *metric_documents_path(unsigned family);

/* Append the samples of one page of that list, behind the family's head when it is the first page. */
void metric_documents_add(unsigned family, const char *agent, const struct doc *page, bool is_first,
                          struct metric_text *t);

const struct metric_family *metric_documents_family(unsigned family); /* NULL behind the last */

#endif
