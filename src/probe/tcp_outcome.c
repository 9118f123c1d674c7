/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences about connections. */
#include "probe/tcp_outcome.h"

#include "io/udp_socket.h"
#include "probe/result_text.h"

#include <errno.h>

void tcp_failure_text(const struct inet_endpoint *peer, int error,
                      char detail[static SLA_DETAIL_MAX])
{
	char text[INET_ENDPOINT_TEXT_MAX];
	struct diag d;

	inet_endpoint_format(peer, text);
	if (error == -ECONNREFUSED)
		result_text(detail, "%s refused the connection: nothing listens there", text);
	else if (error == -ETIMEDOUT)
		result_text(detail, "no answer from %s", text);
	else if (sock_connect_sentence(peer, error, &d) < 0)
		result_text(detail, "%s", d.text);
}
