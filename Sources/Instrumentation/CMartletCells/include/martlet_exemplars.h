#pragma once

// The latest exemplar of each counter and histogram bucket that was ever given one. A place for it is allocated when a
// cell gets its first; from then on noting one copies into that place. Who finds the table in use drops its exemplar: the
// next one will do as well, and recording never waits for a scrape.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// OpenMetrics allows 128 characters in all names and values; lengths take two bytes a label on top.
#define MARTLET_EXEMPLAR_BYTES 160u
#define MARTLET_EXEMPLARS_MAX 65536u

typedef struct {
    double value;
    int64_t milliseconds;
    uint32_t count;
    uint8_t labels[MARTLET_EXEMPLAR_BYTES];  // for each: length and bytes of the name, length and bytes of the value
} martlet_exemplar;

/// Notes the latest exemplar of a cell; false where it was dropped: too long, too many, or the table is in use.
bool martlet_exemplar_note(uint32_t cell, double value, int64_t milliseconds, const uint8_t *labels, size_t count);
/// The exemplar of a cell; false where there is none.
bool martlet_exemplar_get(uint32_t cell, martlet_exemplar *exemplar);
/// Forgets the exemplars of neighbouring cells.
void martlet_exemplar_forget(uint32_t cell, uint32_t count);
/// How many exemplars were dropped.
uint64_t martlet_exemplars_dropped(void);
/// Whether there was ever an exemplar, so that scrapes need not look for any.
bool martlet_exemplars_any(void);
