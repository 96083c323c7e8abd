#pragma once

#include <stddef.h>
#include <stdint.h>

// Whether the processor has an instruction for the Castagnoli checksum.
int martlet_has_crc32c(void);

// Adds bytes to a checksum's state with that instruction; it must be there.
uint32_t martlet_crc32c(uint32_t state, const uint8_t *bytes, size_t count);
