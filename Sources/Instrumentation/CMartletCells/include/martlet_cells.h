#pragma once

// Where counters and histograms count: every thread has an arena of 8-byte cells of its own and is the only one that
// writes there, so that an increment is a load, an add and a store in memory nobody else touches. A series has the same
// offset ("cell") in all arenas; a reader sums over them. A thread that ends hands its arena, values and all, to the
// next one that starts, so that the number of arenas is the highest number of threads alive at once.
//
// Arena: MARTLET_CELLS_BYTES of counts, then as much again for the fractional parts of counters, which stays untouched
// (and so without memory) until somebody counts in fractions.
//
// The shared arena belongs to no thread and is written with atomic operations: gauges live there, and it takes the
// counts of threads that can have no arena (too many threads, no memory, thread is ending).

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MARTLET_CELLS_BYTES (16u << 20)
#define MARTLET_CELLS_THREADS_MAX 4096
#define MARTLET_BOUNDS_MAX 255
#define MARTLET_BOUNDS_TABLE 512

#if defined(__ELF__)
#define MARTLET_TLS _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define MARTLET_TLS _Thread_local
#endif

extern MARTLET_TLS char *martlet_cells_base;                                // this thread's arena; NULL: none yet
extern _Atomic uint64_t martlet_cells_shared[2 * MARTLET_CELLS_BYTES / 8];  // counts and gauges, then fractions
extern _Atomic uint64_t martlet_cells_flags[MARTLET_CELLS_BYTES / 8];       // by control cell: 1 where switched off
extern _Atomic uint32_t martlet_cells_off;                                  // how many control cells are switched off

/// The offset of `count` neighbouring fresh cells, or 0 when the arenas are full; cell 0 is nobody's and may be written.
uint32_t martlet_cells_allocate(uint32_t count, uint32_t alignment);
uint64_t martlet_cells_sum(uint32_t cell);
double martlet_cells_sum_fractions(uint32_t cell);
double martlet_cells_sum_doubles(uint32_t cell);
/// Sums `count` neighbouring cells into `totals`, which need not be cleared.
void martlet_cells_sum_range(uint32_t cell, uint32_t count, uint64_t *totals);
void martlet_cells_switch(uint32_t control, bool on);
bool martlet_cells_is_on(uint32_t control);
uint32_t martlet_cells_arena_count(void);
uint32_t martlet_cells_free_bytes(void);

void martlet_cells_add_slow(uint32_t cell, uint32_t control, uint64_t amount);
void martlet_cells_add_double_slow(uint32_t offset, uint32_t control, double amount);

/// Counts a call that was refused: a negative increment, an observation that is no number.
static inline void martlet_cells_refuse(uint32_t control) { martlet_cells_add_slow(control, 0, 1); }

static inline bool martlet_cells_is_quick(const char *base) {
    return __builtin_expect(base != NULL, 1)
        && __builtin_expect(atomic_load_explicit(&martlet_cells_off, memory_order_relaxed) == 0, 1);
}

// Relaxed load and store: only this thread writes the cell, readers need no order between cells, and the atomic type
// keeps a reader from seeing half a value.
static inline void martlet_cells_bump(char *place, uint64_t amount) {
    _Atomic uint64_t *cell = (_Atomic uint64_t *)place;
    atomic_store_explicit(cell, atomic_load_explicit(cell, memory_order_relaxed) + amount, memory_order_relaxed);
}

static inline void martlet_cells_bump_double(char *place, double amount) {
    _Atomic uint64_t *cell = (_Atomic uint64_t *)place;
    uint64_t bits = atomic_load_explicit(cell, memory_order_relaxed);
    double value;
    memcpy(&value, &bits, 8);
    value += amount;
    memcpy(&bits, &value, 8);
    atomic_store_explicit(cell, bits, memory_order_relaxed);
}

static inline void martlet_cells_add(uint32_t cell, uint32_t control, uint64_t amount) {
    char *base = martlet_cells_base;
    if (martlet_cells_is_quick(base)) martlet_cells_bump(base + cell, amount);
    else martlet_cells_add_slow(cell, control, amount);
}

static inline void martlet_cells_add_fraction(uint32_t cell, uint32_t control, double amount) {
    char *base = martlet_cells_base;
    if (martlet_cells_is_quick(base)) martlet_cells_bump_double(base + MARTLET_CELLS_BYTES + cell, amount);
    else martlet_cells_add_double_slow(MARTLET_CELLS_BYTES + cell, control, amount);
}

// Gauges

static inline void martlet_gauge_set(uint32_t cell, uint32_t control, double value) {
    if (__builtin_expect(atomic_load_explicit(&martlet_cells_off, memory_order_relaxed) != 0, 0)
        && !martlet_cells_is_on(control)) return;
    uint64_t bits;
    memcpy(&bits, &value, 8);
    atomic_store_explicit(&martlet_cells_shared[cell / 8], bits, memory_order_relaxed);
}

void martlet_gauge_add(uint32_t cell, uint32_t control, double amount);
double martlet_gauge_value(uint32_t cell);

// Histograms: cells of the buckets from the lowest up, the one above all bounds, then the sum.

typedef struct {
    int64_t first_key;
    uint32_t last_key;
    uint32_t shift;  // 0: no table fits these bounds, search them
    uint32_t count;
    uint8_t table[MARTLET_BOUNDS_TABLE];
    double bounds[MARTLET_BOUNDS_MAX + 1];  // ascending; bounds[count] is infinite
} martlet_bounds;

/// The bounds of a histogram without any.
const martlet_bounds *martlet_bounds_none(void);
/// Bounds that live for ever, or NULL without memory; they must be finite, ascending and at most MARTLET_BOUNDS_MAX.
const martlet_bounds *martlet_bounds_make(const double *bounds, uint32_t count);
static inline double martlet_bounds_bound(const martlet_bounds *bounds, uint32_t index) { return bounds->bounds[index]; }
uint32_t martlet_bounds_search(const martlet_bounds *bounds, double value);
void martlet_histogram_observe_slow(const martlet_bounds *bounds, uint32_t cell, uint32_t control, double value);

/// The bucket of a value: the top bits of the double lead into a table whose entries are right or one too low.
static inline uint32_t martlet_bounds_bucket(const martlet_bounds *bounds, double value) {
    if (__builtin_expect(bounds->shift == 0, 0)) return martlet_bounds_search(bounds, value);
    int64_t key;
    memcpy(&key, &value, 8);
    key = (key >> bounds->shift) - bounds->first_key;
    key = key < 0 ? 0 : key;
    key = key > (int64_t)bounds->last_key ? (int64_t)bounds->last_key : key;
    uint32_t bucket = bounds->table[key];
    return bucket + (value > bounds->bounds[bucket]);
}

static inline void martlet_histogram_observe(
    const martlet_bounds *bounds, uint32_t cell, uint32_t control, double value
) {
    char *base = martlet_cells_base;
    if (!martlet_cells_is_quick(base) || __builtin_expect(value != value, 0)) {
        martlet_histogram_observe_slow(bounds, cell, control, value);
        return;
    }
    martlet_cells_bump(base + cell + 8 * martlet_bounds_bucket(bounds, value), 1);
    martlet_cells_bump_double(base + cell + 8 * (bounds->count + 1), value);
}

// Label tables: from the label values of a family's child to its cell, read without a lock.

typedef struct {
    const uint8_t *bytes;
    size_t count;
} martlet_text;

typedef struct martlet_label_table martlet_label_table;

/// A table for a family of `labels` label names, or NULL without memory.
martlet_label_table *martlet_label_table_make(uint32_t labels);
void martlet_label_table_free(martlet_label_table *table);
/// The cell of a child, or 0 where there is none; any thread may call it at any time.
uint32_t martlet_label_table_find(const martlet_label_table *table, const martlet_text *values);
/// Adds a child that is not there; callers take turns. False without memory.
bool martlet_label_table_add(martlet_label_table *table, const martlet_text *values, uint32_t cell);

static inline uint32_t martlet_label_table_find1(const martlet_label_table *table, const uint8_t *a, size_t a_count) {
    martlet_text values[1] = {{a, a_count}};
    return martlet_label_table_find(table, values);
}

static inline uint32_t martlet_label_table_find2(
    const martlet_label_table *table, const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count
) {
    martlet_text values[2] = {{a, a_count}, {b, b_count}};
    return martlet_label_table_find(table, values);
}

static inline uint32_t martlet_label_table_find3(
    const martlet_label_table *table, const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count,
    const uint8_t *c, size_t c_count
) {
    martlet_text values[3] = {{a, a_count}, {b, b_count}, {c, c_count}};
    return martlet_label_table_find(table, values);
}
