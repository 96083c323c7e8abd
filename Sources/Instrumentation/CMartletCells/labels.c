#include "martlet_cells.h"
#include <stdlib.h>

// Open addressing over entries that are written once. A reader takes the current slots with one acquire load; a writer
// that needs more room fills a bigger array and publishes it. Older arrays stay until the table goes, because a reader
// may still be in one; each is half as long as the next, so they add up to less than the current one.

typedef struct {
    uint64_t hash;
    uint32_t cell;
    uint32_t bytes;
    uint8_t text[];  // for each value its length as uint32_t, then its bytes
} entry;

typedef struct slots {
    struct slots *older;
    uint64_t mask;
    _Atomic(entry *) places[];
} slots;

struct martlet_label_table {
    uint32_t labels;
    uint64_t count;
    _Atomic(slots *) current;
};

static uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load8(const uint8_t *bytes) { uint64_t word; memcpy(&word, bytes, 8); return word; }
static uint64_t load4(const uint8_t *bytes) { uint32_t word; memcpy(&word, bytes, 4); return word; }

static inline uint64_t hash_text(uint64_t seed, martlet_text text) {
    const uint8_t *bytes = text.bytes;
    size_t left = text.count;
    uint64_t hash = seed ^ left * 0x9E3779B97F4A7C15u;
    for (; left > 16; bytes += 16, left -= 16)
        hash = mix(load8(bytes) ^ hash, load8(bytes + 8) ^ 0xD1B54A32D192ED03u);
    uint64_t first = 0, last = 0;
    if (left >= 8) { first = load8(bytes); last = load8(bytes + left - 8); }
    else if (left >= 4) { first = load4(bytes); last = load4(bytes + left - 4); }
    else if (left > 0) first = bytes[0] | (uint64_t)bytes[left / 2] << 8 | (uint64_t)bytes[left - 1] << 16;
    return mix(first ^ hash, last ^ 0xE7037ED1A0B428DBu);
}

static inline uint64_t hash_all(const martlet_text *values, uint32_t labels) {
    uint64_t hash = 0x123456789ABCDEF1u;
    for (uint32_t i = 0; i < labels; i++) hash = hash_text(hash, values[i]);
    return hash;
}

static inline bool is_same(const entry *known, const martlet_text *values, uint32_t labels) {
    const uint8_t *text = known->text;
    for (uint32_t i = 0; i < labels; i++) {
        if (load4(text) != values[i].count) return false;
        if (values[i].count != 0 && memcmp(text + 4, values[i].bytes, values[i].count) != 0) return false;
        text += 4 + values[i].count;
    }
    return true;
}

static slots *make_slots(uint64_t capacity, slots *older) {
    slots *fresh = calloc(1, sizeof(slots) + capacity * sizeof(entry *));
    if (fresh == NULL) return NULL;
    fresh->older = older;
    fresh->mask = capacity - 1;
    return fresh;
}

martlet_label_table *martlet_label_table_make(uint32_t labels) {
    martlet_label_table *table = calloc(1, sizeof *table);
    slots *first = make_slots(16, NULL);
    if (table == NULL || first == NULL) { free(table); free(first); return NULL; }
    table->labels = labels;
    atomic_store_explicit(&table->current, first, memory_order_release);
    return table;
}

void martlet_label_table_free(martlet_label_table *table) {
    slots *current = atomic_load_explicit(&table->current, memory_order_acquire);
    for (uint64_t i = 0; i <= current->mask; i++) free(atomic_load_explicit(&current->places[i], memory_order_relaxed));
    while (current != NULL) { slots *older = current->older; free(current); current = older; }
    free(table);
}

uint32_t martlet_label_table_find(const martlet_label_table *table, const martlet_text *values) {
    uint64_t hash = hash_all(values, table->labels);
    const slots *current = atomic_load_explicit(&table->current, memory_order_acquire);
    for (uint64_t i = hash;; i++) {
        const entry *known = atomic_load_explicit(&current->places[i & current->mask], memory_order_acquire);
        if (known == NULL) return 0;  // at least half of the places are empty
        if (known->hash == hash && is_same(known, values, table->labels)) return known->cell;
    }
}

static void put(slots *into, entry *known) {
    uint64_t i = known->hash;
    while (atomic_load_explicit(&into->places[i & into->mask], memory_order_relaxed) != NULL) i++;
    atomic_store_explicit(&into->places[i & into->mask], known, memory_order_release);
}

static slots *grow(martlet_label_table *table, slots *current) {
    slots *bigger = make_slots(2 * (current->mask + 1), current);
    if (bigger == NULL) return NULL;
    for (uint64_t i = 0; i <= current->mask; i++) {
        entry *known = atomic_load_explicit(&current->places[i], memory_order_relaxed);
        if (known != NULL) put(bigger, known);
    }
    atomic_store_explicit(&table->current, bigger, memory_order_release);
    return bigger;
}

bool martlet_label_table_add(martlet_label_table *table, const martlet_text *values, uint32_t cell) {
    slots *current = atomic_load_explicit(&table->current, memory_order_relaxed);
    if (2 * (table->count + 1) > current->mask + 1) current = grow(table, current);
    if (current == NULL) return false;
    size_t bytes = 0;
    for (uint32_t i = 0; i < table->labels; i++) bytes += 4 + values[i].count;
    entry *fresh = malloc(sizeof(entry) + bytes);
    if (fresh == NULL) return false;
    fresh->hash = hash_all(values, table->labels);
    fresh->cell = cell;
    fresh->bytes = (uint32_t)bytes;
    uint8_t *text = fresh->text;
    for (uint32_t i = 0; i < table->labels; i++) {
        uint32_t count = (uint32_t)values[i].count;
        memcpy(text, &count, 4);
        if (count != 0) memcpy(text + 4, values[i].bytes, count);
        text += 4 + count;
    }
    put(current, fresh);
    table->count++;
    return true;
}
