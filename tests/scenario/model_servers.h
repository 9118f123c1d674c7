/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of other protocols at the far end of the modelled network: a name server, a DHCP server. */
#ifndef CANDOR_TESTS_SCENARIO_MODEL_SERVERS_H
#define CANDOR_TESTS_SCENARIO_MODEL_SERVERS_H

#include "model_peer.h"

/* Answers www.example.com A with 192.0.2.7, as model.dns says. */
void model_dns_receive(struct model *m, const struct probe_flow *f, const struct model_event *e);

/* Leases 192.0.2.100 to one client, as model.dhcp says. */
/* A maintenance end point: answers loopback and delay messages. */
void model_cfm_receive(struct model *m, const struct probe_flow *f, const struct model_event *e);
void model_dhcp_receive(struct model *m, const struct probe_flow *f, const struct model_event *e);

#endif
