/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file, which the control process may not open: its new text goes to the parent in sealed
 * memory. */
#ifndef CANDOR_CANDORD_CONFIG_FILE_H
#define CANDOR_CANDORD_CONFIG_FILE_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stddef.h>

/* Have the parent behind ``parent_fd`` replace the file by ``text``.  As parent_save_config(). */
NODISCARD int config_file_save(int parent_fd, const char *text, size_t len, struct diag *d);

#endif
