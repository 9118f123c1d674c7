/* SPDX-License-Identifier: Apache-2.0 */
/* candor pki: a small CA for NAMP, and pre-shared keys.  Works on files alone: no candord, no network. */
#include "cli/pki.h"
#include "cli/secret_file.h"
#include "cli/show_fetch.h"
#include "io/clock.h"

#include <errno.h>
#include <grp.h>
#include <openssl/rand.h>
#include <string.h>

#define DIR_DEFAULT      "candor-pki"
#define PSK_OCTETS       32
#define PSK_NAME_MAX     63u
#define PSK_LINE_MAX     256u
#define OPTIONS_PER_VERB 9

static const struct own_option own_options[] = {
	{ "dir", "DIR", "Folder of the CA; " DIR_DEFAULT " unless told" },
	{ "name", "TEXT", "init: common name of the CA" },
	{ "days", "N",
	  "init, issue: validity in days; 3650 for a CA, 730 for a node, 365 for a person" },
	{ "crl-days", "N", "init, renew-crl: validity of lists of revoked certificates; 365" },
	{ "passphrase-file", "FILE", "Passphrase of the CA's key: the first line of FILE" },
	{ "node", NULL, "issue: for a node, which may serve; else for a person" },
	{ "address", "A", "issue: address of the node, besides its name; may be repeated" },
	{ "renew", NULL, "issue: although there is a valid certificate, which stays valid" },
	{ "out", "PATH", "issue: the identity folder; key: the file of the key" },
	{ "group", "NAME", "issue: let this group read the key" },
	{ "client", "NAME", "key: who may use it" },
	{ "line", "FILE", "key: write the line of the node's configuration there" },
	{ "force", NULL, "Replace files that are there" },
	{ "json", NULL, "list, show: a JSON document" },
	{ "help", NULL, "This text" },
	{ "h", NULL, "This text" },
	{ 0 },
};

struct pki {
	struct cli *cli;
	struct given_options options;
	const char *word; /* NAME or SERIAL, where the verb takes one */
	const char *dir;
	wall_t now;
};

/* --- helpers ------------------------------------------------------------------------------------- */

static int fail(const struct pki *p, int rc, const struct diag *d)
{
	int code = rc == -EINVAL ? CLI_USAGE : rc == -ENOENT && p->word ? CLI_LOSS : CLI_SYSTEM;

	return cli_error(p->cli, code, "%s", d->text);
}

static bool has(const struct pki *p, const char *option)
{
	return row_options_own(&p->options, option) != NULL;
}

/* "" without the option; to be wiped. */
static int read_passphrase(const struct pki *p, char to[CA_PASSPHRASE_MAX + 1])
{
	const char *path = row_options_own(&p->options, "passphrase-file");
	size_t len = 0;

	to[0] = '\0';
	return path ? secret_file_read(p->cli, path, "a passphrase", to, CA_PASSPHRASE_MAX + 1,
	                               &len)
	            : CLI_GOOD;
}

static int read_days(const struct pki *p, const char *option, uint32_t *days)
{
	uint64_t value = *days;
	int code = row_options_number(p->cli, &p->options, option, 1, CA_DAYS_MAX, &value);

	*days = (uint32_t)value;
	return code;
}

/* The CA; unlocked when something is to be signed. */
static int open_ca(const struct pki *p, bool unlock, struct ca **ret)
{
	char passphrase[CA_PASSPHRASE_MAX + 1];
	struct diag d = { 0 };
	struct ca *ca = NULL;
	int code = read_passphrase(p, passphrase);

	if (code != CLI_GOOD)
		return code;
	int rc = ca_open(p->dir, &ca, &d);

	if (rc < 0)
		code = cli_error(p->cli, CLI_SYSTEM, "%s", d.text);
	if (rc == 0 && unlock)
		rc = ca_unlock(ca, passphrase[0] ? passphrase : NULL, &d);
	explicit_bzero(passphrase, sizeof(passphrase));
	if (code == CLI_GOOD && rc < 0)
		code = cli_error(p->cli, CLI_SYSTEM, "%s", d.text);
	if (code == CLI_GOOD)
		*ret = ca;
	else
		ca_free(ca);
	return code;
}

/* --- init ---------------------------------------------------------------------------------------- */

static int tell_ca(const struct pki *p)
{
	struct diag d = { 0 };
	struct ca_view view;
	struct ca *ca;
	char until[16];
	int rc = ca_open(p->dir, &ca, &d);

	if (rc < 0)
		return fail(p, rc, &d);
	ca_view(ca, &view);
	(void)fprintf(p->cli->out, "made %s in %s, valid until %s\nSHA-256 %s\n", view.name, p->dir,
	              pki_date(view.until_s, until), view.sha256);
	if (!view.key_is_encrypted)
		(void)fprintf(p->cli->out,
		              "%s/ca.key is not encrypted: whoever reads it can make "
		              "administrators\n",
		              p->dir);
	ca_free(ca);
	return show_flush(p->cli);
}

static int run_init(struct pki *p)
{
	char passphrase[CA_PASSPHRASE_MAX + 1];
	struct ca_new n = {
		.dir = p->dir,
		.name = row_options_own(&p->options, "name"),
		.days = CA_DAYS_DEFAULT,
		.crl_days = CA_CRL_DAYS,
		.force = has(p, "force"),
	};
	struct diag d = { 0 };
	int code = read_days(p, "days", &n.days);

	if (code == CLI_GOOD)
		code = read_days(p, "crl-days", &n.crl_days);
	if (code == CLI_GOOD)
		code = read_passphrase(p, passphrase);
	if (code != CLI_GOOD)
		return code;
	n.passphrase = passphrase[0] ? passphrase : NULL;
	int rc = ca_create(&n, p->now, &d);

	explicit_bzero(passphrase, sizeof(passphrase));
	return rc < 0 ? fail(p, rc, &d) : tell_ca(p);
}

/* --- issue --------------------------------------------------------------------------------------- */

static int read_addresses(const struct pki *p, struct inet_addr *to, uint32_t *ret_count)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < p->options.count; i++) {
		const struct given_option *o = &p->options.options[i];

		if (strcmp(o->name, "address") != 0)
			continue;
		if (count == CA_ADDRESSES_MAX)
			return cli_usage_error(p->cli, "--address: at most %u", CA_ADDRESSES_MAX);
		if (inet_addr_parse(o->value, &to[count]) < 0 || to[count].scope_id)
			return cli_usage_error(p->cli,
			                       "--address: expected an address such as 192.0.2.1, "
			                       "found \"%s\"",
			                       o->value);
		count++;
	}
	*ret_count = count;
	return CLI_GOOD;
}

static int read_group(const struct pki *p, gid_t *ret)
{
	const char *name = row_options_own(&p->options, "group");
	const struct group *group = name ? getgrnam(name) : NULL;

	if (name && !group)
		return cli_usage_error(p->cli, "--group: there is no group \"%s\"", name);
	*ret = group ? group->gr_gid : (gid_t)-1;
	return CLI_GOOD;
}

static int read_leaf(const struct pki *p, struct ca_leaf *leaf, struct inet_addr *addresses)
{
	int code = read_days(p, "days", &leaf->days);

	if (code == CLI_GOOD)
		code = read_addresses(p, addresses, &leaf->address_count);
	if (code == CLI_GOOD && leaf->address_count && !leaf->is_node)
		code = cli_usage_error(p->cli, "--address is for nodes: say --node");
	if (code == CLI_GOOD && !ca_name_is_valid(leaf->name, leaf->is_node))
		code = cli_usage_error(p->cli,
		                       "\"%s\" is no name of a %s: 1 to %u letters, digits and "
		                       "\"%s\", the first one a letter or digit",
		                       leaf->name, leaf->is_node ? "node" : "person",
		                       CA_NAME_OCTETS - 1, leaf->is_node ? "._-" : "._@-");
	return code;
}

/* Sign, write, tell. */
static int issue(struct pki *p, const struct ca_leaf *leaf, const char *out, gid_t group)
{
	struct ca_identity identity = { 0 };
	struct ca_entry e;
	struct diag d = { 0 };
	struct ca *ca;
	char until[16];
	int code = open_ca(p, true, &ca);

	if (code != CLI_GOOD)
		return code;
	int rc = ca_issue(ca, leaf, p->now, &identity, &e, &d);

	if (rc == 0)
		rc = ca_identity_write(&identity, out, group, has(p, "force"), &d);
	ca_identity_fini(&identity);
	ca_free(ca);
	if (rc < 0)
		return fail(p, rc, &d);
	(void)fprintf(p->cli->out, "issued %s to %s %s, valid until %s, in %s\n", e.serial,
	              e.is_node ? "node" : "person", e.name, pki_date(e.until_s, until), out);
	return show_flush(p->cli);
}

static int run_issue(struct pki *p)
{
	struct inet_addr addresses[CA_ADDRESSES_MAX];
	const char *out = row_options_own(&p->options, "out");
	struct ca_leaf leaf = {
		.name = p->word,
		.is_node = has(p, "node"),
		.renew = has(p, "renew"),
		.days = has(p, "node") ? CA_NODE_DAYS : CA_PERSON_DAYS,
		.addresses = addresses,
	};
	gid_t group = (gid_t)-1;
	int code =
	        out ? read_leaf(p, &leaf, addresses)
	            : cli_usage_error(p->cli, "--out DIR is needed: the identity folder to write");

	if (code == CLI_GOOD)
		code = read_group(p, &group);
	/* Before anything is signed that then has no place. */
	if (code == CLI_GOOD && !has(p, "force") && ca_identity_exists(out))
		code = cli_error(p->cli, CLI_SYSTEM,
		                 "there is an identity in %s: --force replaces it", out);
	return code == CLI_GOOD ? issue(p, &leaf, out, group) : code;
}

/* --- revoke, renew-crl, list, show --------------------------------------------------------------- */

static int run_revoke(struct pki *p)
{
	struct diag d = { 0 };
	uint32_t count = 0;
	struct ca *ca;
	int code = open_ca(p, true, &ca);

	if (code != CLI_GOOD)
		return code;
	int rc = ca_revoke(ca, p->word, p->now, &count, &d);

	ca_free(ca);
	if (rc < 0)
		return fail(p, rc, &d);
	(void)fprintf(p->cli->out,
	              "revoked %u certificate%s of %s\ncopy %s/crl.pem to the identity folder of "
	              "every node: it acts within 5 seconds\n",
	              count, count == 1 ? "" : "s", p->word, p->dir);
	return show_flush(p->cli);
}

static int run_renew_crl(struct pki *p)
{
	struct diag d = { 0 };
	struct ca_view view;
	uint32_t days = 0;
	struct ca *ca;
	char until[16];
	int code = read_days(p, "crl-days", &days);

	if (code == CLI_GOOD)
		code = open_ca(p, true, &ca);
	if (code != CLI_GOOD)
		return code;
	int rc = ca_renew_crl(ca, days, p->now, &d);

	ca_view(ca, &view);
	ca_free(ca);
	if (rc < 0)
		return fail(p, rc, &d);
	(void)fprintf(p->cli->out,
	              "%s/crl.pem is valid until %s: copy it to every identity folder\n", p->dir,
	              pki_date(view.crl_until_s, until));
	return show_flush(p->cli);
}

static int run_list(struct pki *p)
{
	struct ca_view view;
	struct ca *ca;
	int code = open_ca(p, false, &ca);

	if (code != CLI_GOOD)
		return code;
	ca_view(ca, &view);
	code = pki_print(p->cli, &view, p->word, p->now.ns / NS_PER_S);
	ca_free(ca);
	return code;
}

/* --- key ----------------------------------------------------------------------------------------- */

static int check_key_name(const struct pki *p, const char *what, const char *name)
{
	if (name && strlen(name) <= PSK_NAME_MAX && ca_name_is_valid(name, false))
		return CLI_GOOD;
	return cli_usage_error(p->cli, "%s: expected 1 to %u letters, digits and \"._@-\"%s%s%s",
	                       what, PSK_NAME_MAX, name ? ", found \"" : "", name ? name : "",
	                       name ? "\"" : "");
}

/* The line goes to a file, or to a person: never into a pipe, where it might end in a log. */
static int tell_key(struct pki *p, const char *line)
{
	const char *path = row_options_own(&p->options, "line");
	int fd = fileno(p->cli->out);

	if (path)
		return secret_file_write(p->cli, path, line, has(p, "force"));
	if (fd >= 0 && isatty(fd))
		(void)fprintf(p->cli->out, "below \"namp\" in the configuration of the node:\n%s",
		              line);
	else
		(void)fprintf(p->cli->err,
		              "candor: the line for the node's configuration holds the key and is "
		              "not written here: --line FILE\n");
	return show_flush(p->cli);
}

static int run_key(struct pki *p)
{
	const char *out = row_options_own(&p->options, "out");
	const char *client = row_options_own(&p->options, "client");
	char hex[2 * PSK_OCTETS + 2], line[PSK_LINE_MAX];
	uint8_t secret[PSK_OCTETS];
	int code = check_key_name(p, "the name of a key", p->word);

	if (code == CLI_GOOD)
		code = check_key_name(p, "--client", client);
	if (code == CLI_GOOD && !out)
		code = cli_usage_error(p->cli, "--out FILE is needed: the file of the key");
	if (code == CLI_GOOD && RAND_bytes(secret, sizeof(secret)) != 1)
		code = cli_error(p->cli, CLI_SYSTEM, "cannot draw random numbers");
	if (code != CLI_GOOD)
		return code;
	for (size_t i = 0; i < sizeof(secret); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", secret[i]);
	(void)snprintf(line, sizeof(line), " psk %s client %s secret %s\n", p->word, client, hex);
	(void)snprintf(hex + sizeof(hex) - 2, 2, "\n");
	code = secret_file_write(p->cli, out, hex, has(p, "force"));
	if (code == CLI_GOOD)
		code = tell_key(p, line);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(line, sizeof(line));
	return code;
}

/* --- everything ---------------------------------------------------------------------------------- */

static const struct verb {
	const char *name, *usage, *help;
	bool takes_word;
	int (*run)(struct pki *p);
	const char *options[OPTIONS_PER_VERB]; /* besides dir and help */
} verbs[] = {
	{ "init",
	  "",
	  "Make a CA",
	  false,
	  run_init,
	  { "name", "days", "crl-days", "passphrase-file", "force" } },
	{ "issue",
	  "NAME --out DIR",
	  "Make a key and a certificate",
	  true,
	  run_issue,
	  { "out", "node", "address", "days", "renew", "group", "passphrase-file", "force" } },
	{ "revoke",
	  "NAME|SERIAL",
	  "Withdraw all certificates of a name, or one",
	  true,
	  run_revoke,
	  { "passphrase-file" } },
	{ "renew-crl",
	  "",
	  "Sign the list of revoked certificates anew",
	  false,
	  run_renew_crl,
	  { "crl-days", "passphrase-file" } },
	{ "list", "", "What was issued", false, run_list, { "json" } },
	{ "show", "NAME|SERIAL", "The certificates of a name, or one", true, run_list, { "json" } },
	{ "key",
	  "NAME --client NAME --out FILE",
	  "Make a pre-shared key",
	  true,
	  run_key,
	  { "out", "client", "line", "force" } },
};

static const struct conf_row no_rows[] = { { .kind = CK_NONE } };

static int print_help(struct cli *cli)
{
	(void)fputs("usage: candor pki COMMAND [options]\n"
	            "\n"
	            "Certificates and keys by which people and nodes administer nodes.\n"
	            "\n"
	            "Commands:\n",
	            cli->out);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		(void)fprintf(cli->out, "  %s%s%s\n        %s\n", verbs[i].name,
		              verbs[i].usage[0] ? " " : "", verbs[i].usage, verbs[i].help);
	(void)fputs("\nOptions:\n", cli->out);
	row_options_help(no_rows, own_options, cli->out);
	return show_flush(cli);
}

static bool applies(const struct verb *v, const char *option)
{
	if (strcmp(option, "dir") == 0)
		return v->run != run_key;
	for (size_t i = 0; i < OPTIONS_PER_VERB && v->options[i]; i++) {
		if (strcmp(v->options[i], option) == 0)
			return true;
	}
	return false;
}

static int run_verb(struct pki *p, const struct verb *v)
{
	const struct given_options *o = &p->options;

	for (uint32_t i = 0; i < o->count; i++) {
		if (!applies(v, o->options[i].name))
			return cli_usage_error(p->cli, "--%s is not for \"candor pki %s\"",
			                       o->options[i].name, v->name);
	}
	uint32_t most = v->takes_word ? 2 : 1;

	if (o->words_count > most)
		return cli_usage_error(p->cli, "unexpected \"%s\"", o->words[most]);
	if (o->words_count < most)
		return cli_usage_error(p->cli, "expected: candor pki %s %s", v->name, v->usage);
	p->word = v->takes_word ? o->words[1] : NULL;
	return v->run(p);
}

static int dispatch(struct pki *p)
{
	if (has(p, "help") || has(p, "h"))
		return print_help(p->cli);
	if (p->options.words_count == 0)
		return cli_usage_error(p->cli, "which command? see \"candor pki --help\"");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(p->options.words[0], verbs[i].name) == 0)
			return run_verb(p, &verbs[i]);
	}
	return cli_usage_error(p->cli, "no command \"%s\": see \"candor pki --help\"",
	                       p->options.words[0]);
}

int pki_command(struct cli *cli)
{
	struct pki p = { .cli = cli, .now = clock_system()->wall(clock_system()) };
	int code = row_options_read(cli, no_rows, own_options, &p.options);

	if (code != CLI_GOOD)
		return code;
	p.dir = row_options_own(&p.options, "dir");
	if (!p.dir)
		p.dir = DIR_DEFAULT;
	cli->json |= has(&p, "json");
	code = dispatch(&p);
	row_options_fini(&p.options);
	return code;
}
