/* SPDX-License-Identifier: Apache-2.0 */
/* A text in sealed memory for the parent. */
#include "candord/config_file.h"

#include "candord/parent_client.h"
#include "io/fd_octets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

int config_file_save(int parent_fd, const char *text, size_t len, struct diag *d)
{
	CLEANUP(fd_closep)
	int memory = memfd_create("candor-config", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int rc = memory < 0 ? -errno : fd_write(memory, text, len);

	if (rc == 0 && fcntl(memory, F_ADD_SEALS,
	                     F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		rc = -errno;
	if (rc < 0)
		return diag_set(d, rc, "cannot hand over the configuration: %s", strerror(-rc));
	return parent_save_config(parent_fd, memory, d);
}
