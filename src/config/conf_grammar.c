/* SPDX-License-Identifier: Apache-2.0 */
/* The global commands: ours, and the frozen lists of IOS's own words that decide what may be
 * abbreviated.  A word of IOS that we do not support stays in the list with its reason.  Order is
 * that of `?`. */
#include "config/conf_endpoints.h"
#include "config/conf_notify.h"
#include "sla/operation.h"

#define NOT_SLA "it is no part of IP SLA"
#define LATER   "it comes with a later version"
#define FOREIGN(w)                                  \
	{                                           \
		.word = (w), .unsupported = NOT_SLA \
	}
#define FOREIGN_BLOCK(w)                                               \
	{                                                              \
		.word = (w), .flags = CC_BLOCK, .unsupported = NOT_SLA \
	}
#define UNSUPPORTED(w, why)                       \
	{                                         \
		.word = (w), .unsupported = (why) \
	}
#define UNSUPPORTED_BLOCK(w, why)                                    \
	{                                                            \
		.word = (w), .flags = CC_BLOCK, .unsupported = (why) \
	}

#define ROUTE_USAGE(prefix, gateway)                                                            \
	"[vrf=Table of a VRF; WORD] " prefix " {" gateway "=Next hop; | null0=Drop packets; | " \
	"IFNAME=Interface; [" gateway "=Next hop;]} [<1-255>=Administrative distance;] "        \
	"[name=Comment; WORD] [permanent=Whatever its interface does;] [tag=Mark; "             \
	"<1-4294967295>] "                                                                      \
	"[track=Installed while this object is up; <1-32767>] "                                 \
	"[withdraw-last=Withdrawn even when no path is left;]"

static void leave_mode(struct conf_parser *p, const struct conf_match *m)
{
	if (!conf_take_end(p, m->at))
		return;
	p->mode = m->command->value || !p->mode->parent ? &conf_mode_global : p->mode->parent;
}

/* `ip sla responder …` */
static const struct conf_command responder_types[] = {
	{ .word = "tcpConnect",
	  .flags = CC_NO,
	  .value = PERMANENT_TCP_CONNECT,
	  .run = conf_responder_permanent,
	  .usage = "[ipaddress=Of this host; A.B.C.D] port <1-65535> [vrf=In this VRF; WORD]",
	  .help = "Permanent port that accepts and closes (old spelling)" },
	{ .word = "udpEcho",
	  .flags = CC_NO,
	  .value = PERMANENT_UDP_ECHO,
	  .run = conf_responder_permanent,
	  .usage = "[ipaddress=Of this host; A.B.C.D] port <1-65535> [vrf=In this VRF; WORD]",
	  .help = "Permanent port that echoes (old spelling)" },
	UNSUPPORTED("frame-relay", "Linux has no frame relay to answer on"),
	{ 0 },
};

static const struct conf_command responder_words[] = {
	{ .word = "tcp-connect",
	  .flags = CC_NO,
	  .value = PERMANENT_TCP_CONNECT,
	  .run = conf_responder_permanent,
	  .usage = "[ipaddress=Of this host; A.B.C.D] port <1-65535> [vrf=In this VRF; WORD]",
	  .help = "Permanent port that accepts a connection and closes it" },
	{ .word = "udp-echo",
	  .flags = CC_NO,
	  .value = PERMANENT_UDP_ECHO,
	  .run = conf_responder_permanent,
	  .usage = "[ipaddress=Of this host; A.B.C.D] port <1-65535> [vrf=In this VRF; WORD]",
	  .help = "Permanent port that answers echo and jitter probes" },
	{ .word = "settings",
	  .flags = CC_OWN,
	  .run = conf_responder_settings,
	  .help = "Limits and policy of the responder" },
	{ .word = "type", .next = responder_types, .help = "Old spelling of permanent ports" },
	UNSUPPORTED("auto-register", LATER),
	UNSUPPORTED_BLOCK("twamp", LATER),
	UNSUPPORTED_BLOCK("twamp-light", LATER),
	{ 0 },
};

static const struct conf_command enable_words[] = {
	{ .word = "reaction-alerts",
	  .flags = CC_NO,
	  .value = NOTIFY_ALERTS,
	  .run = conf_notify_switch,
	  .help = "Webhooks and hooks are told of reactions" },
	UNSUPPORTED("timestamp", "every operation uses the best time stamps there are"),
	{ 0 },
};

static const struct conf_command sla_logging_words[] = {
	{ .word = "traps",
	  .flags = CC_NO,
	  .value = NOTIFY_TRAPS,
	  .run = conf_notify_switch,
	  .help = "Reactions become messages of syslog" },
	{ 0 },
};

#define LOGGING_HOST_USAGE                                                              \
	"WORD=Name or address of the host; [transport=How they go there; {udp | tcp | " \
	"tls} [port=Where it listens; <1-65535>]]"

static const struct conf_command logging_words[] = {
	{ .word = "facility",
	  .flags = CC_NO,
	  .run = conf_logging_facility,
	  .usage = "{kern | user | mail | daemon | auth | syslog | lpr | news | uucp | cron | "
	           "local0 | local1 | local2 | local3 | local4 | local5 | local6 | local7}",
	  .help = "Facility of the messages" },
	{ .word = "host",
	  .flags = CC_NO,
	  .run = conf_logging_host,
	  .usage = LOGGING_HOST_USAGE,
	  .help = "Who gets the messages" },
	{ .word = "journal",
	  .flags = CC_OWN | CC_NO,
	  .value = NOTIFY_JOURNAL,
	  .run = conf_notify_switch,
	  .help = "The journal of this host gets the messages" },
	{ .word = "trap",
	  .flags = CC_NO,
	  .run = conf_logging_trap,
	  .usage = "{<0-7>=Severity; | emergencies | alerts | critical | errors | warnings | "
	           "notifications | informational | debugging}",
	  .help = "Messages of this severity and graver ones" },
	FOREIGN("alarm"),
	FOREIGN("buffered"),
	FOREIGN("buginf"),
	FOREIGN("console"),
	FOREIGN("count"),
	FOREIGN("delimiter"),
	FOREIGN("discriminator"),
	FOREIGN("dmvpn"),
	FOREIGN("esm"),
	FOREIGN("event"),
	FOREIGN("exception"),
	FOREIGN("filter"),
	FOREIGN("history"),
	FOREIGN("message-counter"),
	FOREIGN("monitor"),
	FOREIGN("on"),
	FOREIGN("origin-id"),
	FOREIGN("persistent"),
	FOREIGN("queue-limit"),
	FOREIGN("rate-limit"),
	FOREIGN("reload"),
	FOREIGN("server-arp"),
	FOREIGN("snmp-authfail"),
	FOREIGN("snmp-trap"),
	FOREIGN("source-interface"),
	FOREIGN("userinfo"),
	FOREIGN("xml"),
	{ 0 },
};

static const struct conf_command egress_words[] = {
	{ .word = "access-group",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_egress_group,
	  .usage = "[ipv6=List of IPv6 addresses;] WORD=Name of the access list;",
	  .help = "Where webhooks and http operations may connect to" },
	{ 0 },
};

static const struct conf_command resolution_words[] = {
	{ .word = "resolution",
	  .flags = CC_NO,
	  .run = conf_periodic_resolution,
	  .help = "Ask for the addresses of names again and again, which is so unless taken back" },
	{ 0 },
};

static const struct conf_command periodic_words[] = {
	{ .word = "hostname", .next = resolution_words, .help = "Names of targets" },
	{ 0 },
};

static const struct conf_command extend_words[] = {
	{ .word = "tag",
	  .flags = CC_NO,
	  .run = conf_so_anyway,
	  .help = "Tags of up to 128 octets, which is so anyway" },
	{ 0 },
};

static const struct conf_command snmp_words[] = {
	{ .word = "extend", .next = extend_words, .help = "Tags" },
	{ 0 },
};

static const struct conf_command sla_feature_words[] = {
	{ .word = "responder",
	  .flags = CC_NO,
	  .run = conf_so_anyway,
	  .help = "Of NX-OS: is there anyway" },
	{ .word = "sender",
	  .flags = CC_NO,
	  .run = conf_so_anyway,
	  .help = "Of NX-OS: is there anyway" },
	UNSUPPORTED("twamp-server", "TWAMP comes with a later version"),
	{ 0 },
};

/* NX-OS. */
static const struct conf_command feature_words[] = {
	{ .word = "sla", .next = sla_feature_words, .help = "Parts of IP SLA, as NX-OS has them" },
	FOREIGN("bash-shell"),
	FOREIGN("bfd"),
	FOREIGN("bgp"),
	FOREIGN("dhcp"),
	FOREIGN("eigrp"),
	FOREIGN("fabric"),
	FOREIGN("fex"),
	FOREIGN("grpc"),
	FOREIGN("hsrp"),
	FOREIGN("interface-vlan"),
	FOREIGN("isis"),
	FOREIGN("lacp"),
	FOREIGN("lldp"),
	FOREIGN("netflow"),
	FOREIGN("nv"),
	FOREIGN("nxapi"),
	FOREIGN("ospf"),
	FOREIGN("ospfv3"),
	FOREIGN("pbr"),
	FOREIGN("pim"),
	FOREIGN("privilege"),
	FOREIGN("ptp"),
	FOREIGN("scp-server"),
	FOREIGN("sftp-server"),
	FOREIGN("ssh"),
	FOREIGN("tacacs+"),
	FOREIGN("telemetry"),
	FOREIGN("telnet"),
	FOREIGN("tunnel"),
	FOREIGN("udld"),
	FOREIGN("vn-segment-vlan-based"),
	FOREIGN("vpc"),
	FOREIGN("vrrp"),
	FOREIGN("vrrpv3"),
	FOREIGN("vtp"),
	{ 0 },
};

static const struct conf_command group_words[] = {
	{ .word = "schedule",
	  .flags = CC_NO,
	  .run = conf_group_line,
	  .usage = "<1-65535>=Number of the group; {add=More operations; WORD=Numbers such as "
	           "1,3,10-20; | "
	           "delete=Operations that go; WORD | reschedule=Spread all members anew; | "
	           "WORD=Numbers such as 1,3,10-20; {schedule-period=Seconds over which starts are "
	           "spread; "
	           "<1-604800> | schedule-together=All at once;} "
	           "[frequency=Of every member; {<1-604800>=Seconds; | range=Random gaps; "
	           "WORD=Such as 80-100;}] "
	           "[life=How long they run; {forever | <0-2147483647>=Seconds;}] "
	           "[start-time=When they begin; {now | pending | after HH:MM:SS | "
	           "random <500-10000>=Milliseconds; | HH:MM [MONTH <1-31>=Day;]}] "
	           "[ageout=When they vanish; <0-2073600>=Seconds of inactivity, 0: never;]}",
	  .help = "When a group of operations runs" },
	{ 0 },
};

const struct conf_command conf_commands_sla[] = {
	{ .word = "endpoint-list",
	  .next = conf_commands_endpoints,
	  .help = "Members of a multicast group" },
	{ .word = "egress",
	  .flags = CC_OWN,
	  .next = egress_words,
	  .help = "Connections that leave this host" },
	{ .word = "key-chain",
	  .flags = CC_NO,
	  .run = conf_sla_keychain,
	  .usage = "WORD=Name of the key chain;",
	  .help = "Key chain of the control protocol, at both ends" },
	{ .word = "responder",
	  .flags = CC_NO,
	  .next = responder_words,
	  .run = conf_responder_enable,
	  .help = "Answer measurements of others" },
	{ .word = "schedule",
	  .flags = CC_NO,
	  .run = conf_schedule_line,
	  .usage = "<1-2147483647>=Number of the operation; "
	           "[life=How long it runs; {forever | <0-2147483647>=Seconds;}] "
	           "[start-time=When it begins; {now | pending | after HH:MM:SS | "
	           "random <500-10000>=Milliseconds; | HH:MM [MONTH <1-31>=Day;]}] "
	           "[ageout=When it vanishes; <0-2073600>=Seconds of inactivity, 0: never;] "
	           "[recurring=Every day at the start time;]",
	  .help = "When an operation runs" },
	UNSUPPORTED_BLOCK("auto", LATER),
	{ .word = "enable", .next = enable_words, .help = "Who is told of reactions" },
	UNSUPPORTED_BLOCK("ethernet-monitor", "Ethernet operations are not for an IP host"),
	{ .word = "group", .next = group_words, .help = "Operations that are scheduled together" },
	{ .word = "logging", .next = sla_logging_words, .help = "Messages of reactions" },
	{ .word = "low-memory",
	  .flags = CC_NO,
	  .run = conf_low_memory,
	  .usage = "<0-1099511627776>=Octets that must be available, 0: no limit;",
	  .help = "New operations wait while the host has less memory" },
	{ .word = "periodic", .next = periodic_words, .help = "Names of targets" },
	{ .word = "reaction-configuration",
	  .flags = CC_NO,
	  .run = conf_reaction_line,
	  .usage = "<1-2147483647>=Number of the operation; [react=What is watched; "
	           "WORD=Element, such as rtt or timeout; "
	           "[threshold-type=When it counts; {never | immediate | consecutive [<1-16>=In a "
	           "row;] | "
	           "xofy [<1-16>=Of the last; <1-16>] | average [<1-16>=Of the last;]}] "
	           "[threshold-value=Above the one, below the other; <0-60000>=Upper; "
	           "<0-60000>=Lower;] "
	           "[action-type=What follows; {none | trapOnly | triggerOnly | trapAndTrigger}]]",
	  .help = "What follows from the results of an operation" },
	{ .word = "reaction-delivery",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_reaction_delivery,
	  .usage =
	          "{everywhere=Every reaction to all; | strict=As the manuals of routers have it;}",
	  .help = "Which reactions go where" },
	{ .word = "reaction-mos",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_reaction_mos,
	  .usage = "{generic=Above the upper threshold; | inverted=Below the lower threshold;}",
	  .help = "When a voice score is a condition" },
	{ .word = "reaction-trigger",
	  .flags = CC_NO,
	  .run = conf_trigger_line,
	  .usage = "<1-2147483647>=Number of the operation; <1-2147483647>=Number of the one that "
	           "starts;",
	  .help = "An operation that starts when another one has a condition" },
	UNSUPPORTED("read", "it is a command for a running router, not for a file"),
	UNSUPPORTED("reset", "it is a command, not a setting: candor ip sla reset confirm"),
	UNSUPPORTED("restart", "it is a command, not a setting: candor ip sla restart N"),
	UNSUPPORTED_BLOCK("server", "TWAMP comes with a later version"),
	{ .word = "snmp", .next = snmp_words, .help = "Tags" },
	/* `ip sla monitor N`, `ip sla monitor schedule N`: the second generation. */
	{ .word = "monitor",
	  .flags = CC_NO,
	  .next = conf_commands_sla,
	  .run = conf_op_enter,
	  .usage = "<1-2147483647>=Number of the operation;",
	  .help = "Old spelling of `ip sla`" },
	{ 0 },
};

static const struct conf_command ip_access_list_words[] = {
	{ .word = "standard",
	  .flags = CC_NO,
	  .value = INET_V4,
	  .run = conf_acl_named,
	  .usage = "WORD=Name of the list;",
	  .help = "Named list of IPv4 sources" },
	UNSUPPORTED_BLOCK("extended", "only sources are matched: use a standard list"),
	UNSUPPORTED_BLOCK("log-update", NOT_SLA),
	UNSUPPORTED_BLOCK("logging", NOT_SLA),
	UNSUPPORTED_BLOCK("resequence", "entries are numbered by their order"),
	UNSUPPORTED_BLOCK("role-based", NOT_SLA),
	{ 0 },
};

const struct conf_command conf_commands_ip[] = {
	{ .word = "access-list", .next = ip_access_list_words, .help = "Named access lists" },
	{ .word = "sla",
	  .flags = CC_NO,
	  .next = conf_commands_sla,
	  .run = conf_op_enter,
	  .usage = "<1-2147483647>=Number of the operation;",
	  .help = "One operation: its type and parameters follow" },
	FOREIGN("address"),
	FOREIGN("arp"),
	FOREIGN("as-path"),
	FOREIGN("bgp-community"),
	FOREIGN("cef"),
	FOREIGN("classless"),
	FOREIGN("community-list"),
	FOREIGN("default-gateway"),
	FOREIGN("default-network"),
	FOREIGN_BLOCK("dhcp"),
	FOREIGN("dns"),
	FOREIGN("domain"),
	FOREIGN("domain-list"),
	FOREIGN("domain-lookup"),
	FOREIGN("domain-name"),
	FOREIGN_BLOCK("explicit-path"),
	FOREIGN("extcommunity-list"),
	FOREIGN("finger"),
	FOREIGN("flow-cache"),
	FOREIGN("flow-export"),
	FOREIGN("forward-protocol"),
	FOREIGN("ftp"),
	FOREIGN("host"),
	FOREIGN("host-routing"),
	FOREIGN("http"),
	FOREIGN("icmp"),
	FOREIGN("igmp"),
	FOREIGN("local"),
	FOREIGN("mroute"),
	FOREIGN("msdp"),
	FOREIGN("multicast"),
	FOREIGN("multicast-routing"),
	FOREIGN("name-server"),
	FOREIGN("nat"),
	FOREIGN("nbar"),
	FOREIGN("ospf"),
	FOREIGN("pim"),
	FOREIGN("policy-list"),
	FOREIGN("prefix-list"),
	FOREIGN("radius"),
	FOREIGN("rcmd"),
	{ .word = "route",
	  .flags = CC_NO,
	  .value = INET_V4,
	  .run = conf_route_line,
	  .usage = ROUTE_USAGE("A.B.C.D=Prefix; A.B.C.D=Mask;", "A.B.C.D"),
	  .help = "Static route that follows a tracked object, or its backup" },
	FOREIGN("routing"),
	FOREIGN("rsvp"),
	FOREIGN("sap"),
	FOREIGN("scp"),
	FOREIGN("sdp"),
	FOREIGN("source-route"),
	FOREIGN("spd"),
	FOREIGN("ssh"),
	FOREIGN("subnet-zero"),
	FOREIGN("tacacs"),
	FOREIGN("tcp"),
	FOREIGN("telnet"),
	FOREIGN("tftp"),
	FOREIGN("verify"),
	FOREIGN_BLOCK("vrf"),
	FOREIGN("wccp"),
	{ 0 },
};

static const struct conf_command ipv6_words[] = {
	{ .word = "access-list",
	  .flags = CC_NO,
	  .value = INET_V6,
	  .run = conf_acl_ipv6,
	  .usage = "WORD=Name of the list;",
	  .help = "Named list of IPv6 sources" },
	FOREIGN("address"),
	FOREIGN("cef"),
	FOREIGN("dhcp"),
	FOREIGN("general-prefix"),
	FOREIGN("hop-limit"),
	FOREIGN("host"),
	FOREIGN("icmp"),
	FOREIGN("local"),
	FOREIGN("mld"),
	FOREIGN("multicast-routing"),
	FOREIGN("nat"),
	FOREIGN("nd"),
	FOREIGN("neighbor"),
	FOREIGN("ospf"),
	FOREIGN("pim"),
	FOREIGN("prefix-list"),
	{ .word = "route",
	  .flags = CC_NO,
	  .value = INET_V6,
	  .run = conf_route_line,
	  .usage = ROUTE_USAGE("X:X::X/LENGTH=Prefix;", "X:X::X"),
	  .help = "Static route that follows a tracked object, or its backup" },
	FOREIGN_BLOCK("router"),
	FOREIGN("source-route"),
	FOREIGN("unicast-routing"),
	{ 0 },
};

static const struct conf_command key_words[] = {
	{ .word = "chain",
	  .flags = CC_NO,
	  .run = conf_keychain_enter,
	  .usage = "WORD=Name of the key chain;",
	  .help = "Keys of the control protocol and of datagrams" },
	FOREIGN("config-key"),
	{ 0 },
};

#define TIMER_USAGE "{msec <500-5000>=Milliseconds; | <1-3000>=Seconds;}"
#define TIMER(w, timer)                                                                       \
	{                                                                                     \
		.word = (w), .flags = CC_NO, .value = (timer), .run = conf_track_timer,       \
		.usage = TIMER_USAGE, .help = "How often a router looks; kept and shown here" \
	}

static const struct conf_command track_timer_ip_words[] = {
	TIMER("route", TRACK_TIMER_IP_ROUTE),
	TIMER("sla", TRACK_TIMER_IP_SLA),
	{ 0 },
};

static const struct conf_command track_timer_ipv6_words[] = {
	TIMER("route", TRACK_TIMER_IPV6_ROUTE),
	{ 0 },
};

static const struct conf_command track_timer_kinds[] = {
	TIMER("interface", TRACK_TIMER_INTERFACE),
	{ .word = "ip", .next = track_timer_ip_words, .help = "Routes and operations" },
	{ .word = "ipv6", .next = track_timer_ipv6_words, .help = "Routes" },
	TIMER("list", TRACK_TIMER_LIST),
	TIMER("stub-object", TRACK_TIMER_STUB),
	{ 0 },
};

static const struct conf_command track_routes_words[] = {
	{ .word = "on-stop",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_track_routes,
	  .usage = "{keep | withdraw}",
	  .help = "What becomes of our routes when candord is stopped" },
	{ 0 },
};

static const struct conf_command track_words[] = {
	{ .word = "timer", .next = track_timer_kinds, .help = "Intervals of looking" },
	UNSUPPORTED("resolution", "metrics of the kernel do not compare with those of routers"),
	{ .word = "routes",
	  .flags = CC_OWN,
	  .next = track_routes_words,
	  .help = "Routes that follow tracked objects" },
	{ 0 },
};

const struct conf_command conf_commands_global[] = {
	{ .word = "access-list",
	  .flags = CC_NO,
	  .run = conf_acl_numbered,
	  .usage = "{<1-99>=Number of a standard list; | <1300-1999>=The same;} {permit | deny | "
	           "remark LINE=Comment;} "
	           "{any=Every source; | host=One source; A.B.C.D | "
	           "A.B.C.D=Source; [A.B.C.D=Inverse mask;]}",
	  .help = "Numbered list of IPv4 sources" },
	{ .word = "clock",
	  .next = conf_commands_clock,
	  .help = "How far this host's clock is believed" },
	{ .word = "hostname",
	  .flags = CC_NO,
	  .run = conf_hostname,
	  .usage = "WORD=1 to 63 letters, digits, - _ and .;",
	  .help = "Name of this node" },
	{ .word = "ip", .next = conf_commands_ip, .help = "Operations, responder, access lists" },
	{ .word = "ipv6", .next = ipv6_words, .help = "IPv6 access lists" },
	{ .word = "key", .next = key_words, .help = "Key chains" },
	{ .word = "namp",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_namp_enter,
	  .help = "How this node is administered, and by whom" },
	{ .word = "hook",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_hook_enter,
	  .usage = "WORD=Name of the hook;",
	  .help = "A command that events run" },
	{ .word = "logging",
	  .flags = CC_NO,
	  .next = logging_words,
	  .run = conf_logging_host,
	  .usage = LOGGING_HOST_USAGE,
	  .help = "Where messages go" },
	{ .word = "webhook",
	  .flags = CC_OWN | CC_NO,
	  .run = conf_webhook_enter,
	  .usage = "WORD=Name of the webhook;",
	  .help = "Whom events are sent to by HTTPS" },
	{ .word = "metrics",
	  .flags = CC_OWN,
	  .next = conf_commands_metrics,
	  .help = "Page for Prometheus" },
	{ .word = "result-log",
	  .flags = CC_OWN,
	  .next = conf_commands_result_log,
	  .help = "Every result as a line of JSON" },
	{ .word = "exit", .flags = CC_HERE, .run = leave_mode, .help = "Back to the mode above" },
	{ .word = "end",
	  .flags = CC_HERE,
	  .value = 1,
	  .run = leave_mode,
	  .help = "Back to the top" },
	{ .word = "track",
	  .flags = CC_NO,
	  .next = track_words,
	  .run = conf_track_line,
	  .usage = "<1-32767>=Number of the object; {"
	           "ip {sla <1-2147483647>=Number of the operation; [{state | reachability}] | "
	           "route A.B.C.D=Prefix; A.B.C.D=Mask; reachability} | "
	           "ipv6 route X:X::X/LENGTH=Prefix; reachability | "
	           "list {boolean {and | or} | threshold {weight | percentage}} | "
	           "interface IFNAME=Of this host; {line-protocol | ip routing | ipv6 routing} | "
	           "stub-object=Its default-state;}",
	  .help = "An object that is up or down, for routes and other programs" },
	UNSUPPORTED("snmp-server", "SNMP comes with a later version"),
	UNSUPPORTED_BLOCK("event", "use `hook`, which runs a program when a reaction says so"),
	{ .word = "ipsla", .run = conf_xr_enter, .help = CONF_OLD_SPELLING " of IOS XR" },
	/* `rtr N`, `rtr schedule N`: the first generation. */
	{ .word = "rtr",
	  .flags = CC_NO,
	  .next = conf_commands_sla,
	  .run = conf_op_enter,
	  .usage = "<1-2147483647>=Number of the operation;",
	  .help = "Old spelling of `ip sla`" },
	FOREIGN("aaa"),
	FOREIGN("alias"),
	FOREIGN_BLOCK("archive"),
	FOREIGN("arp"),
	FOREIGN_BLOCK("banner"),
	FOREIGN("boot"),
	FOREIGN("boot-end-marker"),
	FOREIGN("boot-start-marker"),
	FOREIGN("bridge"),
	FOREIGN_BLOCK("call"),
	FOREIGN("cdp"),
	FOREIGN_BLOCK("class-map"),
	FOREIGN("cli"),
	FOREIGN_BLOCK("copp"),
	FOREIGN("cfs"),
	FOREIGN_BLOCK("control-plane"),
	FOREIGN_BLOCK("controller"),
	FOREIGN_BLOCK("crypto"),
	FOREIGN_BLOCK("dial-peer"),
	FOREIGN("diagnostic"),
	FOREIGN("dialer-list"),
	FOREIGN("dot1x"),
	FOREIGN("enable"),
	FOREIGN("errdisable"),
	{ .word = "feature", .next = feature_words, .help = "Of NX-OS" },
	FOREIGN_BLOCK("fabric"),
	FOREIGN_BLOCK("flow"),
	FOREIGN("frame-relay"),
	FOREIGN_BLOCK("gateway"),
	FOREIGN("glbp"),
	FOREIGN_BLOCK("interface"),
	FOREIGN("isdn"),
	FOREIGN("hardware"),
	FOREIGN("kron"),
	FOREIGN_BLOCK("l2vpn"),
	FOREIGN("license"),
	FOREIGN_BLOCK("line"),
	FOREIGN("lldp"),
	FOREIGN("login"),
	FOREIGN("mac"),
	FOREIGN_BLOCK("mediatrace"),
	FOREIGN("memory"),
	FOREIGN("memory-size"),
	FOREIGN("mls"),
	FOREIGN("monitor"),
	FOREIGN("mpls"),
	FOREIGN("multilink"),
	FOREIGN_BLOCK("netconf-yang"),
	FOREIGN("ntp"),
	FOREIGN("nv"),
	FOREIGN_BLOCK("object-group"),
	FOREIGN_BLOCK("parser"),
	FOREIGN("platform"),
	FOREIGN_BLOCK("policy-map"),
	FOREIGN("password"),
	FOREIGN("power"),
	FOREIGN("privilege"),
	FOREIGN("process"),
	FOREIGN("prompt"),
	FOREIGN_BLOCK("pseudowire-class"),
	FOREIGN_BLOCK("radius"),
	FOREIGN("radius-server"),
	FOREIGN_BLOCK("redundancy"),
	FOREIGN_BLOCK("rmon"),
	FOREIGN_BLOCK("route-map"),
	FOREIGN_BLOCK("router"),
	FOREIGN("scheduler"),
	FOREIGN("service"),
	FOREIGN("spanning-tree"),
	FOREIGN("standby"),
	FOREIGN("subscriber"),
	FOREIGN("switch"),
	FOREIGN("tacacs-server"),
	FOREIGN_BLOCK("template"),
	FOREIGN("tftp-server"),
	FOREIGN_BLOCK("time-range"),
	FOREIGN("transceiver"),
	FOREIGN("system"),
	FOREIGN("udld"),
	FOREIGN("username"),
	FOREIGN("version"),
	FOREIGN_BLOCK("vdc"),
	FOREIGN_BLOCK("vlan"),
	FOREIGN_BLOCK("voice"),
	FOREIGN_BLOCK("vpc"),
	FOREIGN_BLOCK("vrf"),
	FOREIGN("vrrp"),
	FOREIGN("vtp"),
	FOREIGN("wsma"),
	{ 0 },
};
