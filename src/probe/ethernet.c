/* SPDX-License-Identifier: Apache-2.0 */
/* What ethernet echo and ethernet jitter share.
 *
 * The hardware address of the peer is configured: MEP number and domain are labels of it, for people.  The kernel
 * may hand over a tagged frame with its tag forgotten, so a frame without one passes for our VLAN; addresses, level
 * and transaction or time tell ours from others. */
#include "probe/ethernet.h"

#include "probe/result_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int ethernet_check(const struct op_params *p, struct diag *d)
{
	const char *mac = p->text.at[OP_TEXT_REMOTE_MAC];
	uint8_t octets[CFM_MAC];

	if (p->mpid == 0 || !p->text.at[OP_TEXT_DOMAIN])
		return diag_set(d, -EINVAL, "an ethernet operation needs mpid and domain");
	if (p->vlan != 0 && p->untagged)
		return diag_set(d, -EINVAL, "port is without a tag: it does not go with vlan");
	if (!p->text.at[OP_TEXT_INTERFACE])
		return diag_set(d, -EINVAL, "an ethernet operation needs interface");
	if (!mac)
		return diag_set(d, -EINVAL,
		                "an ethernet operation needs remote-mac: no addresses are learned");
	if (cfm_mac_parse(mac, octets) < 0)
		return diag_set(d, -EINVAL,
		                "expected the hardware address of a station as remote-mac, such as "
		                "0200.5e00.5301, found '%s'",
		                mac);
	if (p->tos != 0 && p->vlan == 0)
		return diag_set(d, -EINVAL, "cos needs vlan: without a tag there is no priority");
	return 0;
}

const char *ethernet_name(const struct op_params *p, char to[static ETHERNET_NAME_MAX])
{
	(void)snprintf(to, ETHERNET_NAME_MAX, "MEP %u (%.17s)", p->mpid,
	               p->text.at[OP_TEXT_REMOTE_MAC]);
	return to;
}

void ethernet_close(struct ethernet_peer *e, struct probe_io *io)
{
	if (e->flow)
		io->ops->close(io, e->flow);
	e->flow = NULL;
}

bool ethernet_open(struct ethernet_peer *e, struct op *op, struct probe_io *io)
{
	const struct op_params *p = &op->params;
	const struct flow_spec spec = { .kind = FLOW_PACKET, .ethertype = CFM_ETHERTYPE };
	char detail[SLA_DETAIL_MAX];

	*e = (struct ethernet_peer) { 0 };
	if (cfm_mac_parse(p->text.at[OP_TEXT_REMOTE_MAC] ? p->text.at[OP_TEXT_REMOTE_MAC] : "",
	                  e->remote) < 0) {
		result_finish_failed(op, io, SENSE_ERROR, "remote-mac is no hardware address");
		return false;
	}
	int rc = io->ops->open(io, op, &spec, &e->flow);

	if (rc < 0) {
		e->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		result_finish_failed(op, io, sense, detail);
		return false;
	}
	rc = io->ops->mac(io, e->flow, e->own);
	if (rc == 0)
		return true;
	ethernet_close(e, io);
	result_text(detail, "the interface has no hardware address: %s", strerror(-rc));
	result_finish_failed(op, io, SENSE_ERROR, detail);
	return false;
}

struct cfm_frame ethernet_frame(const struct ethernet_peer *e, const struct op_params *p,
                                uint8_t opcode)
{
	struct cfm_frame f = {
		.is_tagged = p->vlan != 0,
		.vlan = p->vlan,
		.priority = p->tos,
		.level = p->level,
		.opcode = opcode,
	};

	memcpy(f.to, e->remote, CFM_MAC);
	memcpy(f.from, e->own, CFM_MAC);
	return f;
}

bool ethernet_is_from_peer(const struct ethernet_peer *e, const struct op_params *p,
                           const struct probe_packet *packet, uint8_t opcode, struct cfm_frame *ret)
{
	struct cfm_frame f;

	if (cfm_decode(packet->data, packet->len, &f) < 0 || f.opcode != opcode)
		return false;
	uint16_t vlan = f.is_tagged ? f.vlan : packet->vlan;

	if (memcmp(f.from, e->remote, CFM_MAC) != 0 || memcmp(f.to, e->own, CFM_MAC) != 0 ||
	    f.level != p->level || (vlan != 0 && vlan != p->vlan))
		return false;
	*ret = f;
	return true;
}
