/* SPDX-License-Identifier: Apache-2.0 */
/* Between the modelled network and the responder at its far end. */
#ifndef CANDOR_TESTS_SCENARIO_MODEL_PEER_H
#define CANDOR_TESTS_SCENARIO_MODEL_PEER_H

#include "model.h"

struct model_event *model_post(struct model *m, int64_t at_ns, enum model_event_kind kind,
                               const uint8_t *data, size_t len);
struct stamp model_stamp(const struct model *m, int64_t at_ns, enum stamp_source source);
void model_enter_path(struct model *m, enum direction d, bool is_control, int64_t at_ns,
                      struct model_event like, const uint8_t *data, size_t len);

/* A datagram reached the peer of flow ``f``. */
void model_peer_receive(struct model *m, const struct probe_flow *f, const struct model_event *e);

#endif
