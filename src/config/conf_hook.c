/* SPDX-License-Identifier: Apache-2.0 */
/* `webhook NAME` and `hook NAME`: whom events are sent to, and which commands they run. */
#include "config/conf_notify.h"
#include "config/conf_print.h"
#include "config/conf_rows.h"

#include <string.h>

#define TIMEOUT_ROW(type, low, high, first, text)                                               \
	{                                                                                       \
		.keyword = "timeout", .kind = CK_U32, .unit = U_S, .where = CW_SUB,             \
		.offset = offsetof(struct type, timeout_s), .min = (low), .max = (high),        \
		.initial = (first), .help = (text), .source = "docs/internals/notifications.md" \
	}

const struct conf_row conf_webhook_rows[] = {
	{ .keyword = "retries",
	  .kind = CK_U32,
	  .unit = U_NONE,
	  .where = CW_SUB,
	  .offset = offsetof(struct webhook_conf, retries),
	  .min = 0,
	  .max = 20,
	  .initial = 8,
	  .help = "Further attempts of a delivery that failed",
	  .source = "docs/internals/notifications.md" },
	TIMEOUT_ROW(webhook_conf, 1, 60, 10, "Time of one attempt"),
	{ 0 },
};

const struct conf_row conf_hook_rows[] = {
	TIMEOUT_ROW(hook_conf, 1, 3600, 30, "Time after which the command is killed"),
	{ 0 },
};

const struct hook_conf *notify_find_hook(const struct notify_conf *n, const char *name)
{
	for (uint32_t i = 0; i < n->hook_count; i++) {
		if (strcmp(n->hooks[i].name, name) == 0)
			return &n->hooks[i];
	}
	return NULL;
}

static bool same_events(const struct event_list *a, const struct event_list *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		if (!event_filter_equal(&a->events[i], &b->events[i]))
			return false;
	}
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_hook(const struct hook_conf *a, const struct hook_conf *b)
{
	if (!same_text(a->name, b->name) || !same_text(a->file, b->file) ||
	    a->timeout_s != b->timeout_s || a->argument_count != b->argument_count ||
	    !same_events(&a->events, &b->events))
		return false;
	for (uint32_t i = 0; i < a->argument_count; i++) {
		if (!same_text(a->arguments[i], b->arguments[i]))
			return false;
	}
	return true;
}

static bool same_webhook(const struct webhook_conf *a, const struct webhook_conf *b)
{
	return same_text(a->name, b->name) && same_text(a->url, b->url) &&
	       same_text(a->keychain, b->keychain) && a->timeout_s == b->timeout_s &&
	       a->retries == b->retries && same_events(&a->events, &b->events);
}

bool notify_conf_equal(const struct notify_conf *a, const struct notify_conf *b)
{
	if (a->logging_traps != b->logging_traps || a->reaction_alerts != b->reaction_alerts ||
	    a->journal != b->journal || a->level != b->level || a->facility != b->facility ||
	    a->delivery != b->delivery || a->mos != b->mos || a->host_count != b->host_count ||
	    a->webhook_count != b->webhook_count || a->hook_count != b->hook_count)
		return false;
	for (uint32_t i = 0; i < a->host_count; i++) {
		if (strcmp(a->hosts[i].host, b->hosts[i].host) != 0 ||
		    a->hosts[i].transport != b->hosts[i].transport ||
		    a->hosts[i].port != b->hosts[i].port)
			return false;
	}
	for (uint32_t i = 0; i < a->webhook_count; i++) {
		if (!same_webhook(&a->webhooks[i], &b->webhooks[i]))
			return false;
	}
	for (uint32_t i = 0; i < a->hook_count; i++) {
		if (!same_hook(&a->hooks[i], &b->hooks[i]))
			return false;
	}
	return true;
}

/* --- words that both blocks share ---------------------------------------------------------------------- */

static bool is_name(const char *word)
{
	static const char good[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return word && strlen(word) <= CONF_NAME_MAX && word[strspn(word, good)] == '\0' &&
	       *word != '.';
}

/* [A-Za-z0-9_-][A-Za-z0-9._-]{0,62} */
static bool take_block_name(struct conf_parser *p, uint32_t at, const char **ret)
{
	const char *word = conf_word(p, at);

	if (!is_name(word)) {
		conf_error_expected(p, at, "a name of 1 to 63 letters, digits, . _ and -");
		return false;
	}
	*ret = word;
	return conf_take_end(p, at + 1);
}

/* --- webhook NAME ---------------------------------------------------------------------------------------- */

static struct webhook_conf *webhook_of(struct conf_parser *p)
{
	return &p->cfg->notify.webhooks[p->webhook];
}

/* https://HOST[:PORT]/… without a user: a secret would stand in a line that is shown. */
static bool is_https(const char *url)
{
	size_t head = strlen("https://");

	if (!url || strlen(url) >= WEBHOOK_URL_MAX || strncmp(url, "https://", head) != 0)
		return false;
	for (const char *c = url; *c; c++) {
		if (*c <= ' ' || *c >= 0x7f || *c == '"' || *c == '\\' || *c == '#')
			return false;
	}
	size_t host = strcspn(url + head, "/?");

	return host > 0 && !memchr(url + head, '@', host);
}

static void webhook_url(struct conf_parser *p, const struct conf_match *m)
{
	const char *word = conf_word(p, m->at);

	if (p->form != CONF_SET) {
		webhook_of(p)->url = NULL;
		return;
	}
	if (!is_https(word)) {
		conf_error_expected(p, m->at,
		                    "an address such as https://192.0.2.1/path, without a user");
		p->webhook_places[p->webhook].line = 0; /* one error is enough */
		return;
	}
	if (conf_take_end(p, m->at + 1))
		webhook_of(p)->url = arena_strdup(&p->cfg->arena, word);
}

static void webhook_keychain(struct conf_parser *p, const struct conf_match *m)
{
	const char *name = NULL;

	if (p->form == CONF_SET &&
	    (!conf_take_name(p, m->at, "the name of a key chain", CONF_NAME_MAX, &name) ||
	     !conf_take_end(p, m->at + 1)))
		return;
	webhook_of(p)->keychain = name;
}

static void webhook_event(struct conf_parser *p, const struct conf_match *m)
{
	conf_event_line(p, m, &webhook_of(p)->events);
}

#define EVENT_USAGE                                                                               \
	"{ipsla=A reaction; {all | operation-id <1-2147483647>} [reaction-type WORD=Element;] | " \
	"track=A tracked object; {all | <1-32767>} [state {any | down | up}]}"

const struct conf_command conf_commands_webhook[] = {
	{ .word = "event",
	  .flags = CC_OWN | CC_NO,
	  .run = webhook_event,
	  .usage = EVENT_USAGE,
	  .help = "Which events are sent" },
	{ .word = "key-chain",
	  .flags = CC_OWN | CC_NO,
	  .run = webhook_keychain,
	  .usage = "WORD=Name of the key chain;",
	  .help = "Key chain that signs what is sent" },
	{ .word = "url",
	  .flags = CC_OWN | CC_NO,
	  .run = webhook_url,
	  .usage = "WORD=https://HOST/PATH;",
	  .help = "Where events are sent to" },
	{ 0 },
};

static void *webhook_object(struct conf_parser *p)
{
	return webhook_of(p);
}

static const struct conf_row_key webhook_keys[] = {
	{ .words = "retries", .row = &conf_webhook_rows[0], .object = webhook_object },
	{ .words = "timeout", .row = &conf_webhook_rows[1], .object = webhook_object },
};

/* --- hook NAME -------------------------------------------------------------------------------------------- */

static struct hook_conf *hook_of(struct conf_parser *p)
{
	return &p->cfg->notify.hooks[p->hook];
}

static void hook_command(struct conf_parser *p, const struct conf_match *m)
{
	struct hook_conf *h = hook_of(p);
	const char *word = conf_word(p, m->at);
	uint32_t arguments = p->line.count - m->at - 1;

	if (p->form != CONF_SET) {
		h->file = NULL;
		h->argument_count = 0;
		return;
	}
	if (!is_name(word) || strlen(word) >= HOOK_FILE_OCTETS_MAX) {
		conf_error_expected(
		        p, m->at,
		        "the bare name of a file in the folder of hooks: letters, digits, "
		        ". _ and -");
		p->hook_places[p->hook].line = 0; /* one error is enough */
		return;
	}
	if (arguments > HOOK_CONF_WORDS_MAX) {
		conf_error(p, m->at + 1 + HOOK_CONF_WORDS_MAX, "expected at most %u arguments",
		           HOOK_CONF_WORDS_MAX);
		p->hook_places[p->hook].line = 0;
		return;
	}
	h->file = arena_strdup(&p->cfg->arena, word);
	h->argument_count = arguments;
	for (uint32_t i = 0; i < arguments; i++)
		h->arguments[i] = arena_strdup(&p->cfg->arena, conf_word(p, m->at + 1 + i));
}

static void hook_event(struct conf_parser *p, const struct conf_match *m)
{
	conf_event_line(p, m, &hook_of(p)->events);
}

const struct conf_command conf_commands_hook[] = {
	{ .word = "command",
	  .flags = CC_OWN | CC_NO,
	  .run = hook_command,
	  .usage = "WORD=Bare name of a file in the folder of hooks; [LINE=Arguments;]",
	  .help = "What is run" },
	{ .word = "event",
	  .flags = CC_OWN | CC_NO,
	  .run = hook_event,
	  .usage = EVENT_USAGE,
	  .help = "Which events run it" },
	{ 0 },
};

static void *hook_object(struct conf_parser *p)
{
	return hook_of(p);
}

static const struct conf_row_key hook_keys[] = {
	{ .words = "timeout", .row = &conf_hook_rows[0], .object = hook_object },
};

/* --- the modes ---------------------------------------------------------------------------------------------- */

static struct conf_match find_in_block(const struct conf_parser *p, uint32_t at,
                                       const struct conf_command *commands,
                                       const struct conf_row_key *keys, uint32_t key_count)
{
	struct conf_match m = conf_words_walk(commands, &p->line, at);

	if (m.found == CONF_FOUND_NOTHING)
		m = conf_row_keys_find(keys, key_count, &p->line, at);
	return m;
}

static void run_in_block(struct conf_parser *p, const struct conf_match *m, const char *expected)
{
	if (m->found != CONF_FOUND)
		conf_error_expected(p, m->at, expected);
	else if (m->key)
		(void)conf_row_line(p, m); /* reports its own error */
	else
		m->command->run(p, m);
}

static struct conf_match webhook_find(const struct conf_parser *p, uint32_t at)
{
	return find_in_block(p, at, conf_commands_webhook, webhook_keys, ARRAY_LEN(webhook_keys));
}

static void webhook_run(struct conf_parser *p, const struct conf_match *m)
{
	run_in_block(p, m, "event, key-chain, retries, timeout or url");
}

static struct conf_offer webhook_offer(const struct conf_parser *p)
{
	(void)p;
	return (struct conf_offer) { .commands = { conf_commands_webhook },
		                     .keys = webhook_keys,
		                     .key_count = ARRAY_LEN(webhook_keys) };
}

static const struct conf_mode mode_webhook = {
	.name = "webhook",
	.prompt = "config-webhook",
	.parent = &conf_mode_global,
	.find = webhook_find,
	.run = webhook_run,
	.offer = webhook_offer,
};

static struct conf_match hook_find(const struct conf_parser *p, uint32_t at)
{
	return find_in_block(p, at, conf_commands_hook, hook_keys, ARRAY_LEN(hook_keys));
}

static void hook_run(struct conf_parser *p, const struct conf_match *m)
{
	run_in_block(p, m, "command, event or timeout");
}

static struct conf_offer hook_offer(const struct conf_parser *p)
{
	(void)p;
	return (struct conf_offer) { .commands = { conf_commands_hook },
		                     .keys = hook_keys,
		                     .key_count = ARRAY_LEN(hook_keys) };
}

static const struct conf_mode mode_hook = {
	.name = "hook",
	.prompt = "config-hook",
	.parent = &conf_mode_global,
	.find = hook_find,
	.run = hook_run,
	.offer = hook_offer,
};

static uint32_t find_webhook(const struct notify_conf *n, const char *name)
{
	uint32_t at = 0;

	while (at < n->webhook_count && strcmp(n->webhooks[at].name, name) != 0)
		at++;
	return at;
}

static uint32_t find_hook(const struct notify_conf *n, const char *name)
{
	const struct hook_conf *h = notify_find_hook(n, name);

	return h ? (uint32_t)(h - n->hooks) : n->hook_count;
}

static void forget(struct place *places, uint32_t at, uint32_t left)
{
	memmove(&places[at], &places[at + 1], (left - at) * sizeof(*places));
}

void conf_webhook_enter(struct conf_parser *p, const struct conf_match *m)
{
	struct notify_conf *n = &p->cfg->notify;
	const char *name;

	if (!take_block_name(p, m->at, &name)) {
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	uint32_t at = find_webhook(n, name);

	if (p->form != CONF_SET) {
		if (at == n->webhook_count) {
			conf_error(p, m->at, "there is no webhook '%s' above", name);
			return;
		}
		n->webhook_count--;
		memmove(&n->webhooks[at], &n->webhooks[at + 1],
		        (n->webhook_count - at) * sizeof(*n->webhooks));
		forget(p->webhook_places, at, n->webhook_count);
		return;
	}
	if (at == WEBHOOKS_MAX) {
		conf_error(p, m->at, "expected at most %u webhooks", WEBHOOKS_MAX);
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	if (at == n->webhook_count) {
		if (!n->webhooks)
			n->webhooks =
			        arena_alloc(&p->cfg->arena, WEBHOOKS_MAX * sizeof(*n->webhooks));
		n->webhooks[at] =
		        (struct webhook_conf) { .name = arena_strdup(&p->cfg->arena, name) };
		conf_rows_init(conf_webhook_rows, &n->webhooks[at]);
		p->webhook_places[at] = conf_place(p, m->at);
		n->webhook_count++;
	}
	p->webhook = at;
	p->mode = &mode_webhook;
}

void conf_hook_enter(struct conf_parser *p, const struct conf_match *m)
{
	struct notify_conf *n = &p->cfg->notify;
	const char *name;

	if (!take_block_name(p, m->at, &name)) {
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	uint32_t at = find_hook(n, name);

	if (p->form != CONF_SET) {
		if (at == n->hook_count) {
			conf_error(p, m->at, "there is no hook '%s' above", name);
			return;
		}
		n->hook_count--;
		memmove(&n->hooks[at], &n->hooks[at + 1], (n->hook_count - at) * sizeof(*n->hooks));
		forget(p->hook_places, at, n->hook_count);
		return;
	}
	if (at == HOOKS_MAX) {
		conf_error(p, m->at, "expected at most %u hooks", HOOKS_MAX);
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	if (at == n->hook_count) {
		if (!n->hooks)
			n->hooks = arena_alloc(&p->cfg->arena, HOOKS_MAX * sizeof(*n->hooks));
		n->hooks[at] = (struct hook_conf) { .name = arena_strdup(&p->cfg->arena, name) };
		conf_rows_init(conf_hook_rows, &n->hooks[at]);
		p->hook_places[at] = conf_place(p, m->at);
		n->hook_count++;
	}
	p->hook = at;
	p->mode = &mode_hook;
}

/* --- the whole, and printing ---------------------------------------------------------------------------------- */

void conf_notify_finish(struct conf_parser *p)
{
	const struct notify_conf *n = &p->cfg->notify;

	for (uint32_t i = 0; i < n->webhook_count; i++) {
		const struct webhook_conf *w = &n->webhooks[i];

		if (!w->url && p->webhook_places[i].line)
			conf_error_place(p, p->webhook_places[i],
			                 "webhook '%s' has no address: expected `url https://…` "
			                 "below it",
			                 w->name);
		if (w->keychain && !config_find_keychain(p->cfg, w->keychain))
			conf_error_place(p, p->webhook_places[i],
			                 "key chain '%s' of webhook '%s' is not defined",
			                 w->keychain, w->name);
	}
	for (uint32_t i = 0; i < n->hook_count; i++) {
		if (!n->hooks[i].file && p->hook_places[i].line)
			conf_error_place(
			        p, p->hook_places[i],
			        "hook '%s' has no command: expected `command FILE` below it",
			        n->hooks[i].name);
	}
}

static void print_rows(const struct conf_row *rows, const void *object, FILE *to, bool all)
{
	char text[CONF_ROW_TEXT_MAX];

	for (; rows->kind != CK_NONE; rows++) {
		if (!conf_row_format(rows, object, text, sizeof(text)) || all)
			(void)fprintf(to, " %s %s\n", rows->keyword, text);
	}
}

void conf_hooks_print(const struct notify_conf *n, FILE *to, bool all)
{
	for (uint32_t i = 0; i < n->webhook_count; i++) {
		const struct webhook_conf *w = &n->webhooks[i];

		(void)fprintf(to, "webhook %s\n", w->name);
		if (w->url)
			(void)fprintf(to, " url %s\n", w->url);
		if (w->keychain)
			(void)fprintf(to, " key-chain %s\n", w->keychain);
		else if (all)
			(void)fputs(" no key-chain\n", to);
		print_rows(conf_webhook_rows, w, to, all);
		conf_events_print(&w->events, to);
	}
	for (uint32_t i = 0; i < n->hook_count; i++) {
		const struct hook_conf *h = &n->hooks[i];

		(void)fprintf(to, "hook %s\n", h->name);
		if (h->file) {
			(void)fprintf(to, " command %s", h->file);
			for (uint32_t k = 0; k < h->argument_count; k++)
				(void)fprintf(to, " %s", h->arguments[k]);
			(void)fputc('\n', to);
		}
		print_rows(conf_hook_rows, h, to, all);
		conf_events_print(&h->events, to);
	}
}
