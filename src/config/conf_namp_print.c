/* SPDX-License-Identifier: Apache-2.0 */
/* The `namp` block as text. */
#include "config/conf_namp.h"

#include "base/inet.h"
#include "config/conf_print.h"

static void print_listen(const char *word, bool is_on, uint16_t port, FILE *to, bool all)
{
	if (is_on)
		(void)fprintf(to, " %s port %u\n", word, port);
	else if (all)
		(void)fprintf(to, " no %s\n", word);
}

static void print_people(const struct namp_conf *n, FILE *to, bool secrets)
{
	for (uint32_t i = 0; i < n->user_count; i++)
		(void)fprintf(to, " user %s role %s\n", n->users[i].name,
		              conf_namp_role_words[n->users[i].role]);
	for (uint32_t i = 0; i < n->psk_count; i++) {
		const struct namp_psk *psk = &n->psks[i];

		(void)fprintf(to, " psk %s client %s secret ", psk->name, psk->client);
		for (uint8_t k = 0; secrets && k < psk->secret_len; k++)
			(void)fprintf(to, "%02x", psk->secret[k]);
		(void)fputs(secrets ? "\n" : CONFIG_HIDDEN_KEY "\n", to);
	}
}

static void print_peers(const struct namp_conf *n, FILE *to)
{
	char addr[INET_TEXT_MAX];

	for (uint32_t i = 0; i < n->peer_count; i++) {
		const struct namp_peer *peer = &n->peers[i];

		(void)fprintf(to, " peer %s address %s", peer->name,
		              inet_addr_format(&peer->addr, addr));
		if (peer->port != NAMP_CONF_PORT)
			(void)fprintf(to, " port %u", peer->port);
		(void)fputs(peer->is_inform ? " inform\n" : " trap\n", to);
	}
}

static bool limits_are_initial(const struct namp_limits *l)
{
	char text[CONF_ROW_TEXT_MAX];

	for (const struct conf_row *row = conf_namp_limit_rows; row->kind != CK_NONE; row++) {
		if (!conf_row_format(row, l, text, sizeof(text)))
			return false;
	}
	return true;
}

static bool is_initial(const struct namp_conf *n)
{
	return !n->tcp && !n->udp && n->address.family == INET_NONE &&
	       n->default_role == ROLE_NONE && n->user_count == 0 && n->psk_count == 0 &&
	       n->peer_count == 0 && !n->keychain && limits_are_initial(&n->limits);
}

void conf_namp_print(const struct namp_conf *n, FILE *to, bool all, bool secrets)
{
	char text[CONF_ROW_TEXT_MAX], addr[INET_TEXT_MAX];

	if (is_initial(n) && !all)
		return;
	(void)fputs("namp\n", to);
	print_listen("tcp", n->tcp, n->tcp_port, to, all);
	print_listen("udp", n->udp, n->udp_port, to, all);
	if (n->address.family != INET_NONE)
		(void)fprintf(to, " address %s\n", inet_addr_format(&n->address, addr));
	else if (all)
		(void)fputs(" no address\n", to);
	if (n->default_role != ROLE_NONE || all)
		(void)fprintf(to, " role default %s\n", conf_namp_role_words[n->default_role]);
	print_people(n, to, secrets);
	if (n->keychain)
		(void)fprintf(to, " datagram key-chain %s\n", n->keychain);
	else if (all)
		(void)fputs(" no datagram key-chain\n", to);
	print_peers(n, to);
	for (const struct conf_row *row = conf_namp_limit_rows; row->kind != CK_NONE; row++) {
		if (!conf_row_format(row, &n->limits, text, sizeof(text)) || all)
			(void)fprintf(to, " %s %s\n", row->keyword, text);
	}
}
