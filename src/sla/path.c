/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as values. */
#include "sla/path.h"

#include <stddef.h>

const char *path_outcome_name(uint8_t outcome)
{
	switch ((enum path_outcome)outcome) {
	case PATH_REACHED:
		return "reached";
	case PATH_TOO_LONG:
		return "too_long";
	case PATH_UNREACHABLE:
		return "unreachable";
	case PATH_LOOP:
		return "loop";
	case PATH_NOT_TRIED:
		return "not_tried";
	}
	return "unknown";
}

const struct path_hop *path_target(const struct path_result *p)
{
	return p->outcome == PATH_REACHED && p->hop_count > 0 && p->hop_count <= PATH_HOPS_MAX
	               ? &p->hops[p->hop_count - 1]
	               : NULL;
}

size_t path_result_size(const struct path_result *p)
{
	size_t hops = p->hop_count < PATH_HOPS_MAX ? p->hop_count : PATH_HOPS_MAX;

	return offsetof(struct path_result, hops) + hops * sizeof(p->hops[0]);
}
