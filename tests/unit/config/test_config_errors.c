/* SPDX-License-Identifier: Apache-2.0 */
/* Bad texts: every error, its place, and what was expected; and how a file is refused. */
#include "t_config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define K1 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

struct bad_case {
	const char *name, *text, *errors;
};

static const struct bad_case cases[] = {
	{ "unknown command", "frobnicate now\n",
	  "1:1: unknown command 'frobnicate': expected access-list, clock, hostname, ip, ipv6, "
	  "key, "
	  "namp, hook, logging, webhook, metrics, result-log, exit, end, track, ipsla, rtr or "
	  "feature\n" },
	{ "metrics for a list of the other family",
	  "access-list 10 permit any\nmetrics listen ::1 port 9469 access-list 10\n",
	  "2:42: access list '10' is of the other address family\n" },
	{ "metrics for a list that is not there",
	  "metrics listen 192.0.2.1 port 9469 access-list A\n",
	  "1:48: access list 'A' is not defined\n" },
	{ "a port for metrics that needs a right", "metrics listen 192.0.2.1 port 80\n",
	  "1:31: expected a port from 1024 to 65535, found '80'\n" },
	{ "a log of results with a path", "result-log file /tmp/results\n",
	  "1:17: expected max-size or files, found '/tmp/results'\n" },
	{ "unfinished command", "ip\n",
	  "1:3: expected access-list, sla or route, found the end of the line\n" },
	{ "ambiguous command", "ip sla re 5\n",
	  "1:8: expected the number of an operation, endpoint-list, egress, key-chain, responder, "
	  "schedule, "
	  "enable, group, logging, low-memory, periodic, reaction-configuration, "
	  "reaction-delivery, "
	  "reaction-mos, reaction-trigger, snmp or monitor, "
	  "found "
	  "'re'\n" },
	{ "ours is never abbreviated", "clock gr 500\nip sla responder sett\n",
	  "1:7: expected grade-limit, source or trust, found 'gr'\n"
	  "2:18: expected the end of the line, found 'sett'\n" },
	{ "number out of range", "ip sla 0\nip sla 2147483648\n",
	  "1:8: expected the number of an operation from 1 to 2147483647, found '0'\n"
	  "2:8: expected the number of an operation from 1 to 2147483647, found '2147483648'\n" },
	{ "operation without a type", "ip sla 1\nip sla 2\n icmp-echo 192.0.2.1\n",
	  "1:1: operation 1 has no type: expected a line such as `icmp-echo 192.0.2.1` below "
	  "it\n" },
	{ "a setting before the type", "ip sla 1\n timeout 5\n icmp-echo 192.0.2.1\n",
	  "2:2: expected dhcp, dns, ftp, http, icmp-echo, icmp-jitter, path-echo, path-jitter, "
	  "multicast-jitter, "
	  "tcp-connect, "
	  "udp-echo, udp-jitter, type or ethernet, found 'timeout'\n" },
	{ "settings of another type",
	  "ip sla 1\n icmp-echo 192.0.2.1\n control version v2\nip sla 2\n"
	  " tcp-connect 192.0.2.1 80\n verify-data\n",
	  "3:2: 'control' does not apply to icmp-echo: expected data-pattern, df-bit, "
	  "flow-label, frequency, owner, request-data-size, tag, threshold, timeout, tos, "
	  "traffic-class, verify-data, vrf, mark, key-chain, history hours-of-statistics-kept, "
	  "...\n"
	  "6:2: 'verify-data' does not apply to tcp-connect: expected flow-label, frequency, "
	  "owner, tag, threshold, timeout, tos, traffic-class, vrf, control port, control retry, "
	  "control timeout, mark, key-chain, history hours-of-statistics-kept, ...\n" },
	{ "a setting before a wrong type and wrong settings",
	  "ip sla 1\n timeout 5\n udp-jitter 192.0.2.1 16384 codec g729x\n tos 256\n",
	  "2:2: expected dhcp, dns, ftp, http, icmp-echo, icmp-jitter, path-echo, path-jitter, "
	  "multicast-jitter, "
	  "tcp-connect, "
	  "udp-echo, udp-jitter, type or ethernet, found 'timeout'\n"
	  "3:35: expected none, g711ulaw, g711alaw or g729a, found 'g729x'\n"
	  "4:6: expected a number from 0 to 255, found '256'\n" },
	{ "permanent ports on control ports",
	  "ip sla responder\nip sla responder udp-echo port 5000\n"
	  "ip sla responder udp-echo port 1967\nip sla responder tcp-connect port 1167\n"
	  "no ip sla responder udp-echo port 5000\nip sla responder tcp-connect port 1967\n",
	  "3:27: port 1967 is a control port of the responder: expected another one\n"
	  "4:30: port 1167 is a control port of the responder: expected another one\n" },
	{ "a second type", "ip sla 1\n icmp-echo 192.0.2.1\n udp-echo 192.0.2.1 7\n",
	  "3:2: operation 1 already has its type (line 2), which cannot change: delete it first "
	  "with "
	  "`no ip sla 1`\n" },
	{ "a type that comes later, once for its block",
	  "ip sla 1\n voip delay post-dial\n frequency 60\nip sla schedule 1 start-time "
	  "now\n"
	  "ip sla 2\nvoip delay x\nfrequency 60\nvrf x\nip sla 3\n voip delay\n",
	  "2:2: 'voip' is known, but not supported by this version: this operation type needs "
	  "hardware or protocols of a router\n"
	  "6:1: 'voip' is known, but not supported by this version: this operation type needs "
	  "hardware or protocols of a router\n"
	  "10:2: 'voip' is known, but not supported by this version: this operation type needs "
	  "hardware or protocols of a router\n" },
	{ "missing target and port", "ip sla 1\n udp-echo\nip sla 2\n udp-echo 192.0.2.1\n",
	  "2:10: expected the target, an address or a host name of at most 253 octets, found the "
	  "end "
	  "of the line\n"
	  "4:20: expected the target's port from 1 to 65535, found the end of the line\n" },
	{ "an address that is none",
	  "ip sla 1\n icmp-echo 192.0.2.256\nip sla 2\n icmp-echo 2001:db8::g\n",
	  "2:12: expected an IPv4 or IPv6 address or a host name, found '192.0.2.256'\n"
	  "4:12: expected an IPv4 or IPv6 address or a host name, found '2001:db8::g'\n" },
	{ "a name that is none", "ip sla 1\n icmp-echo www.example/x\n",
	  "2:12: expected an IPv4 or IPv6 address or a host name, found 'www.example/x'\n" },
	{ "an option that does not exist", "ip sla 1\n icmp-echo 192.0.2.1 source-port 5\n",
	  "2:22: expected source-interface, source-ip, source-ipaddr, found 'source-port'\n" },
	{ "an option twice", "ip sla 1\n udp-echo 192.0.2.1 7 source-port 5 source-port 6\n",
	  "2:37: 'source-port' stands twice on this line\n" },
	{ "values out of range",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 num-packets 60001\n frequency 0\n tos 256\n"
	  " precision nano\n data-pattern XYZ\n tag\n",
	  "2:40: expected a number of packets from 1 to 60000, found '60001'\n"
	  "3:12: expected a number of seconds from 1 to 604800, found '0'\n"
	  "4:6: expected a number from 0 to 255, found '256'\n"
	  "5:12: expected milliseconds or microseconds, found 'nano'\n"
	  "6:2: 'data-pattern' is known, but not supported by this version: this operation type "
	  "does "
	  "not take it\n"
	  "7:5: expected a text of 1 to 128 octets, found the end of the line\n" },
	{ "what is kept",
	  "ip sla 1\n icmp-echo 192.0.2.1\n history lives-kept 3\n history filter over\n"
	  " history enhanced interval 0\n history enhanced every 5\n history paths 3\n"
	  " paths-of-statistics-kept 3\nip sla 2\n udp-jitter 192.0.2.1 5000\n history filter "
	  "all\n",
	  "3:21: expected a number from 0 to 2, found '3'\n"
	  "5:28: expected a number, 1 to 3600, found '0'\n"
	  "6:19: expected interval or buckets, found 'every'\n"
	  "7:10: expected history hours-of-statistics-kept, history "
	  "distributions-of-statistics-kept, history statistics-distribution-interval, history "
	  "lives-kept, history buckets-kept, history filter, history enhanced, found 'paths'\n"
	  "8:2: 'paths-of-statistics-kept' does not apply to icmp-echo: expected data-pattern, "
	  "df-bit, flow-label, frequency, owner, request-data-size, tag, threshold, timeout, tos, "
	  "traffic-class, verify-data, vrf, mark, key-chain, history hours-of-statistics-kept, "
	  "...\n"
	  "11:10: expected history hours-of-statistics-kept, history "
	  "distributions-of-statistics-kept, history statistics-distribution-interval, history "
	  "enhanced, found 'filter'\n" },
	{ "sub-commands of IOS that we lack",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000\n response-data-size 64\n",
	  "3:2: 'response-data-size' is known, but not supported by this version: replies have the "
	  "size of requests\n" },
	{ "names that are none",
	  "ip sla 1\n icmp-echo 192.0.2.1\n vrf re/d\nip sla 2\n"
	  " icmp-echo 192.0.2.1 source-interface ..\n",
	  "2:2: expected a name of letters, digits, '_', '-', '.', ':' or '@' as vrf, found "
	  "'re/d'\n"
	  "5:2: expected a name of letters, digits, '_', '-', '.', ':' or '@' as "
	  "source-interface, found '..'\n" },
	{ "ambiguous sub-command", "ip sla 1\n icmp-echo 192.0.2.1\n t 5\n",
	  "3:2: 't' is ambiguous: it begins tag, threshold, timeout, tos, traffic-class\n" },
	{ "surplus words", "ip sla 1\n icmp-echo 192.0.2.1\n timeout 5 6\nip sla responder now\n",
	  "3:12: expected the end of the line, found '6'\n"
	  "4:18: expected the end of the line, found 'now'\n" },
	{ "codec and plain options",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g729a num-packets 5\n"
	  "ip sla 2\n udp-jitter 192.0.2.1 5000 codec-size 50\n"
	  "ip sla 3\n udp-jitter 192.0.2.1 5000 codec g729a\n request-data-size 60\n",
	  "2:40: 'num-packets' does not go with codec: use codec-numpackets and codec-interval\n"
	  "4:28: 'codec-size' needs codec on the same line\n"
	  "7:2: 'request-data-size' does not go with codec: use codec-size\n" },
	{ "families of source and target", "ip sla 1\n icmp-echo 192.0.2.1 source-ip 2001:db8::1\n",
	  "2:2: the source address is not of the target's family\n" },
	{ "schedule of what does not exist", "ip sla schedule 5 start-time now\n",
	  "1:17: operation 5 is not defined above this line\n" },
	{ "IOS's cross checks",
	  "ip sla 1\n icmp-echo 192.0.2.1\n frequency 4\n threshold 6000\n"
	  "ip sla schedule 1 start-time now\n",
	  "5:17: Scheduling a probe with timeout 5000 ms greater than frequency 4000 ms is not "
	  "allowed.\n"
	  "5:17: Scheduling a probe with threshold 6000 ms greater than timeout 5000 ms is not "
	  "allowed.\n" },
	{ "schedule words",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 life long\nip sla 2\n"
	  " icmp-echo 192.0.2.1\nip sla schedule 2 start-time 25:00\nip sla 3\n icmp-echo "
	  "192.0.2.1\n"
	  "ip sla schedule 3 start-time 09:00 Feb 30\nip sla 4\n icmp-echo 192.0.2.1\n"
	  "ip sla schedule 4 start-time random 5 life 5\n",
	  "3:24: expected forever or a number of seconds from 0 to 2147483647, found 'long'\n"
	  "6:30: expected now, pending, after hh:mm:ss, random or a time hh:mm, found '25:00'\n"
	  "9:36: expected ageout, life, recurring or start-time, found 'Feb'\n"
	  "12:37: expected a number of milliseconds from 500 to 10000, found '5'\n" },
	{ "recurring",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 life forever start-time 9:00 "
	  "recurring\n"
	  "ip sla 2\n icmp-echo 192.0.2.1\nip sla schedule 2 life 60 ageout 60 start-time 9:00 "
	  "recurring\n",
	  "3:17: recurring needs a life below 86400 seconds, found forever\n"
	  "6:17: recurring needs ageout 0, or life and ageout of more than 86400 seconds together, "
	  "found 120\n" },
	{ "a scheduled operation is frozen",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 start-time now\nip sla 1\n timeout 9\n"
	  "ip sla schedule 1 start-time now\n",
	  "4:8: Entry already running and cannot be modified: operation 1 is scheduled in line 3, "
	  "put its lines in front of that\n"
	  "6:17: operation 1 is already scheduled in line 3\n" },
	{ "other parts of a router, one error a block",
	  "interface GigabitEthernet0/0\n description x\n ip address 192.0.2.1 255.255.255.0\n"
	  " no shutdown\n!\nrouter bgp 64512\nneighbor 192.0.2.2 remote-as 64512\nno auto-summary\n"
	  "ip route 0.0.0.0 0.0.0.0 192.0.2.1 track 1\nip sla 1\n icmp-echo 192.0.2.1\n",
	  "1:1: 'interface' is known, but not supported by this version: it is no part of IP SLA\n"
	  "6:1: 'router' is known, but not supported by this version: it is no part of IP SLA\n" },
	{ "what comes later",
	  "ip sla auto template\n delay up 5\n"
	  "ip sla server twamp\n port 862\n",
	  "1:1: 'ip sla auto' is known, but not supported by this version: it comes with a later "
	  "version\n"
	  "3:1: 'ip sla server' is known, but not supported by this version: TWAMP comes with a "
	  "later "
	  "version\n" },
	{ "tracked objects",
	  "track 1 ip sla\ntrack 1 ip foo 3\ntrack 0 stub-object\n"
	  "track 2 interface Gi0/0 line-protocol\ntrack 3 list boolean xor\n"
	  "track 5 ip sla 1\n object 3\n delay up 300\n threshold weight up 3\n"
	  " output keepalived ../x\ntrack 5 ip sla 2\n",
	  "1:15: expected the number of an operation from 1 to 2147483647, found the end of the "
	  "line\n"
	  "2:12: expected route or sla, found 'foo'\n"
	  "3:7: expected the number of an object from 1 to 32767, found '0'\n"
	  "4:19: expected the name of an interface of this host, such as eth0 (at most 15 octets, "
	  "no slash), found 'Gi0/0'\n"
	  "5:22: expected and or or, found 'xor'\n"
	  "7:2: only a list has objects\n"
	  "8:11: expected a number of seconds from 0 to 180, found '300'\n"
	  "9:2: only a list by threshold has a threshold\n"
	  "10:20: expected the name of a file without a folder: at most 63 letters, digits, - _ "
	  "and ., which does not begin with a dot, found '../x'\n"
	  "11:7: object 5 tracks something else: delete it first with `no track 5`\n" },
	{ "lists",
	  "track 4 list boolean and\n object 99\n object 4\n threshold weight up 3\n"
	  "track 5 list threshold percentage\n threshold weight up 3\n"
	  " threshold percentage up 3 down 3\n default-state up\n",
	  "1:1: object 99 of list 4 is not defined\n"
	  "1:1: list 4 contains itself\n"
	  "4:2: only a list by threshold has a threshold\n"
	  "6:12: the list is by percentage\n"
	  "7:12: expected an up threshold above the down threshold\n"
	  "8:2: a list has no default-state: its objects have\n" },
	{ "static routes",
	  "ip route 1.2.3.4 255.0.0.0 9.9.9.9 track 1\nip route 10.0.0.0 255.0.0.0 192.0.2.1\n"
	  "ip route 10.1.0.0 255.255.0.0 192.0.2.1 256 track 1\n"
	  "ipv6 route ::/0 192.0.2.1 track 1\nip route 0.0.0.0 0.0.0.0 dhcp track 1\n"
	  "ip route 10.1.0.0 255.0.255.0 192.0.2.1 track 1\n"
	  "ip route 10.1.0.0 255.255.0.0 GigabitEthernet0/0 track 1\n",
	  "1:10: the mask does not cover the address: 1.2.3.4 has bits behind it\n"
	  "2:1: no route to this prefix has a track: only tracked routes and their backups are "
	  "installed, leave the others to the system\n"
	  "3:41: expected an administrative distance from 1 to 255, found '256'\n"
	  "4:17: expected a next hop of the same address family, found '192.0.2.1'\n"
	  "5:26: 'dhcp' as a next hop is known, but not supported by this version: the system's "
	  "DHCP client installs its own routes\n"
	  "6:19: expected a mask without holes such as 255.255.255.0, found '255.0.255.0'\n"
	  "7:31: expected the name of an interface of this host, such as eth0 (at most 15 octets, "
	  "no slash), found 'GigabitEthernet0/0'\n" },
	{ "references that lead nowhere",
	  "ip sla key-chain NONE\nip sla 1\n udp-jitter 192.0.2.1 5 control v2\n key-chain GONE\n"
	  "ip sla responder settings\n access-group LIST\n",
	  "1:18: key chain 'NONE' is not defined\n"
	  "2:1: key chain 'GONE' of operation 1 is not defined\n"
	  "6:15: access list 'LIST' is not defined\n" },
	{ "key chains",
	  "key chain A\nkey chain B\n key 1\n key 2\n  key-string 7 0A0B\n key 3\n"
	  "  key-string 0123456789012345678901234567890123456789012345678\n"
	  " key 70000\n  key-string x\n key 4\n  key-string y \n  cryptographic-algorithm md5\n"
	  "  send-lifetime 00:00:00 Feb 29 2027 infinite\n"
	  "  send-lifetime 00:00:00 Mar 1 2027 00:00:00 Feb 1 2027\n",
	  "1:11: key chain 'A' has no keys: expected `key 1`\n"
	  "3:2: key 1 has no key-string: expected one below it\n"
	  "5:14: a key string of type 7 is encrypted by the router: expected the key itself\n"
	  "7:14: expected a key of 1 to 48 octets, found 49\n"
	  "8:6: expected the number of a key from 0 to 65535, found '70000'\n"
	  "11:15: a blank at the end of a key string would belong to the key on a router: take it "
	  "away\n"
	  "12:27: 'md5' is known, but not supported: control version 2 has sha-256 and "
	  "hmac-sha-256 "
	  "(RFC 6812)\n"
	  "13:17: expected a time that exists here, found '00:00:00 Feb 29 2027'\n"
	  "14:37: expected an end after the start\n" },
	{ "access lists",
	  "access-list 100 permit ip any any\naccess-list 5 permit 192.0.2.0 0.0.255.0\n"
	  "access-list 5 permit 2001:db8::1\naccess-list 5 permit any log\naccess-list 5 allow "
	  "any\n"
	  "ip access-list extended X\n permit ip any any\nipv6 access-list Y\n"
	  " permit tcp any any\n permit ipv6 2001:db8::1/32 any\n permit ipv6 any host "
	  "2001:db8::1\n"
	  "ip access-list standard Y\n permit any\n",
	  "1:13: expected the number of a standard access list, 1 to 99 or 1300 to 1999, found "
	  "'100'\n"
	  "2:32: expected an inverse mask without holes such as 0.0.0.255, found '0.0.255.0'\n"
	  "3:22: expected any, host ADDRESS or an IPv4 address, found '2001:db8::1'\n"
	  "4:26: 'log' is known, but not supported by this version: every refusal is counted\n"
	  "5:15: expected deny or permit, found 'allow'\n"
	  "6:1: 'ip access-list extended' is known, but not supported by this version: only "
	  "sources "
	  "are matched: use a standard list\n"
	  "9:9: expected ipv6 (only sources are matched), found 'tcp'\n"
	  "10:14: expected any, host ADDRESS or PREFIX/LENGTH with no bits behind the length, "
	  "found "
	  "'2001:db8::1/32'\n"
	  "11:18: expected any (only sources are matched), found 'host'\n"
	  "12:25: 'Y' is an access list of the other address family (line 8)\n" },
	{ "responder",
	  "ip sla responder udp-echo ipaddress 192.0.2.1\nip sla responder udp-echo port 5 vrf "
	  "x/y\n"
	  "ip sla responder twamp\nip sla responder settings\n max-sessions 1\n frob 5\n"
	  " max-ses 5\n",
	  "1:46: expected port and its number, found the end of the line\n"
	  "2:38: expected a name of letters, digits, '_', '-', '.', ':' or '@', found 'x/y'\n"
	  "3:1: 'ip sla responder twamp' is known, but not supported by this version: it comes "
	  "with a "
	  "later version\n"
	  "5:15: expected a number from 2 to 65536, found '1'\n"
	  "6:2: expected control-tcp, control-sctp, sctp-encapsulation-port, allocate-port, "
	  "substitute-port, require-authentication, replay-check, replay-window, "
	  "unverified-commands, whole-ipv6-response, control-port-v1, ..., found 'frob'\n"
	  "7:2: expected control-tcp, control-sctp, sctp-encapsulation-port, allocate-port, "
	  "substitute-port, require-authentication, replay-check, replay-window, "
	  "unverified-commands, whole-ipv6-response, control-port-v1, ..., found 'max-ses'\n" },
	{ "clock and name",
	  "clock trust operator\nclock trust operator 500\nclock source sundial\nclock timezone "
	  "CET 1\n"
	  "hostname a/b\n",
	  "1:21: expected error MICROSECONDS, found the end of the line\n"
	  "2:22: expected error MICROSECONDS, found '500'\n"
	  "3:14: expected auto, kernel, chrony or ptp, found 'sundial'\n"
	  "4:1: 'clock timezone' is known, but not supported by this version: times are in the "
	  "system's time zone\n"
	  "5:10: expected a name of 1 to 63 letters, digits, - _ and ., found 'a/b'\n" },
	{ "administration",
	  "namp\n tcp port 168\n tcp prt 5\n address 0.0.0.0\n role default root\n role viewer\n"
	  " user a/b role viewer\n user alice viewer\n user local: role viewer\n"
	  " peer c address 192.0.2.1\n peer c address 192.0.2.1 port 0 trap\n limit sessions 0\n"
	  " limit\n lim sessions 5\n no user bob\n no peer d\n no psk e\n datagram\n tc port 167\n",
	  "2:11: expected port 167 or one from 1024 to 65535, found '168'\n"
	  "3:6: expected port, found 'prt'\n"
	  "4:10: expected the address of one host, found '0.0.0.0'\n"
	  "5:15: expected none, viewer, operator or administrator, found 'root'\n"
	  "6:7: expected default, found 'viewer'\n"
	  "7:7: expected a name of 1 to 63 letters, digits, . _ @ and -, or local: and such a "
	  "name, found 'a/b'\n"
	  "8:13: expected role, found 'viewer'\n"
	  "9:7: expected a name of 1 to 63 letters, digits, . _ @ and -, or local: and such a "
	  "name, found 'local:'\n"
	  "10:26: expected inform or trap, found the end of the line\n"
	  "11:32: expected a port from 1 to 65535, found '0'\n"
	  "12:17: expected a number from 1 to 65536, found '0'\n"
	  "13:7: expected limit sessions, limit sessions-per-name, limit greeting, limit "
	  "greeting-per-address, limit handshake-timeout, limit idle-timeout, limit log, found "
	  "the end of the line\n"
	  "14:2: expected address, datagram, limit, peer, psk, role, tcp, udp or user, found "
	  "'lim'\n"
	  "15:10: there is no user 'bob' above\n"
	  "16:10: there is no peer 'd' above\n"
	  "17:9: there is no such key above\n"
	  "18:10: expected key-chain, found the end of the line\n"
	  "19:2: expected address, datagram, limit, peer, psk, role, tcp, udp or user, found "
	  "'tc'\n" },
	{ "pre-shared keys",
	  "namp\n psk a client c secret 00\n psk b client c " K1 "\n psk c secret " K1 "\n"
	  " psk d client c secret <hidden>\n psk e client c secret " K1 " 00\n"
	  " psk local:f client c secret " K1 "\n psk g client local:c secret " K1 "\n"
	  " psk h client c secret " K1 "\n psk i client d secret " K1 "\n"
	  " psk k client d secret "
	  "4142434445464748414243444546474841424344454647484142434445464748\n"
	  "key chain Q\n key 1\n  key-string ABCDEFGHABCDEFGHABCDEFGHABCDEFGH\n",
	  "2:24: expected 64 to 128 hexadecimal digits and the end of the line\n"
	  "3:17: expected secret and 64 to 128 hexadecimal digits\n"
	  "4:8: expected client and its name behind the name of the key\n"
	  "5:24: the key was hidden when this text was printed: expected the key\n"
	  "6:89: expected 64 to 128 hexadecimal digits and the end of the line\n"
	  "7:6: expected the name of the key of 1 to 63 letters, digits, . _ @ and -, found "
	  "'local:f'\n"
	  "8:15: expected the client's name of 1 to 63 letters, digits, . _ @ and -\n"
	  "10:6: keys 'h' and 'i' are the same: expected a key of its own for each client\n"
	  "11:6: key 'k' is also in a key chain: expected a key of its own\n" },
	{ "datagrams without keys",
	  "namp\n udp\n peer c address 192.0.2.1 trap\n datagram key-chain NONE\n no datagram "
	  "key-chain\n",
	  "2:2: udp takes nothing without keys: expected `datagram key-chain NAME` too\n"
	  "3:2: peers are told nothing without keys: expected `datagram key-chain NAME` too\n" },
	{ "datagrams with a chain that is not there",
	  "namp\n udp\n datagram key-chain NONE\nnamp extra\n tcp\n",
	  "3:21: key chain 'NONE' is not defined\n"
	  "4:6: expected the end of the line, found 'extra'\n" },
	{ "no without a thing", "no\nno ip sla 5\nno key chain X\nno exit\n",
	  "1:3: expected a command, found the end of the line\n"
	  "2:11: operation 5 is not defined above\n"
	  "3:14: key chain 'X' is not defined above\n"
	  "4:1: 'exit' has no `no` form\n" },
	{ "not text", "ip sla \x01\nip sla \xff\nip sla 1\n icmp-echo 192.0.2.1\n",
	  "1:8: expected text, found the control character 0x01\n"
	  "2:8: expected UTF-8 text, found the octet 0xff\n" },
};

static void test_case(void **state)
{
	const struct bad_case *c = *state;
	struct config *config = NULL;
	struct config_errors errors;

	assert_int_equal(config_parse(c->text, strlen(c->text), &config, &errors), -EINVAL);
	assert_null(config);
	char *text = t_errors(&errors);

	assert_string_equal(text, c->errors);
	free(text);
	config_errors_fini(&errors);
}

/* What a person sees. */
static void test_caret(void **state)
{
	static const char bad[] = "ip sla 1\n icmp-echo 192.0.2.1\n\tkey-chain Zürich more\n";
	struct config_errors errors;
	struct config *config = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(config_parse(bad, strlen(bad), &config, &errors), -EINVAL);
	config_errors_print(&errors, "a.conf", to);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(text, "a.conf:3:20: expected the end of the line, found 'more'\n"
	                          "  \tkey-chain Zürich more\n"
	                          "  \t                 ^\n");
	free(text);
	config_errors_fini(&errors);
}

/* Keys do not reach a terminal or a log. */
static void test_keys_are_not_shown(void **state)
{
	static const char bad[] =
	        "key chain K\n key 1\n  key-string 7 0A1B2C\n  key-string 0 tail \n"
	        "  KEY-STR 0123456789012345678901234567890123456789abcdefghijk\n"
	        "namp\n psk a client b 0123456789012345678901234567890123456789\n"
	        " user x secret 0123456789\n";
	struct config_errors errors;
	struct config *config = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(config_parse(bad, strlen(bad), &config, &errors), -EINVAL);
	assert_int_equal(errors.count, 5);
	config_errors_print(&errors, "a.conf", to);
	assert_int_equal(fclose(to), 0);
	assert_null(strstr(text, "0A1B2C"));
	assert_null(strstr(text, "tail"));
	assert_null(strstr(text, "0123456789"));
	free(text);
	config_errors_fini(&errors);
}

/* A flood of errors is cut, and says so. */
static void test_many_errors(void **state)
{
	size_t lines = CONFIG_ERRORS_MAX + 7;
	char *text = malloc(lines * 2 + 1);
	struct config_errors errors;
	struct config *config = NULL;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < lines; i++)
		memcpy(text + 2 * i, "x\n", 3);
	assert_int_equal(config_parse(text, lines * 2, &config, &errors), -EINVAL);
	assert_int_equal(errors.count, CONFIG_ERRORS_MAX);
	assert_int_equal(errors.omitted, 7);
	config_errors_fini(&errors);
	free(text);
}

static void test_line_too_long(void **state)
{
	char text[3000];
	struct config_errors errors;
	struct config *config = NULL;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(config_parse(text, sizeof(text), &config, &errors), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_int_equal(errors.errors[0].column, 1025);
	config_errors_fini(&errors);
	memset(text, '!', sizeof(text)); /* a comment may be longer */
	assert_int_equal(config_parse(text, sizeof(text), &config, &errors), 0);
	config_free(config);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void test_files(void **state)
{
	static const char secret[] = "key chain A\n key 1\n  key-string x\n";
	char path[] = "/tmp/candor-config-XXXXXX";
	int fd = mkstemp(path);
	struct config_errors errors;
	struct config *config = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	write_file(path, secret, 0644);
	assert_int_equal(config_load(path, &config, &errors), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_int_equal(errors.errors[0].line, 3);
	assert_non_null(strstr(errors.errors[0].text, "every user can read it"));
	config_errors_fini(&errors);
	write_file(path, secret, 0640);
	assert_int_equal(config_load(path, &config, &errors), 0);
	config_free(config);
	write_file(path, "ip sla responder\n", 0644);
	assert_int_equal(config_load(path, &config, &errors), 0);
	assert_true(config->responder.enabled);
	config_free(config);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(config_load(path, &config, &errors), -ENOENT);
	assert_int_equal(errors.count, 1);
	assert_int_equal(errors.errors[0].line, 0);
	config_errors_fini(&errors);
	assert_int_equal(config_load("/tmp", &config, &errors), -EISDIR);
	config_errors_fini(&errors);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(cases) + 5];
	size_t count = 0;

	for (; count < ARRAY_LEN(cases); count++)
		tests[count] = (struct CMUnitTest) { cases[count].name, test_case, NULL, NULL,
			                             (void *)(uintptr_t)&cases[count] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_caret);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_keys_are_not_shown);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_many_errors);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_line_too_long);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_files);
	return _cmocka_run_group_tests("config errors", tests, count, NULL, NULL);
}
