/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the host. */
#include "io/memory.h"

#include "io/fd_octets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define TEXT_OCTETS 4096 /* the line is one of the first */
#define KIB         UINT64_C(1024)

int memory_available_parse(const char *text, uint64_t *ret_bytes)
{
	static const char key[] = "MemAvailable:";
	const char *at = strstr(text, key);
	uint64_t kib = 0;

	if (!at || (at != text && at[-1] != '\n'))
		return -EBADMSG;
	at += strlen(key);
	at += strspn(at, " \t");
	if (*at < '0' || *at > '9')
		return -EBADMSG;
	for (; *at >= '0' && *at <= '9' && kib < UINT64_MAX / KIB / 10; at++)
		kib = kib * 10 + (uint64_t)(*at - '0');
	if (strncmp(at, " kB", 3) != 0)
		return -EBADMSG;
	*ret_bytes = kib * KIB;
	return 0;
}

int memory_available(uint64_t *ret_bytes)
{
	CLEANUP(fd_closep) int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	char text[TEXT_OCTETS + 1];
	size_t len = 0;

	if (fd < 0)
		return -errno;
	int rc = fd_read(fd, text, TEXT_OCTETS, &len);

	if (rc < 0)
		return rc;
	text[len] = '\0';
	return memory_available_parse(text, ret_bytes);
}
