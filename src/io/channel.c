/* SPDX-License-Identifier: Apache-2.0 */
/* The channel between engine and control.
 *
 * Memory: the ring to the engine from offset 0, the ring to control from the next page on.  The
 * size is sealed, so that neither side can make the other fault by shrinking it. */
#include "io/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PAGE_BYTES 4096u /* a multiple of any ring's alignment; pages may be larger */

static size_t control_ring_at(void)
{
	return (ring_size_for(CHANNEL_TO_ENGINE_BYTES) + PAGE_BYTES - 1) &
	       ~(size_t)(PAGE_BYTES - 1);
}

static size_t map_bytes(void)
{
	return control_ring_at() + ring_size_for(CHANNEL_TO_CONTROL_BYTES);
}

static int lay_out(int memory)
{
	struct ring to_engine, to_control;

	if (ftruncate(memory, (off_t)map_bytes()) < 0 ||
	    fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	uint8_t *map = mmap(NULL, map_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);

	if (map == MAP_FAILED)
		return -errno;
	int rc = ring_init(&to_engine, map, CHANNEL_TO_ENGINE_BYTES);

	if (rc == 0)
		rc = ring_init(&to_control, map + control_ring_at(), CHANNEL_TO_CONTROL_BYTES);
	(void)munmap(map, map_bytes());
	return rc;
}

void channel_fds_close(struct channel_fds *fds)
{
	fd_closep(&fds->memory);
	fd_closep(&fds->wake_engine);
	fd_closep(&fds->wake_control);
}

int channel_create(struct channel_fds *ret)
{
	struct channel_fds fds = {
		.memory = memfd_create("candor-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING),
		.wake_engine = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK),
		.wake_control = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	int rc = fds.memory < 0 || fds.wake_engine < 0 || fds.wake_control < 0 ? -errno : 0;

	if (rc == 0)
		rc = lay_out(fds.memory);
	if (rc < 0) {
		channel_fds_close(&fds);
		return rc;
	}
	*ret = fds;
	return 0;
}

/* A memfd of the right size that cannot shrink any more. */
static int check_memory(int memory)
{
	struct stat st;
	int seals = fcntl(memory, F_GET_SEALS);

	if (seals < 0 || fstat(memory, &st) < 0)
		return -errno;
	if (!(seals & F_SEAL_SHRINK) || st.st_size != (off_t)map_bytes())
		return -EBADMSG;
	return 0;
}

int channel_attach(struct channel *c, struct channel_fds *fds, enum channel_side side)
{
	struct channel new = { 0 };
	struct ring to_engine, to_control;
	int rc = check_memory(fds->memory);

	if (rc < 0)
		return rc;
	uint8_t *map = mmap(NULL, map_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fds->memory, 0);

	if (map == MAP_FAILED)
		return -errno;
	rc = ring_attach(&to_engine, map, ring_size_for(CHANNEL_TO_ENGINE_BYTES));
	if (rc == 0)
		rc = ring_attach(&to_control, map + control_ring_at(),
		                 ring_size_for(CHANNEL_TO_CONTROL_BYTES));
	if (rc < 0) {
		(void)munmap(map, map_bytes());
		return rc;
	}
	new.map = map;
	new.in = side == CHANNEL_ENGINE ? to_engine : to_control;
	new.out = side == CHANNEL_ENGINE ? to_control : to_engine;
	new.wait_fd =
	        side == CHANNEL_ENGINE ? fd_steal(&fds->wake_engine) : fd_steal(&fds->wake_control);
	new.wake_fd =
	        side == CHANNEL_ENGINE ? fd_steal(&fds->wake_control) : fd_steal(&fds->wake_engine);
	fd_closep(&fds->memory);
	*c = new;
	return 0;
}

void channel_close(struct channel *c)
{
	fd_closep(&c->wait_fd);
	fd_closep(&c->wake_fd);
	if (c->map)
		(void)munmap(c->map, map_bytes());
	*c = (struct channel) { .wait_fd = -1, .wake_fd = -1 };
}

static void ring_bell(int fd)
{
	const uint64_t one = 1;

	/* EAGAIN would mean 2^64 - 2 unread wakes: whoever waits is awake. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static void wake(struct channel *c)
{
	if (ring_should_wake(&c->out))
		ring_bell(c->wake_fd);
}

int channel_send(struct channel *c, uint16_t type, const void *data, size_t len)
{
	int rc = ring_write(&c->out, type, data, len);

	if (rc == 0)
		wake(c);
	return rc;
}

int channel_sendv(struct channel *c, uint16_t type, const struct ring_part *parts, size_t count)
{
	int rc = ring_writev(&c->out, type, parts, count);

	if (rc == 0)
		wake(c);
	return rc;
}

int channel_wait_fd(const struct channel *c)
{
	return c->wait_fd;
}

ssize_t channel_receive(struct channel *c, void *buf, size_t cap, uint16_t *ret_type)
{
	for (;;) {
		ssize_t n = ring_read(&c->in, buf, cap, ret_type);
		uint64_t wakes;

		if (n != 0)
			return n;
		/* Reset first, announce the sleep second: a record that comes in between is found
		 * by ring_prepare_wait(), one that comes later wakes us. */
		if (read(c->wait_fd, &wakes, sizeof(wakes)) < 0 && errno != EAGAIN)
			return -errno;
		if (ring_prepare_wait(&c->in))
			return 0;
		ring_bell(c->wait_fd); /* readable again: the caller may stop before the end */
	}
}
