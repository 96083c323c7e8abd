#include "martlet_cells.h"
#include <math.h>
#include <stdlib.h>

static const martlet_bounds none = {.only_cell = MARTLET_CELLS_INERT, .bounds = {INFINITY}};

const martlet_bounds *martlet_bounds_none(void) { return &none; }

uint32_t martlet_bounds_search(const martlet_bounds *bounds, double value) {
    uint32_t low = 0, high = bounds->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (value > bounds->bounds[middle]) low = middle + 1;
        else high = middle;
    }
    return low;
}

static double from_key(int64_t key, uint32_t shift, int64_t low_bits) {
    int64_t bits = (int64_t)((uint64_t)key << shift) | low_bits;
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

/// Fills the table for keys of the top 64 - `shift` bits; false where it gets too long or a key spans two bounds.
static bool fill(martlet_bounds *bounds, uint32_t shift) {
    int64_t low, high;
    memcpy(&low, &bounds->bounds[0], 8);
    memcpy(&high, &bounds->bounds[bounds->count - 1], 8);
    low >>= shift;
    high >>= shift;
    if (high - low + 3 > MARTLET_BOUNDS_TABLE) return false;
    bounds->first_key = low - 1;
    bounds->last_key = (uint32_t)(high - low + 2);
    bounds->table[0] = 0;  // everything below the lowest bound, negative numbers included
    for (uint32_t k = 1; k < bounds->last_key; k++) {
        double first = from_key(bounds->first_key + k, shift, 0);
        double last = from_key(bounds->first_key + k, shift, ((int64_t)1 << shift) - 1);
        uint32_t bucket = martlet_bounds_search(bounds, first);
        if (martlet_bounds_search(bounds, last) > bucket + 1) return false;
        bounds->table[k] = (uint8_t)bucket;
    }
    bounds->table[bounds->last_key] = (uint8_t)bounds->count;
    return true;
}

martlet_bounds *martlet_bounds_make(const double *values, uint32_t count) {
    if (count > MARTLET_BOUNDS_MAX) return NULL;
    martlet_bounds *bounds = calloc(1, sizeof *bounds);
    if (bounds == NULL) return NULL;
    bounds->count = count;
    for (uint32_t i = 0; i < count; i++) bounds->bounds[i] = values[i];
    bounds->bounds[count] = INFINITY;
    // The table orders doubles by their bits, which holds for positive ones only.
    if (count == 0 || !(values[0] > 0)) return bounds;
    for (uint32_t shift = 52; shift >= 40; shift--) {
        if (!fill(bounds, shift)) continue;
        bounds->shift = shift;
        break;
    }
    return bounds;
}
