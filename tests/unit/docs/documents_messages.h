/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of the message log and the audit log, for the program that prints every document. */
#ifndef CANDOR_TESTS_DOCUMENTS_MESSAGES_H
#define CANDOR_TESTS_DOCUMENTS_MESSAGES_H

#include "object/request.h"

#define MESSAGE_PROVIDERS 4u

/* Begin both logs in the state folder, with an entry of every kind; ends the program where that fails. */
void message_documents_begin(int folder,
                             struct object_provider providers[static MESSAGE_PROVIDERS]);
void message_documents_end(void);

#endif
