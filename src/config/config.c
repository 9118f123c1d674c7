/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as a whole: files, look-ups, life. */
#include "config/config.h"

#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_print.h"
#include "config/op_conf.h"
#include "io/fd_octets.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void config_init(struct config *c)
{
	*c = (struct config) { 0 };
	responder_cfg_init(&c->responder);
	conf_clock_init(&c->clock);
	conf_namp_init(&c->namp);
	conf_tracking_init(&c->tracking);
	conf_notify_init(&c->notify);
	conf_export_init(&c->exports);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->keychain_count; i++)
		explicit_bzero(&c->keychains[i], sizeof(c->keychains[i]));
	conf_namp_wipe(&c->namp);
	explicit_bzero(&c->responder.keychain, sizeof(c->responder.keychain));
	for (uint32_t i = 0; i < c->op_count; i++)
		op_conf_release(c->ops[i]);
	free(c->ops);
	arena_free(&c->arena);
	free(c);
}

const struct op_conf *config_find_op(const struct config *c, uint32_t number)
{
	uint32_t low = 0, high = c->op_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (c->ops[middle]->number == number)
			return c->ops[middle];
		if (c->ops[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct keychain *config_find_keychain(const struct config *c, const char *name)
{
	for (uint32_t i = 0; i < c->keychain_count; i++) {
		if (strcmp(c->keychains[i].name, name) == 0)
			return &c->keychains[i];
	}
	return NULL;
}

const struct reaction_conf *config_find_reactions(const struct config *c, uint32_t number,
                                                  uint32_t *ret_count)
{
	uint32_t low = 0, high = c->reaction_count, count = 0;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (c->reactions[middle].operation < number)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < c->reaction_count && c->reactions[low + count].operation == number)
		count++;
	*ret_count = count;
	return count ? &c->reactions[low] : NULL;
}

const struct reaction_trigger *config_find_triggers(const struct config *c, uint32_t number,
                                                    uint32_t *ret_count)
{
	uint32_t low = 0, high = c->trigger_count, count = 0;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (c->triggers[middle].operation < number)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < c->trigger_count && c->triggers[low + count].operation == number)
		count++;
	*ret_count = count;
	return count ? &c->triggers[low] : NULL;
}

const struct access_list_conf *config_find_access_list(const struct config *c, const char *name)
{
	for (uint32_t i = 0; i < c->access_list_count; i++) {
		if (strcmp(c->access_lists[i].name, name) == 0)
			return &c->access_lists[i];
	}
	return NULL;
}

const struct keychain *config_op_keychain(const struct config *c, const struct op_conf *op)
{
	const char *name = op->keychain ? op->keychain : c->sla_keychain;

	return name ? config_find_keychain(c, name) : NULL;
}

/* The file's octets in *ret_text (heap).  0, -EFBIG or -errno. */
static int read_all(int fd, char **ret_text, size_t *ret_len)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0, cap = 0;

	for (;;) {
		if (len == cap) {
			cap = cap ? 2 * cap : 65536;
			text = xrealloc(text, cap, 1);
		}
		size_t got;
		int rc = fd_read(fd, text + len, cap - len, &got);

		if (rc < 0)
			return rc;
		len += got;
		if (len > CONFIG_FILE_MAX)
			return -EFBIG;
		if (len < cap)
			break;
	}
	*ret_text = text;
	*ret_len = len;
	text = NULL;
	return 0;
}

static int file_error(struct config_errors *errors, int rc)
{
	struct diag d = { 0 };

	*errors = (struct config_errors) { 0 };
	(void)diag_set(&d, rc, "cannot read the configuration: %s", strerror(-rc));
	conf_errors_add(errors, &d);
	return rc;
}

int config_load_fd(int fd, struct config **ret, struct config_errors *errors)
{
	CLEANUP(freep) char *text = NULL;
	struct stat st;
	size_t len = 0;

	if (fstat(fd, &st) < 0)
		return file_error(errors, -errno);
	int rc = read_all(fd, &text, &len);

	if (rc)
		return file_error(errors, rc);
	assert(text);
	bool is_public = S_ISREG(st.st_mode) && (st.st_mode & S_IROTH);

	rc = conf_parse_text(text, len, is_public, ret, errors);
	if (text)
		explicit_bzero(text, len);
	return rc;
}

int config_load(const char *path, struct config **ret, struct config_errors *errors)
{
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return file_error(errors, -errno);
	return config_load_fd(fd, ret, errors);
}
