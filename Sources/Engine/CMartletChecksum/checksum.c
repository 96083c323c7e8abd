#include "martlet_checksum.h"

#include <string.h>

#if defined(__x86_64__)

int martlet_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) uint32_t martlet_crc32c(uint32_t state, const uint8_t *bytes, size_t count) {
    uint64_t wide = state;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        wide = __builtin_ia32_crc32di(wide, word);
        bytes += 8;
        count -= 8;
    }
    state = (uint32_t)wide;
    while (count > 0) {
        state = __builtin_ia32_crc32qi(state, *bytes++);
        count--;
    }
    return state;
}

#else

int martlet_has_crc32c(void) { return 0; }

uint32_t martlet_crc32c(uint32_t state, const uint8_t *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}

#endif
