/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of the control process: checked, carried out, counted. */
#include "candord/parent_requests.h"

#include "base/diag.h"
#include "base/inet.h"
#include "base/xalloc.h"
#include "candord/parent_client.h"
#include "candord/parent_message.h"
#include "config/config.h"
#include "config/text_diff.h"
#include "io/fd_octets.h"
#include "io/state_dir.h"
#include "io/udp_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SERVE_MAX 16
#define NAMP_TTL  64

/* --- a port for the administration protocol ------------------------------------------------------ */

/* Every address of both families, or of IPv4 where there is no IPv6. */
static int bind_every_address(struct sock_spec *s, struct diag *d)
{
	s->dual_stack = true;
	s->local.addr = (struct inet_addr) { .family = INET_V6 };
	int fd = sock_open_here(s, d);

	if (fd != -EAFNOSUPPORT && fd != -EADDRNOTAVAIL)
		return fd;
	s->dual_stack = false;
	s->local.addr = (struct inet_addr) { .family = INET_V4 };
	return sock_open_here(s, d);
}

static int bind_namp(const struct parent_request *q, struct diag *d)
{
	struct sock_spec s = {
		.kind = q->is_udp ? SOCK_KIND_UDP : SOCK_KIND_TCP_LISTEN,
		.ttl = NAMP_TTL,
		.packet_info = true,
		.local = { .addr = { .family = q->family, .scope_id = q->scope_id },
		           .port = q->port },
	};

	memcpy(s.local.addr.bytes, q->address, sizeof(q->address));
	return s.local.addr.family == INET_NONE ? bind_every_address(&s, d) : sock_open_here(&s, d);
}

static bool is_bind_valid(const struct parent_request *q)
{
	struct inet_addr a = { .family = q->family, .scope_id = q->scope_id };

	memcpy(a.bytes, q->address, sizeof(q->address));
	return q->is_udp <= 1 && inet_addr_is_clean(&a) &&
	       (q->port == PARENT_NAMP_PORT || q->port >= PARENT_FREE_PORT_MIN);
}

/* --- the identity folder ------------------------------------------------------------------------- */

static int check_key(const struct stat *st, const char *path, struct diag *d)
{
	if (st->st_mode & (S_IRWXO | S_IWGRP | S_IXGRP))
		return diag_set(d, -EPERM,
		                "others may read the private key '%s': \"chmod 0600\" it, and "
		                "replace it where somebody may have done so",
		                path);
	return 0;
}

static int open_identity(const struct parent_requests *r, enum identity_file which, struct diag *d)
{
	static const char *const names[IDENTITY_FILES] = { "ca.pem", "cert.pem", "key.pem",
		                                           "crl.pem" };
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s", r->identity_path, names[which]);

	if (n < 0 || (size_t)n >= sizeof(path))
		return diag_set(d, -ENAMETOOLONG, "the path of the identity folder is too long");
	/* Not blocking: a named pipe must not hold up the broker. */
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(d, -errno, "cannot open '%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, "'%s' is not a file", path);
	int rc = which == IDENTITY_KEY ? check_key(&st, path, d) : 0;

	return rc < 0 ? rc : fd_steal(&fd);
}

/* Not a matter of rights: whoever is confined to certain files loses this one when it is replaced. */
static int open_users(struct diag *d)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? diag_set(d, -errno, "cannot open /etc/passwd: %s", strerror(errno)) : fd;
}

/* --- the configuration file ---------------------------------------------------------------------- */

static struct file_stamp stamp_of(const struct stat *st)
{
	return (struct file_stamp) { st->st_dev, st->st_ino, st->st_size, st->st_mtim };
}

static bool stamps_equal(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

uint32_t parent_requests_order(struct parent_requests *r, int file)
{
	struct stat st = { 0 };

	if (fstat(file, &st) == 0)
		r->ordered = stamp_of(&st);
	if (++r->order == 0)
		r->order = 1;
	return r->order;
}

/* Control may not change it any more, nor make it shorter while it is read. */
static int check_memory(int memory, size_t *ret_len, struct diag *d)
{
	const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
	struct stat st;
	int found = fcntl(memory, F_GET_SEALS);

	if (found < 0 || (found & seals) != seals || fstat(memory, &st) < 0)
		return diag_set(d, -EINVAL, "the broker refused the request: no sealed memory");
	if (st.st_size < 0 || st.st_size > (off_t)CONFIG_FILE_MAX)
		return diag_set(d, -EFBIG, "a configuration of more than %u octets",
		                CONFIG_FILE_MAX);
	*ret_len = (size_t)st.st_size;
	return 0;
}

static int read_memory(int memory, char *to, size_t len)
{
	size_t got;
	int rc = fd_read_from_start(memory, to, len, &got);

	return rc == 0 && got < len ? -EIO : rc;
}

/* The file as it is now: unchanged since control read it? */
static int check_unchanged(const struct parent_requests *r, int folder, const char *name,
                           struct state_file_rights *ret_rights, struct diag *d)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_set(d, errno == ENOENT ? -ESTALE : -errno,
		                "cannot find the configuration file: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL,
		                "'%s' is not a regular file, so the configuration cannot be saved",
		                r->config_path);
	struct file_stamp found = stamp_of(&st);

	if (!r->is_taken || !stamps_equal(&found, &r->taken))
		return diag_set(d, -ESTALE,
		                "somebody changed '%s' since it was read: read it again first",
		                r->config_path);
	*ret_rights = (struct state_file_rights) { st.st_mode & 0777, st.st_uid, st.st_gid };
	return 0;
}

static int save(struct parent_requests *r, int memory, struct diag *d)
{
	struct state_file_rights rights = { 0 };
	char path[PATH_MAX];
	struct stat st;
	size_t len = 0;
	int rc = check_memory(memory, &len, d);

	if (rc < 0)
		return rc;
	/* Without links, since what is replaced is a name in a folder. */
	if (!realpath(r->config_path, path))
		return diag_set(d, errno == ENOENT ? -ESTALE : -errno, "cannot find '%s': %s",
		                r->config_path, strerror(errno));
	char *slash = strrchr(path, '/');

	*slash = '\0';
	CLEANUP(fd_closep)
	int folder = open(slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return diag_set(d, -errno, "cannot open the folder '%s': %s", path,
		                strerror(errno));
	rc = check_unchanged(r, folder, slash + 1, &rights, d);
	if (rc < 0)
		return rc;
	CLEANUP(freep) char *text = xcalloc(1, len + 1);

	rc = read_memory(memory, text, len);
	if (rc == 0 && text_has_keys(text, len))
		rights.mode &= ~(mode_t)S_IRWXO; /* or it would be refused when it is read again */
	if (rc == 0)
		rc = state_replace_as(folder, slash + 1, text, len, &rights);
	if (fstatat(folder, slash + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 && rc == 0)
		r->taken = stamp_of(&st);
	if (rc == 0)
		r->superseded = r->order;
	explicit_bzero(text, len); /* it may hold keys */
	return rc < 0 ? diag_set(d, rc, "cannot write '%s': %s", r->config_path, strerror(-rc)) : 0;
}

static int take_order(struct parent_requests *r, uint32_t order, struct diag *d)
{
	/* What was saved after the file was opened is newer than what control read. */
	if (r->superseded && (int32_t)(order - r->superseded) <= 0)
		return diag_set(d, -ESTALE, "'%s' was saved meanwhile", r->config_path);
	/* An earlier one than the last: the last is still being read, or was refused. */
	if (order == r->order) {
		r->taken = r->ordered;
		r->is_taken = true;
	}
	return 0;
}

/* --- requests ------------------------------------------------------------------------------------ */

/* Nothing but what the verb uses. */
static bool is_valid(const struct parent_request *q, int passed)
{
	struct parent_request only = { .head = q->head, .verb = q->verb };
	bool valid = false;

	switch (q->verb) {
	case PARENT_BIND_NAMP:
		only.is_udp = q->is_udp;
		only.port = q->port;
		only.family = q->family;
		only.scope_id = q->scope_id;
		memcpy(only.address, q->address, sizeof(only.address));
		valid = is_bind_valid(q);
		break;
	case PARENT_OPEN_IDENTITY:
		only.which = q->which;
		valid = q->which < IDENTITY_FILES;
		break;
	case PARENT_CONFIG_TAKEN:
		only.order = q->order;
		valid = q->order != 0;
		break;
	case PARENT_NET_NAME:
		only.net_number = q->net_number;
		/* No further than the name's end: what follows must be zero. */
		memcpy(only.net_name, q->net_name, strnlen(q->net_name, NET_NAME_MAX - 1));
		valid = q->net_number > 0 && q->net_number <= NET_NAMES_MAX &&
		        net_name_is_valid(only.net_name);
		break;
	case PARENT_START:
		only.which = q->which;
		valid = q->which < OUTBOUND_PROCESSES;
		break;
	case PARENT_OPEN_ROUTES:
	case PARENT_ROUTE:
	case PARENT_PIN:
	case PARENT_ROUTES_ON_STOP:
		valid = parent_routes_valid(q, &only);
		break;
	case PARENT_SAVE_CONFIG:
	case PARENT_RELOAD:
	case PARENT_OPEN_USERS:
		valid = true;
		break;
	}
	return valid && memcmp(&only, q, sizeof(only)) == 0 &&
	       (passed >= 0) == (q->verb == PARENT_SAVE_CONFIG);
}

static bool brings_descriptor(uint32_t verb)
{
	return verb == PARENT_BIND_NAMP || verb == PARENT_OPEN_IDENTITY ||
	       verb == PARENT_OPEN_USERS || verb == PARENT_START || verb == PARENT_OPEN_ROUTES;
}

/* The descriptor, 0 where the verb brings none, or -errno with ``d``. */
static int carry_out(struct parent_requests *r, const struct parent_request *q, int memory,
                     struct diag *d)
{
	int rc = -EINVAL;

	switch ((enum parent_verb)q->verb) {
	case PARENT_BIND_NAMP:
		rc = bind_namp(q, d);
		r->counters.bound += rc >= 0;
		break;
	case PARENT_OPEN_IDENTITY:
		rc = open_identity(r, (enum identity_file)q->which, d);
		r->counters.opened += rc >= 0;
		break;
	case PARENT_CONFIG_TAKEN:
		rc = take_order(r, q->order, d);
		r->counters.taken++;
		break;
	case PARENT_SAVE_CONFIG:
		rc = save(r, memory, d);
		r->counters.saved += rc >= 0;
		break;
	case PARENT_RELOAD:
		r->reload(r);
		rc = 0;
		break;
	case PARENT_NET_NAME:
		rc = net_name_put(q->net_number, q->net_name);
		r->counters.named += rc >= 0;
		break;
	case PARENT_START:
		rc = r->start(r, (enum outbound_process)q->which, d);
		r->counters.started += rc >= 0;
		break;
	case PARENT_OPEN_ROUTES:
	case PARENT_ROUTE:
	case PARENT_PIN:
	case PARENT_ROUTES_ON_STOP:
		rc = parent_routes_carry_out(&r->routes, q, d);
		r->counters.routed += rc >= 0;
		break;
	case PARENT_OPEN_USERS:
		rc = open_users(d);
		r->counters.opened += rc >= 0;
		break;
	}
	r->counters.failed += rc < 0;
	return rc;
}

static int answer(struct parent_requests *r, const struct parent_request *q, int memory)
{
	struct diag d = { 0 };
	CLEANUP(fd_closep) int fd = -1;
	int error = 0;

	if (!is_valid(q, memory)) {
		r->counters.refused++;
		error = diag_set(&d, -EINVAL, "the broker refused the request: not valid");
	} else {
		int rc = carry_out(r, q, memory, &d);

		error = rc < 0 ? rc : 0;
		if (rc >= 0 && brings_descriptor(q->verb))
			fd = rc;
	}
	return lockstep_answer(r->fd, &q->head, error, &d, fd);
}

int parent_requests_serve(struct parent_requests *r)
{
	for (unsigned i = 0; i < SERVE_MAX; i++) {
		struct parent_request q;
		CLEANUP(fd_closep) int memory = -1;
		int rc = lockstep_receive(r->fd, PARENT_MAGIC, &q, sizeof(q), &memory);

		if (rc == -EBADMSG) {
			r->counters.refused++;
			continue;
		}
		if (rc <= 0)
			return rc;
		rc = answer(r, &q, memory);
		if (rc < 0)
			return rc;
	}
	return 0;
}
