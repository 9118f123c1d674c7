# SPDX-License-Identifier: Apache-2.0
"""Lab harness: network namespaces, the path emulator between them, programs in them, and the truth."""
