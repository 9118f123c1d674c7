/* SPDX-License-Identifier: Apache-2.0 */
/* ethernet echo and ethernet jitter, and what they share: a maintenance point that is asked by CFM frames. */
#ifndef CANDOR_PROBE_ETHERNET_H
#define CANDOR_PROBE_ETHERNET_H

#include "probe/probe.h"
#include "probe/probe_rows.h"
#include "wire/cfm.h"

extern const struct probe_type ethernet_echo_type;
extern const struct probe_type ethernet_jitter_type;

/* One conversation with a maintenance point. */
struct ethernet_peer {
	struct probe_flow *flow; /* NULL when nothing is out */
	uint8_t own[CFM_MAC], remote[CFM_MAC];
};

/* Rules of both types.  0 or -EINVAL. */
int ethernet_check(const struct op_params *p, struct diag *d);

/* Open the flow of a run.  False: the run is finished, with the reason. */
bool ethernet_open(struct ethernet_peer *e, struct op *op, struct probe_io *io);
void ethernet_close(struct ethernet_peer *e, struct probe_io *io);

/* A frame from us to the peer, to be completed. */
struct cfm_frame ethernet_frame(const struct ethernet_peer *e, const struct op_params *p,
                                uint8_t opcode);

/* Whether a frame received is of this opcode, from the peer to us, on our level and VLAN. */
bool ethernet_is_from_peer(const struct ethernet_peer *e, const struct op_params *p,
                           const struct probe_packet *packet, uint8_t opcode,
                           struct cfm_frame *ret);

/* Who is asked, for a person: "MEP 5 (0200.5e00.5301)". */
#define ETHERNET_NAME_MAX 48
const char *ethernet_name(const struct op_params *p, char to[static ETHERNET_NAME_MAX]);

#define ETHERNET_ROWS                                                             \
	{ .keyword = "mpid",                                                      \
	  .kind = CK_PORT,                                                        \
	  .where = CW_INLINE,                                                     \
	  .offset = PARAM(mpid),                                                  \
	  .min = 1,                                                               \
	  .max = 8191,                                                            \
	  .help = "Number of the remote maintenance end point",                   \
	  .source = "IOS; rttMonEchoAdminTargetMEPID" },                          \
	        { .keyword = "domain",                                            \
		  .kind = CK_WORD,                                                \
		  .where = CW_INLINE,                                             \
		  .offset = PARAM(text.at[OP_TEXT_DOMAIN]),                       \
		  .min = 1,                                                       \
		  .max = 43,                                                      \
		  .help = "Name of the maintenance domain",                       \
		  .source = "IOS; rttMonEchoAdminTargetDomainName" },             \
	        { .keyword = "vlan",                                              \
		  .kind = CK_PORT,                                                \
		  .where = CW_INLINE,                                             \
		  .offset = PARAM(vlan),                                          \
		  .min = 1,                                                       \
		  .max = CFM_VLAN_MAX,                                            \
		  .help = "Frames with a tag of this VLAN",                       \
		  .source = "IOS; rttMonEchoAdminTargetVLAN" },                   \
	        { .keyword = "port",                                              \
		  .kind = CK_FLAG,                                                \
		  .where = CW_INLINE,                                             \
		  .offset = PARAM(untagged),                                      \
		  .help = "Frames without a tag",                                 \
		  .source = "IOS" },                                              \
	        { .keyword = "interface",                                         \
		  .kind = CK_WORD,                                                \
		  .where = CW_INLINE,                                             \
		  .offset = PARAM(text.at[OP_TEXT_INTERFACE]),                    \
		  .min = 1,                                                       \
		  .max = 15,                                                      \
		  .help = "Leave by this interface",                              \
		  .source = "Candor" },                                           \
	        { .keyword = "level",                                             \
		  .kind = CK_U8,                                                  \
		  .where = CW_INLINE,                                             \
		  .offset = PARAM(level),                                         \
		  .max = CFM_LEVEL_MAX,                                           \
		  .help = "Level of the maintenance domain",                      \
		  .source = "Candor; IEEE 802.1Q" },                              \
	        { .keyword = "remote-mac",                                        \
		  .kind = CK_WORD,                                                \
		  .where = CW_INLINE,                                             \
		  .offset = PARAM(text.at[OP_TEXT_REMOTE_MAC]),                   \
		  .min = 14,                                                      \
		  .max = 17,                                                      \
		  .help = "Hardware address of the remote maintenance end point", \
		  .source = "Candor" },                                           \
	        { .keyword = "cos",                                               \
		  .kind = CK_U8,                                                  \
		  .where = CW_SUB,                                                \
		  .offset = PARAM(tos),                                           \
		  .max = 7,                                                       \
		  .help = "Priority in the tag of the VLAN",                      \
		  .source = "IOS; rttMonEchoAdminCoS" },                          \
	        ROW_FREQUENCY, ROW_THRESHOLD, ROW_TIMEOUT

#endif
