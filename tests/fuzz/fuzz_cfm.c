/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: CFM frames and hardware addresses.  What is read can be written, and reads the same. */
#include "wire/cfm.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cfm_frame f, again;
	uint8_t buf[CFM_FRAME_MAX], mac[CFM_MAC];
	char text[32] = "";

	memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
	if (cfm_mac_parse(text, mac) == 0 && (mac[0] & 1))
		abort();
	if (size > 65535 || cfm_decode(data, size, &f) < 0)
		return 0;
	if (f.data_len > size ||
	    (f.data_len > 0 && (f.data < data || f.data + f.data_len > data + size)))
		abort();
	if (f.data_len > CFM_DATA_MAX || f.vlan > CFM_VLAN_MAX)
		return 0;
	ssize_t len = cfm_encode(&f, buf, sizeof(buf));

	if (len < 0 || cfm_decode(buf, (size_t)len, &again) < 0 || again.opcode != f.opcode ||
	    again.transaction != f.transaction || again.data_len != f.data_len ||
	    again.level != f.level || again.vlan != f.vlan || again.t4.ns != f.t4.ns)
		abort();
	return 0;
}
