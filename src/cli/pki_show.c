/* SPDX-License-Identifier: Apache-2.0 */
/* candor pki list and show: what was issued, as text or as a document. */
#include "base/clocktypes.h"
#include "cli/pki.h"
#include "cli/show_fetch.h"
#include "object/doc.h"
#include "object/result_object.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

char *pki_date(int64_t at_s, char *to)
{
	time_t t = (time_t)at_s;
	struct tm tm;

	if (at_s == 0 || !gmtime_r(&t, &tm) || strftime(to, 16, "%Y-%m-%d", &tm) == 0)
		(void)snprintf(to, 16, "-");
	return to;
}

static const char *state_of(const struct ca_entry *e, int64_t now_s)
{
	if (e->revoked_s)
		return "revoked";
	return e->until_s <= now_s ? "expired" : "valid";
}

static bool is_wanted(const struct ca_entry *e, const char *wanted)
{
	return !wanted || strcmp(e->name, wanted) == 0 || strcasecmp(e->serial, wanted) == 0;
}

/* --- documents ----------------------------------------------------------------------------------- */

static void add_ns(struct arena *a, struct doc *to, const char *key, int64_t at_s)
{
	if (at_s)
		doc_add_int(a, to, key, at_s * NS_PER_S);
	else
		doc_add_null(a, to, key);
}

static void add_entry(struct arena *a, struct doc *items, const struct ca_entry *e, int64_t now_s)
{
	struct doc *d = doc_add_map(a, items, NULL);
	char text[INET_TEXT_MAX];

	doc_add_text(a, d, "serial", e->serial);
	doc_add_text(a, d, "name", e->name);
	doc_add_text(a, d, "kind", e->is_node ? "node" : "person");
	struct doc *addresses = doc_add_list(a, d, "addresses");

	for (uint32_t i = 0; i < e->address_count; i++)
		doc_add_text(a, addresses, NULL, inet_addr_format(&e->addresses[i], text));
	doc_add_text(a, d, "state", state_of(e, now_s));
	add_ns(a, d, "from_ns", e->from_s);
	add_ns(a, d, "until_ns", e->until_s);
	add_ns(a, d, "revoked_at_ns", e->revoked_s);
}

static void print_json(struct cli *cli, const struct ca_view *v, const char *wanted, int64_t now_s)
{
	struct arena a = { 0 };
	struct doc *d = object_new(&a, "pki");
	struct doc *authority = doc_add_map(&a, d, "authority");
	struct doc *crl = doc_add_map(&a, d, "crl");
	struct doc *items = doc_add_list(&a, d, "items");

	doc_add_text(&a, authority, "name", v->name);
	doc_add_text(&a, authority, "sha256", v->sha256);
	doc_add_bool(&a, authority, "key_is_encrypted", v->key_is_encrypted);
	add_ns(&a, authority, "from_ns", v->from_s);
	add_ns(&a, authority, "until_ns", v->until_s);
	doc_add_int(&a, crl, "number", (int64_t)v->crl_number);
	doc_add_bool(&a, crl, "is_current", v->crl_is_current);
	add_ns(&a, crl, "until_ns", v->crl_until_s);
	for (uint32_t i = 0; i < v->count; i++) {
		if (is_wanted(&v->entries[i], wanted))
			add_entry(&a, items, &v->entries[i], now_s);
	}
	if (doc_write_json(d, cli->out, 2) < 0)
		(void)fflush(cli->out); /* show_flush() says why */
	arena_free(&a);
}

/* --- text ---------------------------------------------------------------------------------------- */

static void print_authority(struct cli *cli, const struct ca_view *v, int64_t now_s)
{
	char until[16], crl_until[16];

	(void)fprintf(cli->out, "%s, until %s%s\n", v->name, pki_date(v->until_s, until),
	              v->until_s <= now_s ? " (ended)" : "");
	(void)fprintf(cli->out, "SHA-256 %s\n", v->sha256);
	(void)fprintf(cli->out, "Revocations: list %" PRIu64 ", until %s\n", v->crl_number,
	              pki_date(v->crl_until_s, crl_until));
	if (!v->crl_is_current)
		(void)fputs("crl.pem lacks revocations, since a command was interrupted: run "
		            "\"candor pki renew-crl\"\n",
		            cli->out);
	else if (v->crl_until_s <= now_s)
		(void)fputs("crl.pem is outdated, and nodes that have it refuse everybody: run "
		            "\"candor pki renew-crl\" and distribute it\n",
		            cli->out);
}

static void print_row(struct cli *cli, const struct ca_entry *e, int64_t now_s)
{
	char until[16];

	(void)fprintf(cli->out, "%s  %s  %-6s  %-7s  %s\n", e->serial, pki_date(e->until_s, until),
	              e->is_node ? "node" : "person", state_of(e, now_s), e->name);
}

static void print_whole(struct cli *cli, const struct ca_entry *e, int64_t now_s)
{
	char text[INET_TEXT_MAX], date[16];

	(void)fprintf(cli->out, "%s\n", e->name);
	(void)fprintf(cli->out, "  kind      %s\n", e->is_node ? "node" : "person");
	(void)fprintf(cli->out, "  serial    %s\n", e->serial);
	(void)fprintf(cli->out, "  from      %s\n", pki_date(e->from_s, date));
	(void)fprintf(cli->out, "  until     %s\n", pki_date(e->until_s, date));
	for (uint32_t i = 0; i < e->address_count; i++)
		(void)fprintf(cli->out, "  address   %s\n",
		              inet_addr_format(&e->addresses[i], text));
	(void)fprintf(cli->out, "  state     %s", state_of(e, now_s));
	if (e->revoked_s)
		(void)fprintf(cli->out, " on %s", pki_date(e->revoked_s, date));
	(void)fputc('\n', cli->out);
}

int pki_print(struct cli *cli, const struct ca_view *view, const char *wanted, int64_t now_s)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < view->count; i++)
		found += is_wanted(&view->entries[i], wanted);
	if (wanted && !found)
		return cli_error(cli, CLI_LOSS, "no certificate was issued to \"%s\"", wanted);
	if (cli->json) {
		print_json(cli, view, wanted, now_s);
		return show_flush(cli);
	}
	if (!wanted) {
		print_authority(cli, view, now_s);
		if (found)
			(void)fprintf(cli->out, "\n%-32s  %-10s  %-6s  %-7s  %s\n", "Serial",
			              "Until", "Kind", "State", "Name");
	}
	for (uint32_t i = 0; i < view->count; i++) {
		const struct ca_entry *e = &view->entries[i];

		if (!wanted)
			print_row(cli, e, now_s);
		else if (is_wanted(e, wanted))
			print_whole(cli, e, now_s);
	}
	return show_flush(cli);
}
