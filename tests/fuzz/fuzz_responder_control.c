/* SPDX-License-Identifier: Apache-2.0 */
/* The whole control service without sockets.  Input: one octet of settings, then messages: one
 * octet of circumstances, one of length, the octets.  Never more octets out than in, every open port
 * belongs to a session. */
#include "base/cleanup.h"
#include "responder/control_service.h"
#include "responder/responder_core.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SETTING_KEYS       0x01u
#define SETTING_OPEN       0x02u /* authentication not required */
#define SETTING_SUBSTITUTE 0x04u
#define SETTING_ACCESS     0x08u
#define SETTING_WHOLE_V6   0x10u
#define SETTING_NO_REPLAY  0x20u
#define HOW_V6             0x01u
#define HOW_STREAM         0x02u
#define HOW_BUSY           0x04u /* the port is taken */
#define HOW_LATER          0x08u /* ten seconds later */
#define HOW_SOURCE_SHIFT   4

static struct responder_core core;
static bool is_busy;
static unsigned open_count;
static boot_t now;

static int host_open(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
                     uint16_t port)
{
	(void)h;
	(void)proto;
	(void)local;
	if (is_busy || port < 1024)
		return -1;
	open_count++;
	return 0;
}

static void host_close(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
                       uint16_t port)
{
	(void)h;
	(void)proto;
	(void)local;
	(void)port;
	if (open_count-- == 0)
		abort();
}

static struct port_host host = { host_open, host_close };

static void configure(uint8_t settings)
{
	struct responder_cfg cfg;

	responder_cfg_init(&cfg);
	responder_core_apply(&core, &cfg, now); /* disabled: every session ends */
	if (open_count)
		abort();
	cfg.enabled = true;
	cfg.max_sessions = 8;
	cfg.experimental_v1_v6 = true;
	cfg.has_keychain = settings & SETTING_KEYS;
	cfg.require_auth = !(settings & SETTING_OPEN);
	cfg.substitute_port = settings & SETTING_SUBSTITUTE;
	cfg.whole_v6_response = settings & SETTING_WHOLE_V6;
	cfg.replay_check = !(settings & SETTING_NO_REPLAY);
	cfg.has_access_list = settings & SETTING_ACCESS;
	cfg.rule_count = 1;
	cfg.rules[0] = (struct access_rule) { .permit = true, .any = true };
	cfg.keychain.count = 1;
	cfg.keychain.keys[0] = (struct key) { .id = 7, .algorithm = 1, .secret_len = 13 };
	memcpy(cfg.keychain.keys[0].secret, "sla-key-seven", 13);
	responder_core_apply(&core, &cfg, now);
}

static void ask(uint8_t how, const uint8_t *octets, size_t len)
{
	static struct control_answer answer;
	uint8_t family = how & HOW_V6 ? INET_V6 : INET_V4;
	struct control_message m = {
		.data = octets,
		.len = len,
		.transport = how & HOW_STREAM ? CONTROL_TCP : CONTROL_UDP,
		.from = { { .family = family, .bytes = { 192, 0, 2 } }, 40000 },
		.to = { .family = family, .bytes = { 192, 0, 2, 77 } },
		.wall = { INT64_C(1766361600) * NS_PER_S },
	};

	if (how & HOW_LATER)
		now = boot_add_ns(now, 10 * NS_PER_S);
	m.from.addr.bytes[3] = (uint8_t)(how >> HOW_SOURCE_SHIFT);
	m.now = now;
	is_busy = how & HOW_BUSY;
	control_service_handle(&core, &m, &answer);
	if (answer.len > len || open_count != session_count(core.sessions))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct siphash_key seed = { 1, 2 };

	if (!core.host)
		responder_core_init(&core, &host, &seed);
	if (size < 1)
		return 0;
	now = boot_add_ns(now, 1000 * NS_PER_S);
	replay_cache_keep(core.replay, NULL); /* each input stands for itself */
	configure(data[0]);
	data++;
	size--;
	while (size >= 2) {
		size_t len = data[1] < size - 2 ? data[1] : size - 2;

		ask(data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
	return 0;
}
