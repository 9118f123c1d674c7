/* SPDX-License-Identifier: Apache-2.0 */
/* The running configuration: it comes as an open file from the parent. */
#include "candord/control_state.h"

#include "base/log.h"
#include "candord/config_file.h"
#include "candord/config_service.h"
#include "candord/parent_client.h"
#include "io/clock.h"
#include "io/fd_pass.h"
#include "io/notify.h"
#include "object/result_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void log_difference(const struct config_diff *diff)
{
	uint32_t n[OP_CHANGE_REMOVED + 1] = { 0 };

	for (uint32_t i = 0; i < diff->op_count; i++)
		n[diff->ops[i].change]++;
	log_info("control",
	         "configuration: %u operations added, %u removed, %u changed, responder %s",
	         n[OP_CHANGE_ADDED], n[OP_CHANGE_REMOVED],
	         n[OP_CHANGE_LABEL] + n[OP_CHANGE_SCHEDULE] + n[OP_CHANGE_PARAMS] +
	                 n[OP_CHANGE_IDENTITY],
	         diff->responder ? "changed" : "as before");
}

static void apply(struct control *c, struct config *config)
{
	struct config *old = c->config;
	struct config_diff diff;

	if (old)
		config_share(config, old);
	config_diff_init(&diff, old, config);
	c->clock_is_dirty |= diff.clock || !old;
	c->egress_is_dirty |= diff.egress || !old;
	c->responder_is_dirty |= diff.responder || !old;
	c->config = config;
	control_memory_look(c);
	op_table_apply(&c->ops, config, &diff, control_mono(), control_wall());
	clock_system_set_policy(&config->clock);
	c->config_changed_at = control_wall();
	control_messages_apply(c);
	control_reactions_apply(c);
	control_outbound_apply(c);
	control_namp_apply(c, &diff, !old);
	control_export_apply(c, &diff, !old);
	control_publish_operations(c, &diff);
	control_tracks_apply(c, old);
	log_difference(&diff);
	config_diff_fini(&diff);
	config_free(old);
	op_actions_check(&c->actions, control_mono());
	control_memory_note_held(c);
	control_sync_engine(c);
}

/* What was read holds from now on, unless a commit replaced the file since it was opened: then that does. */
static void take(struct control *c, struct config *config, uint32_t order)
{
	struct diag d = { 0 };
	int rc = parent_config_taken(CONTROL_PARENT_REQUESTS, order, &d);

	if (rc == -ESTALE) {
		log_info("control", "%s, so what was read is not applied", d.text);
		config_free(config);
		return;
	}
	if (rc < 0)
		log_warn("control", "the configuration cannot be saved from here: %s", d.text);
	c->reloads += c->config != NULL;
	apply(c, config);
	config_service_loaded(c->configs, c->config);
}

/* Whoever asked for a reload is answered. */
static void answer_reloads(struct control *c, int error, const struct doc *doc,
                           const struct diag *d)
{
	for (unsigned i = 0; i < c->reloads_waiting; i++)
		control_finish(c, c->reload_tickets[i], error, doc, d);
	c->reloads_waiting = 0;
}

static void answer_good(struct control *c)
{
	struct arena a = { 0 };
	struct doc *doc = object_new(&a, "config/running");

	config_service_reloaded_fill(c->configs, &a, doc);
	answer_reloads(c, 0, doc, NULL);
	arena_free(&a);
}

static void answer_bad(struct control *c, struct config_errors *errors)
{
	struct diag d = { 0 };
	struct arena a = { 0 };
	struct doc *doc = doc_new_map(&a);
	int rc = config_service_refused_fill(errors, &a, doc, &d);

	answer_reloads(c, rc, doc, &d);
	arena_free(&a);
}

/* Read the open file and apply it; a bad one changes nothing. */
static void load(struct control *c, int fd, uint32_t order)
{
	struct config_errors errors = { 0 };
	struct config *config;
	int rc = config_load_fd(fd, &config, &errors);

	if (rc == 0) {
		take(c, config, order);
		answer_good(c);
		return;
	}
	config_errors_print(&errors, c->options->config_path, stderr);
	answer_bad(c, &errors);
	if (!c->config) {
		control_end(c, CANDORD_EXIT_CONFIG);
		return;
	}
	c->reloads_refused++;
	log_err("control", "configuration not changed: '%s' has errors", c->options->config_path);
}

void control_on_order(struct control *c, int parent_fd)
{
	struct config_order order;
	CLEANUP(fd_closep) int file = -1;
	ssize_t n = fd_pass_receive(parent_fd, &order, sizeof(order), &file);

	if (n == -EAGAIN)
		return;
	if (n != (ssize_t)sizeof(order)) {
		control_end(c, n == 0 ? CANDORD_EXIT_OK
		                      : CANDORD_EXIT_SYSTEM); /* 0: the order to stop */
		return;
	}
	if (order.error == 0 && file >= 0) {
		bool is_reload = c->is_announced;

		load(c, file, order.order);
		if (is_reload)
			(void)!notify_ready(); /* the end of a reload */
		return;
	}
	log_err("control", "cannot open '%s': %s", c->options->config_path, strerror(-order.error));
	if (!c->config)
		control_end(c, CANDORD_EXIT_CONFIG);
	else
		c->reloads_refused++;
	struct diag d = { 0 };
	int rc = diag_set(&d, -EIO, "cannot open the configuration file: %s",
	                  strerror(-order.error));

	answer_reloads(c, rc, NULL, &d);
}

/* --- what the configuration service asks ---------------------------------------------------------- */

static void on_apply(void *ctx, struct config *config)
{
	apply(ctx, config);
}

static int on_save(void *ctx, const char *text, size_t len, struct diag *d)
{
	(void)ctx;
	return config_file_save(CONTROL_PARENT_REQUESTS, text, len, d);
}

static int on_reload(void *ctx, uint64_t ticket, struct diag *d)
{
	struct control *c = ctx;

	if (c->reloads_waiting == ARRAY_LEN(c->reload_tickets))
		return diag_set(d, -EBUSY, "too many wait for the configuration file to be read");
	int rc = parent_reload(CONTROL_PARENT_REQUESTS, d);

	if (rc < 0)
		return rc;
	c->reload_tickets[c->reloads_waiting++] = ticket;
	return -EINPROGRESS;
}

static void on_changed(void *ctx, const struct config_change *change)
{
	control_publish_change(ctx, change);
	control_note_change(ctx, change);
}

int control_config_start(struct control *c)
{
	const struct config_edges edges = {
		.apply = on_apply,
		.save = on_save,
		.reload = on_reload,
		.changed = on_changed,
		.wall = control_read_wall,
		.boot = control_read_boot,
		.ctx = c,
	};

	c->configs = config_service_new(&edges, CONTROL_STATE_DIR);
	return c->configs ? 0 : -ENOMEM;
}
