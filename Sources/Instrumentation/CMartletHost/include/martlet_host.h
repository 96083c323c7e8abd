#pragma once

#include <stdbool.h>
#include <stdint.h>

// What the C library tells of this process and its clock; each is false where the platform does not tell.

/// The bytes of the C library's heap that are in use, those it has mapped apart included.
bool martlet_heap_bytes(uint64_t *bytes);

/// How far the kernel's clock is off by the judgement of its time synchronisation, in seconds.
bool martlet_clock_offset_seconds(double *seconds);
