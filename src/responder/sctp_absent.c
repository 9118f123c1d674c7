/* SPDX-License-Identifier: Apache-2.0 */
/* Built without the SCTP library. */
#include "responder/sctp_process.h"

#include <errno.h>

int sctp_process_serve(int channel_fd, uint16_t encaps_port, uint16_t port, struct diag *d)
{
	(void)channel_fd;
	(void)encaps_port;
	return diag_set(d, -EPROTONOSUPPORT,
	                "SCTP port %u: this program was built without usrsctp (libusrsctp-dev)",
	                port);
}
