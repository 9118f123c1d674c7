/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded log of records in files.
 *
 * What a crash can leave, and what record_log_open() makes of it: a newest segment without a whole
 * head (nothing was ever appended to it: removed), a newest segment with a half-written record at its
 * end (cut off), an oldest segment too many (goes with the next rotation).  An older segment was
 * synchronised before the next one was made, so that what it lacks is damage. */
#include "namp/record_log.h"

#include "base/xalloc.h"
#include "io/fd_octets.h"
#include "namp/record_segment.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define LOG_NAME_MAX      32u
#define FILE_NAME_MAX     (LOG_NAME_MAX + 1 + 16 + 1)
#define SEGMENTS_WANTED   16u
#define SEGMENT_BYTES_MIN (32u << 10)
#define SEGMENT_BYTES_MAX (1u << 20)
#define SEGMENTS_MAX      (2 * RECORD_LOG_BYTES_MAX / SEGMENT_BYTES_MIN)

static_assert(SEGMENT_BYTES_MIN > SEGMENT_HEAD_OCTETS + RECORD_HEAD_OCTETS + RECORD_MAX,
              "every record fits into an empty segment");

struct segment {
	uint64_t first; /* number of its first record, as in its name */
	uint64_t bytes; /* of the file */
	uint32_t count; /* records that can be read */
};

/* The segment that was read last, in memory. */
struct loaded {
	uint64_t first; /* 0: none */
	uint8_t *octets;
	size_t room;
	struct segment_index index;
};

struct record_log {
	struct record_log_cfg cfg;
	char name[LOG_NAME_MAX + 1];
	uint64_t max_bytes;
	struct segment *segments; /* oldest first */
	uint32_t count, room;
	uint64_t next; /* number of the record that is appended next */
	uint64_t torn;
	/* The segment that is written to, the last one; fd -1: none, the next append makes one. */
	int fd;
	struct segment_head head;
	size_t end, allocated; /* octets written, and given to the file */
	bool is_dirty;
	struct loaded loaded;
	uint8_t scratch[RECORD_HEAD_OCTETS + RECORD_MAX];
};

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static size_t segment_bytes(const struct record_log *log)
{
	return (size_t)clamp(log->max_bytes / SEGMENTS_WANTED, SEGMENT_BYTES_MIN,
	                     SEGMENT_BYTES_MAX);
}

static uint64_t total_bytes(const struct record_log *log)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < log->count; i++)
		total += log->segments[i].bytes;
	return total;
}

/* The number of the last record that belongs into a segment, readable or not. */
static uint64_t last_of(const struct record_log *log, uint32_t at)
{
	return (at + 1 < log->count ? log->segments[at + 1].first : log->next) - 1;
}

static void name_segment(const struct record_log *log, uint64_t first, char ret[FILE_NAME_MAX])
{
	(void)snprintf(ret, FILE_NAME_MAX, "%s.%016" PRIx64, log->name, first); /* fits */
}

static struct segment *add_segment(struct record_log *log, uint64_t first, uint64_t bytes)
{
	if (log->count == log->room) {
		log->room = log->room ? log->room * 2 : SEGMENTS_WANTED;
		log->segments = xrealloc(log->segments, log->room, sizeof(*log->segments));
	}
	log->segments[log->count] = (struct segment) { .first = first, .bytes = bytes };
	return &log->segments[log->count++];
}

/* --- reading ------------------------------------------------------------------------------------- */

/* Have one segment in memory, with its index.  0; -EBADMSG: its head is gone, and with it all that
 * it held; -errno. */
static int load(struct record_log *log, uint32_t at, struct segment_head *ret_head)
{
	struct segment *s = &log->segments[at];
	struct loaded *l = &log->loaded;
	char name[FILE_NAME_MAX];
	size_t len = 0;

	l->first = 0;
	name_segment(log, s->first, name);
	CLEANUP(fd_closep)
	int fd = openat(log->cfg.dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (l->room < s->bytes) {
		l->octets = xrealloc(l->octets, (size_t)s->bytes, 1);
		l->room = (size_t)s->bytes;
	}
	int rc = fd_read_from_start(fd, l->octets, (size_t)s->bytes, &len);

	if (rc < 0)
		return rc;
	s->count = 0;
	if (segment_head_read(l->octets, len, ret_head) < 0 || ret_head->first != s->first)
		return -EBADMSG;
	segment_scan(ret_head, l->octets, len, &l->index);
	s->count = l->index.count;
	l->first = s->first;
	return 0;
}

/* The index of a segment; an empty one when its head is gone. */
static int look(struct record_log *log, uint32_t at, const struct segment_index **ret)
{
	static const struct segment_index none;
	struct segment_head head;

	*ret = &log->loaded.index;
	if (log->loaded.first == log->segments[at].first)
		return 0;
	int rc = load(log, at, &head);

	if (rc == -EBADMSG || rc == -ENOENT) {
		*ret = &none;
		return 0;
	}
	return rc;
}

static void give(const struct record_log *log, const struct segment_entry *e, struct record *ret)
{
	*ret = (struct record) { e->number, log->loaded.octets + e->at, e->len };
}

int record_log_next(struct record_log *log, uint64_t after, struct record *ret)
{
	for (uint32_t at = 0; at < log->count; at++) {
		const struct segment_index *index;

		if (last_of(log, at) <= after)
			continue;
		int rc = look(log, at, &index);

		if (rc < 0)
			return rc;
		uint32_t i = segment_index_above(index, after);

		if (i < index->count) {
			give(log, &index->entries[i], ret);
			return 0;
		}
	}
	return -ENOENT;
}

int record_log_previous(struct record_log *log, uint64_t before, struct record *ret)
{
	for (uint32_t at = log->count; at-- > 0;) {
		const struct segment_index *index;

		if (before <= log->segments[at].first)
			continue;
		int rc = look(log, at, &index);

		if (rc < 0)
			return rc;
		uint32_t i = segment_index_above(index, before - 1);

		if (i > 0) {
			give(log, &index->entries[i - 1], ret);
			return 0;
		}
	}
	return -ENOENT;
}

/* --- opening ------------------------------------------------------------------------------------- */

/* The number in the name of one of our segments; 0: it is none. */
static uint64_t number_in_name(const struct record_log *log, const char *file)
{
	size_t len = strlen(log->name);
	char again[FILE_NAME_MAX];

	if (strncmp(file, log->name, len) != 0 || file[len] != '.')
		return 0;
	uint64_t first = strtoull(file + len + 1, NULL, 16);

	name_segment(log, first, again);
	return strcmp(file, again) == 0 ? first : 0;
}

static int by_first(const void *a, const void *b)
{
	uint64_t one = ((const struct segment *)a)->first,
	         other = ((const struct segment *)b)->first;

	return one < other ? -1 : one > other;
}

static int list_segments(struct record_log *log)
{
	int copy = openat(log->cfg.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int rc = 0;

	if (!list) {
		rc = -errno;
		fd_closep(&copy);
		return rc;
	}
	for (const struct dirent *e; rc == 0 && (e = readdir(list)) != NULL;) {
		uint64_t first = number_in_name(log, e->d_name);
		struct stat st;

		if (first == 0)
			continue;
		if (fstatat(copy, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			rc = -errno;
		else if (!S_ISREG(st.st_mode) || st.st_size > (off_t)SEGMENT_BYTES_MAX ||
		         log->count == SEGMENTS_MAX)
			rc = -EINVAL; /* nothing that we made */
		else
			(void)add_segment(log, first, (uint64_t)st.st_size);
	}
	(void)closedir(list);
	if (log->count)
		qsort(log->segments, log->count, sizeof(*log->segments), by_first);
	return rc;
}

/* Cut off what a crash left behind the last whole record. */
static int cut(struct record_log *log)
{
	if (log->loaded.index.has_rest) {
		if (ftruncate(log->fd, (off_t)log->end) < 0)
			return -errno;
		log->torn++;
		log->allocated = log->end;
		log->is_dirty = true;
		log->segments[log->count - 1].bytes = log->end;
	}
	return 0;
}

/* Go on with the newest segment, which is in memory. */
static int resume(struct record_log *log, const struct segment_head *head)
{
	const struct segment *s = &log->segments[log->count - 1];
	const struct segment_index *index = &log->loaded.index;
	char name[FILE_NAME_MAX];

	log->head = *head;
	log->next = index->count ? index->entries[index->count - 1].number + 1 : head->first;
	log->end = index->end;
	log->allocated = (size_t)s->bytes;
	name_segment(log, s->first, name);
	log->fd = openat(log->cfg.dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (log->fd < 0)
		return -errno;
	return cut(log);
}

static int drop_file(struct record_log *log, uint64_t first)
{
	char name[FILE_NAME_MAX];

	name_segment(log, first, name);
	return unlinkat(log->cfg.dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* Look through every segment: what can be read, and where to go on. */
static int recover(struct record_log *log)
{
	struct segment_head head = { 0 };
	int rc = list_segments(log);

	log->next = 1;
	for (uint32_t at = 0; rc == 0 && at < log->count; at++) {
		const struct segment *s = &log->segments[at];
		bool is_newest = at + 1 == log->count;

		rc = load(log, at, &head);
		if (rc == 0 && is_newest)
			return resume(log, &head);
		if (rc != -EBADMSG)
			continue;
		rc = 0;
		if (is_newest && s->bytes <= SEGMENT_HEAD_OCTETS) {
			log->next = s->first;
			rc = drop_file(log, s->first);
			log->count--;
			break; /* numbers go on where it was to begin; the next append makes one */
		}
		if (is_newest) /* no number that it may have held is used again */
			log->next = s->first + s->bytes / RECORD_HEAD_OCTETS;
	}
	return rc;
}

int record_log_open(const struct record_log_cfg *cfg, struct record_log **ret, struct diag *d)
{
	size_t len = strlen(cfg->name);
	struct record_log *log = xcalloc(1, sizeof(*log));

	assert(len > 0 && len <= LOG_NAME_MAX);
	log->cfg = *cfg;
	memcpy(log->name, cfg->name, len + 1);
	log->fd = -1;
	record_log_set_max(log, cfg->max_bytes);
	int rc = recover(log);

	if (rc < 0) {
		record_log_close(log);
		return diag_set(d, rc, "cannot read the log \"%s\" in the state folder: %s",
		                cfg->name, strerror(-rc));
	}
	*ret = log;
	return 0;
}

void record_log_close(struct record_log *log)
{
	if (!log)
		return;
	fd_closep(&log->fd);
	segment_index_fini(&log->loaded.index);
	free(log->loaded.octets);
	free(log->segments);
	free(log);
}

void record_log_set_max(struct record_log *log, uint64_t max_bytes)
{
	log->max_bytes = clamp(max_bytes, RECORD_LOG_BYTES_MIN, RECORD_LOG_BYTES_MAX);
}

/* --- appending ----------------------------------------------------------------------------------- */

int record_log_sync(struct record_log *log)
{
	if (!log->is_dirty)
		return 0;
	if (fdatasync(log->fd) < 0)
		return -errno;
	log->is_dirty = false;
	return 0;
}

static int allocate(int fd, size_t from, size_t to)
{
	int rc;

	do
		rc = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
	while (rc == EINTR);
	return -rc;
}

/* Drop the oldest segments until another one fits the bound. */
static int make_room(struct record_log *log)
{
	while (log->count && total_bytes(log) + segment_bytes(log) > log->max_bytes) {
		uint64_t last = last_of(log, 0);
		int rc = log->cfg.before_drop ? log->cfg.before_drop(log->cfg.ctx, last) : 0;

		if (rc == 0)
			rc = drop_file(log, log->segments[0].first);
		if (rc < 0)
			return rc;
		if (log->loaded.first == log->segments[0].first)
			log->loaded.first = 0;
		log->count--;
		memmove(log->segments, log->segments + 1, log->count * sizeof(*log->segments));
		if (log->count == 0)
			fd_closep(&log->fd); /* it was the one written to */
	}
	return 0;
}

/* A new segment in its file, durable and with all its room. */
static int begin_file(struct record_log *log, const char *name, const struct segment_head *head)
{
	uint8_t octets[SEGMENT_HEAD_OCTETS];
	CLEANUP(fd_closep)
	int fd = openat(log->cfg.dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	                0600);

	if (fd < 0)
		return -errno;
	segment_head_write(head, octets);
	int rc = fd_write_at(fd, octets, sizeof(octets), 0);

	if (rc == 0 && fdatasync(fd) < 0) /* so that a long file without a head is damage */
		rc = -errno;
	if (rc == 0)
		rc = allocate(fd, sizeof(octets), segment_bytes(log));
	if (rc == 0 && (fsync(fd) < 0 || fsync(log->cfg.dir) < 0))
		rc = -errno;
	if (rc < 0) {
		(void)unlinkat(log->cfg.dir, name, 0); /* if it stays it is found empty */
		return rc;
	}
	return fd_steal(&fd);
}

static int rotate(struct record_log *log)
{
	struct segment_head head = { .first = log->next };
	char name[FILE_NAME_MAX];
	int rc = record_log_sync(log);

	if (rc == 0)
		rc = make_room(log);
	if (rc < 0)
		return rc;
	if (getrandom(&head.key, sizeof(head.key), 0) != (ssize_t)sizeof(head.key))
		return -EIO;
	rc = drop_file(log, head.first); /* one that was begun in vain: it holds nothing */
	if (rc < 0)
		return rc;
	name_segment(log, head.first, name);
	int fd = begin_file(log, name, &head);

	if (fd < 0)
		return fd;
	fd_closep(&log->fd);
	log->fd = fd;
	log->head = head;
	log->end = SEGMENT_HEAD_OCTETS;
	log->allocated = segment_bytes(log);
	(void)add_segment(log, head.first, log->allocated);
	return 0;
}

/* See to ``octets`` of room behind what is written, all of it in one segment. */
static int ensure(struct record_log *log, size_t octets)
{
	size_t limit = segment_bytes(log);

	if (octets > limit - SEGMENT_HEAD_OCTETS)
		return -ENOBUFS;
	if (log->fd < 0 || log->end + octets > limit)
		return rotate(log);
	if (log->end + octets > log->allocated) {
		int rc = allocate(log->fd, log->end, limit);

		if (rc < 0)
			return rc;
		log->allocated = limit;
		log->segments[log->count - 1].bytes = limit;
	}
	return 0;
}

int record_log_reserve(struct record_log *log, size_t bytes, unsigned count)
{
	return ensure(log, bytes + count * segment_record_size(1));
}

int record_log_append(struct record_log *log, const void *data, size_t len, uint64_t *ret_number)
{
	if (len == 0 || len > RECORD_MAX)
		return -EMSGSIZE;
	size_t size = segment_record_size(len);
	int rc = ensure(log, size);

	if (rc < 0)
		return rc;
	struct segment *s = &log->segments[log->count - 1];

	segment_record_write(&log->head, log->next, data, len, log->scratch);
	rc = fd_write_at(log->fd, log->scratch, size, log->end);
	if (rc < 0) {
		if (ftruncate(log->fd, (off_t)log->end) == 0) {
			log->allocated = log->end;
			s->bytes = log->end;
		}
		return rc; /* what could not be cut off is written over, or cut off at the next start */
	}
	if (log->loaded.first == s->first)
		log->loaded.first = 0;
	log->end += size;
	log->is_dirty = true;
	s->count++;
	*ret_number = log->next++;
	return 0;
}

struct record_log_state record_log_state(const struct record_log *log)
{
	struct record_log_state state = {
		.first = log->count ? log->segments[0].first : log->next,
		.last = log->next - 1,
		.torn = log->torn,
		.bytes = total_bytes(log),
	};
	uint64_t readable = 0;

	for (uint32_t i = 0; i < log->count; i++)
		readable += log->segments[i].count;
	state.dropped = state.first - 1;
	state.damaged = state.last + 1 - state.first - readable;
	return state;
}
