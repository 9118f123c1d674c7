/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets and clocks of a one-shot measurement.  A secret never stands on the command line, where
 * every user of the host could read it: only the name of a file that its owner alone can read. */
#include "cli/oneshot.h"
#include "cli/probe_job.h"

#include "cli/row_options.h"
#include "cli/secret_file.h"
#include "config/config.h"
#include "io/clock.h"
#include "io/clock_lab.h"
#include "sla/keychain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- keys ------------------------------------------------------------------------------------ */

static int use_key(struct cli *cli, const struct key *key, struct op_params *params)
{
	if (params->control != SLA_CONTROL_V2 && params->control != SLA_CONTROL_AUTO)
		return cli_usage_error(cli, "keys need --control v2 or auto: version 1 has no "
		                            "authentication");
	params->auth_key_id = key->id;
	params->auth_mode = key->algorithm;
	params->auth_secret_len = key->secret_len;
	memcpy(params->auth_secret, key->secret, sizeof(params->auth_secret));
	return CLI_GOOD;
}

int key_chain_file_read(struct cli *cli, const char *path, struct keychain *ret)
{
	struct config *config = NULL;
	struct config_errors errors = { 0 };
	int code = CLI_USAGE;

	if (config_load(path, &config, &errors) < 0) {
		config_errors_print(&errors, path, cli->err);
	} else if (config->keychain_count != 1) {
		(void)cli_usage_error(cli, "%s holds %u key chains: expected one", path,
		                      config->keychain_count);
	} else {
		*ret = config->keychains[0];
		code = CLI_GOOD;
	}
	config_errors_fini(&errors);
	config_free(config);
	return code;
}

static int use_key_chain(struct cli *cli, const char *path, struct clock *clock,
                         struct op_params *params)
{
	struct keychain chain;
	int code = key_chain_file_read(cli, path, &chain);

	if (code == CLI_GOOD) {
		const struct key *key = keychain_send(&chain, clock->wall(clock));

		code = key ? use_key(cli, key, params)
		           : cli_usage_error(cli, "no key in %s is valid for sending now", path);
	}
	explicit_bzero(&chain, sizeof(chain));
	return code;
}

static int read_secret(struct cli *cli, const char *path, struct key *key)
{
	char line[KEYCHAIN_SECRET_MAX + 1];
	size_t len = 0;
	int code = secret_file_read(cli, path, "a key string", line, sizeof(line), &len);

	if (code != CLI_GOOD)
		return code;
	memcpy(key->secret, line, len);
	key->secret_len = (uint8_t)len;
	explicit_bzero(line, sizeof(line));
	return CLI_GOOD;
}

static int read_auth_mode(struct cli *cli, const struct given_options *o, uint8_t *ret)
{
	const char *mode = row_options_own(o, "auth-mode");

	if (!mode || strcmp(mode, "hmac-sha-256") == 0)
		*ret = KEY_ALGORITHM_HMAC_SHA256;
	else if (strcmp(mode, "sha256") == 0)
		*ret = KEY_ALGORITHM_SHA256;
	else
		return cli_usage_error(cli,
		                       "--auth-mode: expected hmac-sha-256 or sha256, found "
		                       "\"%s\"",
		                       mode);
	return CLI_GOOD;
}

int probe_keys_read(struct cli *cli, const struct given_options *o, struct clock *clock,
                    struct op_params *params)
{
	const char *chain = row_options_own(o, "key-chain-file");
	const char *string = row_options_own(o, "key-string-file");
	const char *id_text = row_options_own(o, "key-id");
	struct key key = { 0 };
	uint64_t id = 0;

	if (chain && (string || id_text))
		return cli_usage_error(cli, "--key-chain-file does not go with --key-id and "
		                            "--key-string-file");
	if (chain)
		return use_key_chain(cli, chain, clock, params);
	if (!string && !id_text)
		return row_options_own(o, "auth-mode")
		               ? cli_usage_error(cli, "--auth-mode needs --key-id and "
		                                      "--key-string-file")
		               : CLI_GOOD;
	if (!string || !id_text)
		return cli_usage_error(cli, "--key-id and --key-string-file go together");
	int code = row_options_number(cli, o, "key-id", 0, UINT16_MAX, &id);

	if (code == CLI_GOOD)
		code = read_auth_mode(cli, o, &key.algorithm);
	if (code == CLI_GOOD)
		code = read_secret(cli, string, &key);
	key.id = (uint16_t)id;
	if (code == CLI_GOOD)
		code = use_key(cli, &key, params);
	explicit_bzero(&key, sizeof(key));
	return code;
}

/* --- clocks ---------------------------------------------------------------------------------- */

int oneshot_clock_read(struct cli *cli, const struct given_options *o, struct clock **ret_clock)
{
	static struct clock_lab lab;
	const char *spec_text = row_options_own(o, "clock");
	const char *trust = row_options_own(o, "trust-clock");
	struct clock_lab_spec spec = { 0 };
	struct diag d;

	if (spec_text && trust)
		return cli_usage_error(cli, "--clock does not go with --trust-clock");
	*ret_clock = clock_system();
	if (trust) {
		char text[64];

		(void)snprintf(text, sizeof(text), "error=%s", trust); /* too long is no duration */
		if (strchr(trust, ',') || clock_lab_parse(text, &spec, &d) < 0 ||
		    spec.grade.err_ns < 0)
			return cli_usage_error(
			        cli,
			        "--trust-clock: expected a duration such as 100us, found "
			        "\"%s\"",
			        trust);
		clock_system_set_policy(&(struct clock_policy) {
		        .trust_operator = true,
		        .operator_err_ns = spec.grade.err_ns,
		});
	}
	if (spec_text) {
		if (clock_lab_parse(spec_text, &spec, &d) < 0)
			return cli_usage_error(cli, "--clock: %s", d.text);
		clock_lab_init(&lab, &spec, clock_system());
		*ret_clock = &lab.clock;
	}
	return CLI_GOOD;
}
