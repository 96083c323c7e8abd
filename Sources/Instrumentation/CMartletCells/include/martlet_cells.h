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

// This thread's arena; NULL: none yet, or a registry is switched off and calls must ask whether it is theirs. Other
// threads write NULL only, and only when a registry is switched off.
extern MARTLET_TLS _Atomic(char *) martlet_cells_base;
extern _Atomic uint64_t martlet_cells_shared[2 * MARTLET_CELLS_BYTES / 8];  // counts and gauges, then fractions
extern _Atomic uint64_t martlet_cells_flags[MARTLET_CELLS_BYTES / 8];       // by control cell: 1 where switched off
extern _Atomic uint32_t martlet_cells_off;                                  // how many control cells are switched off

/// Cells below this one are nobody's: handles that count nothing write there. It is wide enough for any histogram.
#define MARTLET_CELLS_FIRST 4096u
/// What such a handle holds; not 0, which means "not registered yet".
#define MARTLET_CELLS_INERT 64u

/// The offset of `count` neighbouring fresh cells, or 0 when the arenas are full.
uint32_t martlet_cells_allocate(uint32_t count, uint32_t alignment);
uint64_t martlet_cells_sum(uint32_t cell);
double martlet_cells_sum_fractions(uint32_t cell);
double martlet_cells_sum_doubles(uint32_t cell);
/// Sums `count` neighbouring cells into `totals`, which need not be cleared.
void martlet_cells_sum_range(uint32_t cell, uint32_t count, uint64_t *totals);
/// Sums each of `count` cells anywhere into `totals`, which need not be cleared.
void martlet_cells_sum_each(const uint32_t *cells, uint32_t count, uint64_t *totals);
/// Whether any of `count` counters has a fraction.
bool martlet_cells_have_fractions(const uint32_t *cells, uint32_t count);
/// Sums the fractions of each of `count` counters.
void martlet_cells_sum_each_fraction(const uint32_t *cells, uint32_t count, double *totals);
/// Reads each of `count` gauges.
void martlet_gauge_values(const uint32_t *cells, uint32_t count, double *values);
void martlet_cells_switch(uint32_t control, bool on);
bool martlet_cells_is_on(uint32_t control);
uint32_t martlet_cells_arena_count(void);
uint32_t martlet_cells_free_bytes(void);

void martlet_cells_add_slow(uint32_t cell, uint32_t control, uint64_t amount);
void martlet_cells_add_double_slow(uint32_t offset, uint32_t control, double amount);

/// Counts a call that was refused: a negative increment, an observation that is no number.
static inline void martlet_cells_refuse(uint32_t control) { martlet_cells_add_slow(control, 0, 1); }

static inline char *martlet_cells_quick_base(void) {
    return atomic_load_explicit(&martlet_cells_base, memory_order_relaxed);
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
    char *base = martlet_cells_quick_base();
    if (__builtin_expect(base != NULL, 1)) martlet_cells_bump(base + cell, amount);
    else martlet_cells_add_slow(cell, control, amount);
}

static inline void martlet_cells_add_fraction(uint32_t cell, uint32_t control, double amount) {
    char *base = martlet_cells_quick_base();
    if (__builtin_expect(base != NULL, 1)) martlet_cells_bump_double(base + MARTLET_CELLS_BYTES + cell, amount);
    else martlet_cells_add_double_slow(MARTLET_CELLS_BYTES + cell, control, amount);
}

/// A pseudo-random number of this thread: for sampling, not for secrets.
uint64_t martlet_random(void);

/// Counts one and says how many this thread has counted in the cell; a random number where it counts elsewhere.
static inline uint64_t martlet_cells_count(uint32_t cell, uint32_t control) {
    char *base = martlet_cells_quick_base();
    if (__builtin_expect(base == NULL, 0)) {
        martlet_cells_add_slow(cell, control, 1);
        return martlet_random();
    }
    martlet_cells_bump(base + cell, 1);
    return atomic_load_explicit((_Atomic uint64_t *)(base + cell), memory_order_relaxed);
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
/// Sets and clears bits of a cell that holds no number.
void martlet_gauge_change_bits(uint32_t cell, uint32_t control, uint64_t set, uint64_t clear);
double martlet_gauge_value(uint32_t cell);

// Histograms: cells of the buckets from the lowest up, the one above all bounds, then the parts of the sum. The sum has
// several parts, chosen by bucket, because an addition must wait for the one before it in the same cell: that wait, not the
// work, is what limits the rate.

#define MARTLET_SUM_PARTS 4u

typedef struct {
    int64_t first_key;
    uint32_t last_key;
    uint32_t shift;     // 0: no table fits these bounds, search them
    uint32_t count;
    uint32_t only_cell;  // of a histogram without labels
    uint32_t control;
    uint8_t table[MARTLET_BOUNDS_TABLE];
    double bounds[MARTLET_BOUNDS_MAX + 1];  // ascending; bounds[count] is infinite
} martlet_bounds;

/// The bounds of a histogram without any.
const martlet_bounds *martlet_bounds_none(void);
/// Bounds that live for ever, or NULL without memory; they must be finite, ascending and at most MARTLET_BOUNDS_MAX.
martlet_bounds *martlet_bounds_make(const double *bounds, uint32_t count);
static inline double martlet_bounds_bound(const martlet_bounds *bounds, uint32_t index) { return bounds->bounds[index]; }
uint32_t martlet_bounds_search(const martlet_bounds *bounds, double value);
/// Also where a value stands for `weight` observations.
void martlet_histogram_observe_slow(
    const martlet_bounds *bounds, uint32_t cell, uint32_t control, double value, uint64_t weight);

/// The bucket of a value: the top bits of the double lead into a table whose entries are right or one too low.
static inline uint32_t martlet_bounds_bucket(const martlet_bounds *bounds, double value) {
    if (__builtin_expect(bounds->shift == 0, 0)) return martlet_bounds_search(bounds, value);
    int64_t key;
    memcpy(&key, &value, 8);
    key = (key >> bounds->shift) - bounds->first_key;
    key &= ~(key >> 63);  // 0 where negative, without a branch that would often be guessed wrong
    key = key > (int64_t)bounds->last_key ? (int64_t)bounds->last_key : key;
    uint32_t bucket = bounds->table[key];
    return bucket + (value > bounds->bounds[bucket]);
}

static inline void martlet_histogram_observe(
    const martlet_bounds *bounds, uint32_t cell, uint32_t control, double value
) {
    char *base = martlet_cells_quick_base();
    if (__builtin_expect(base == NULL, 0) || __builtin_expect(value != value, 0)) {
        martlet_histogram_observe_slow(bounds, cell, control, value, 1);
        return;
    }
    char *place = base + cell;
    uint32_t bucket = martlet_bounds_bucket(bounds, value);
    martlet_cells_bump(place + 8 * bucket, 1);
    martlet_cells_bump_double(place + 8 * (bounds->count + 1 + bucket % MARTLET_SUM_PARTS), value);
}

static inline void martlet_histogram_observe_only(const martlet_bounds *bounds, double value) {
    martlet_histogram_observe(bounds, bounds->only_cell, bounds->control, value);
}

/// Observes each of many values, looking up once what they share.
void martlet_histogram_observe_all(
    const martlet_bounds *bounds, uint32_t cell, uint32_t control, const double *values, size_t count);
/// The sum of a histogram's observations over all threads.
double martlet_histogram_sum(const martlet_bounds *bounds, uint32_t cell);
