#include "martlet_family.h"
#include <stdlib.h>

// Open addressing over children that are written once. A reader takes the current slots with one acquire load; a writer
// that needs more room fills a bigger array and publishes it. Older arrays stay, because a reader may still be in one;
// each is half as long as the next, so they add up to less than the current one.

struct martlet_child {
    uint32_t hash;
    uint32_t cell;
    uint32_t created;
    uint16_t is_own;     // allocated by itself, so that it can be freed
    uint16_t lengths[];  // of each value; the bytes of all values follow
};

typedef struct slots {
    struct slots *older;
    uint64_t mask;
    _Atomic(martlet_child *) places[];
} slots;

struct martlet_family {
    _Atomic(martlet_quick *) quick;
    _Atomic(uintptr_t) *quick_word;
    _Atomic(slots *) published;  // for readers without the lock; NULL: they must take it
    slots *current;
    uint32_t labels;
    uint32_t control;
    uint32_t count;
    uint32_t capacity;
    martlet_child **children;  // in the order of their creation
    uint32_t *cells;           // their cells, in the same order
    uint8_t *block;            // where the next children's bytes go
    uint32_t block_left;
    uint32_t block_bytes;
    uint64_t bytes;
};


// A table of one line that is never written: matches nothing.
static _Alignas(64) uint64_t no_lines[16];
#define no_quick (*(martlet_quick *)no_lines)

static inline uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load8(const uint8_t *bytes) { uint64_t word; memcpy(&word, bytes, 8); return word; }
static inline uint64_t load4(const uint8_t *bytes) { uint32_t word; memcpy(&word, bytes, 4); return word; }

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

static inline uint32_t hash_all(const martlet_text *values, uint32_t labels) {
    uint64_t hash = 0x123456789ABCDEF1u;
    for (uint32_t i = 0; i < labels; i++) hash = hash_text(hash, values[i]);
    return (uint32_t)(hash >> 32);
}

/// Whether two texts of one length are the same: words that overlap at the end, so that no length needs a loop of bytes.
static inline bool is_equal(const uint8_t *a, const uint8_t *b, size_t count) {
    if (count >= 8) {
        uint64_t difference = load8(a + count - 8) ^ load8(b + count - 8);
        for (size_t i = 0; i + 8 < count; i += 8) difference |= load8(a + i) ^ load8(b + i);
        return difference == 0;
    }
    if (count >= 4) return ((load4(a) ^ load4(b)) | (load4(a + count - 4) ^ load4(b + count - 4))) == 0;
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i]) return false;
    return true;
}

static inline bool is_same(const martlet_child *known, const martlet_text *values, uint32_t labels) {
    const uint8_t *text = (const uint8_t *)(known->lengths + labels);
    for (uint32_t i = 0; i < labels; i++) {
        if (known->lengths[i] != values[i].count || !is_equal(text, values[i].bytes, values[i].count)) return false;
        text += values[i].count;
    }
    return true;
}

static slots *make_slots(uint64_t capacity, slots *older) {
    slots *fresh = calloc(1, sizeof(slots) + capacity * sizeof(martlet_child *));
    if (fresh == NULL) return NULL;
    fresh->older = older;
    fresh->mask = capacity - 1;
    return fresh;
}

static uint64_t slots_bytes(const slots *table) { return sizeof(slots) + (table->mask + 1) * sizeof(martlet_child *); }

martlet_family *martlet_family_make(uint32_t labels, uint32_t control) {
    martlet_family *family = calloc(1, sizeof *family);
    slots *first = make_slots(8, NULL);
    if (family == NULL || first == NULL) { free(family); free(first); return NULL; }
    family->labels = labels;
    family->control = control;
    family->current = first;
    family->bytes = sizeof *family + slots_bytes(first);
    atomic_store_explicit(&family->quick, &no_quick, memory_order_relaxed);
    atomic_store_explicit(&family->published, first, memory_order_release);
    return family;
}

uint32_t martlet_family_control(const martlet_family *family) { return family->control; }

static void publish_quick(martlet_family *family, martlet_quick *quick) {
    atomic_store_explicit(&family->quick, quick, memory_order_release);
    if (family->quick_word != NULL)
        atomic_store_explicit(family->quick_word, (uintptr_t)quick, memory_order_release);
}

void martlet_family_publish_quick(martlet_family *family, _Atomic(uintptr_t) *word) {
    family->quick_word = word;
    publish_quick(family, atomic_load_explicit(&family->quick, memory_order_relaxed));
}

static inline uint32_t search(const slots *table, const martlet_text *values, uint32_t labels) {
    uint32_t hash = hash_all(values, labels);
    for (uint64_t i = hash;; i++) {
        const martlet_child *known = atomic_load_explicit(&table->places[i & table->mask], memory_order_acquire);
        if (known == NULL) return 0;  // some places are always empty
        if (known->hash == hash && is_same(known, values, labels)) return known->cell;
    }
}

uint32_t martlet_family_find(const martlet_family *family, const martlet_text *values) {
    const slots *table = atomic_load_explicit(&family->published, memory_order_acquire);
    return table == NULL ? 0 : search(table, values, family->labels);
}

bool martlet_family_is_locked(const martlet_family *family) {
    return atomic_load_explicit(&family->published, memory_order_acquire) == NULL;
}

uint32_t martlet_family_find_locked(const martlet_family *family, const martlet_text *values) {
    return search(family->current, values, family->labels);
}

static void put(slots *into, martlet_child *known) {
    uint64_t i = known->hash;
    while (atomic_load_explicit(&into->places[i & into->mask], memory_order_relaxed) != NULL) i++;
    atomic_store_explicit(&into->places[i & into->mask], known, memory_order_release);
}

/// A table of all children with room for `capacity` places, made current; readers see it unless they take the lock.
static bool rebuild(martlet_family *family, uint64_t capacity) {
    bool is_locked = martlet_family_is_locked(family);
    slots *fresh = make_slots(capacity, is_locked ? NULL : family->current);
    if (fresh == NULL) return false;
    for (uint32_t i = 0; i < family->count; i++) put(fresh, family->children[i]);
    if (is_locked) {
        family->bytes -= slots_bytes(family->current);
        free(family->current);
    }
    family->current = fresh;
    family->bytes += slots_bytes(fresh);
    if (!is_locked) atomic_store_explicit(&family->published, fresh, memory_order_release);
    return true;
}

static bool reserve(martlet_family *family) {
    if (family->count == family->capacity) {
        uint32_t capacity = family->capacity == 0 ? 4 : family->capacity + family->capacity / 2;
        martlet_child **children = realloc(family->children, capacity * sizeof *children);
        if (children == NULL) return false;
        family->children = children;
        uint32_t *cells = realloc(family->cells, capacity * sizeof *cells);
        if (cells == NULL) return false;
        family->cells = cells;
        family->bytes += (uint64_t)(capacity - family->capacity) * (sizeof *children + sizeof *cells);
        family->capacity = capacity;
    }
    uint64_t places = family->current->mask + 1;
    // One in eight places stays empty, so that every search ends.
    if (family->count + 1 <= places - places / 8) return true;
    return rebuild(family, 2 * places);
}

/// Room for a child: in a block that many share, or by itself where children are removed.
static martlet_child *take(martlet_family *family, uint32_t bytes) {
    bool is_own = martlet_family_is_locked(family);
    martlet_child *child;
    if (is_own) {
        child = malloc(bytes);
        if (child == NULL) return NULL;
        family->bytes += bytes;
    } else {
        bytes = (bytes + 3) / 4 * 4;
        if (family->block_left < bytes) {
            family->block_bytes = family->block_bytes == 0 ? 256 : family->block_bytes < 65536 ? 2 * family->block_bytes : 65536;
            if (family->block_bytes < bytes) family->block_bytes = bytes;
            uint8_t *block = malloc(family->block_bytes);
            if (block == NULL) return NULL;
            family->block = block;
            family->block_left = family->block_bytes;
            family->bytes += family->block_bytes;
        }
        child = (martlet_child *)family->block;
        family->block += bytes;
        family->block_left -= bytes;
    }
    child->is_own = is_own;
    return child;
}

static uint32_t child_bytes(const martlet_family *family, const martlet_text *values) {
    size_t bytes = sizeof(martlet_child) + 2 * family->labels;
    for (uint32_t i = 0; i < family->labels; i++) bytes += values[i].count;
    return (uint32_t)bytes;
}

bool martlet_family_add(martlet_family *family, const martlet_text *values, uint32_t cell, uint32_t created) {
    if (!reserve(family)) return false;
    martlet_child *child = take(family, child_bytes(family, values));
    if (child == NULL) return false;
    child->hash = hash_all(values, family->labels);
    child->cell = cell;
    child->created = created;
    uint8_t *text = (uint8_t *)(child->lengths + family->labels);
    for (uint32_t i = 0; i < family->labels; i++) {
        child->lengths[i] = (uint16_t)values[i].count;
        if (values[i].count != 0) memcpy(text, values[i].bytes, values[i].count);
        text += values[i].count;
    }
    family->children[family->count] = child;
    family->cells[family->count++] = cell;
    put(family->current, child);
    return true;
}

bool martlet_family_lock_lookups(martlet_family *family) {
    if (martlet_family_is_locked(family)) return true;
    // Readers without the lock may still be in the present arrays: those stay as they are, and a copy is worked on.
    slots *copy = make_slots(family->current->mask + 1, NULL);
    if (copy == NULL) return false;
    for (uint32_t i = 0; i < family->count; i++) put(copy, family->children[i]);
    atomic_store_explicit(&family->published, NULL, memory_order_release);
    publish_quick(family, &no_quick);
    family->current = copy;
    family->bytes += slots_bytes(copy);
    return true;
}

void martlet_family_remove(martlet_family *family, uint32_t place) {
    martlet_child *child = family->children[place];
    slots *table = family->current;
    uint64_t i = child->hash;
    while (atomic_load_explicit(&table->places[i & table->mask], memory_order_relaxed) != child) i++;
    // Close the gap, so that no marks of removed children pile up.
    uint64_t hole = i & table->mask;
    for (uint64_t next = (hole + 1) & table->mask;; next = (next + 1) & table->mask) {
        martlet_child *other = atomic_load_explicit(&table->places[next], memory_order_relaxed);
        if (other == NULL) break;
        uint64_t home = other->hash & table->mask;
        if (((next - home) & table->mask) < ((next - hole) & table->mask)) continue;
        atomic_store_explicit(&table->places[hole], other, memory_order_relaxed);
        hole = next;
    }
    atomic_store_explicit(&table->places[hole], NULL, memory_order_relaxed);
    uint32_t last = --family->count;
    family->children[place] = family->children[last];
    family->cells[place] = family->cells[last];
    if (!child->is_own) return;
    family->bytes -= sizeof(martlet_child) + 2 * family->labels;
    for (uint32_t label = 0; label < family->labels; label++) family->bytes -= child->lengths[label];
    free(child);
}

static uint64_t quick_lines(const martlet_quick *quick) { return quick->mask / 64 + 1; }

static uint32_t hash_words(const uint64_t *words) {
    uint64_t a = words[0] ^ 0x9E3779B97F4A7C15u, b = words[2] ^ words[1] ^ (words[3] << 7) ^ 0xD1B54A32D192ED03u;
    return (uint32_t)mix(a ^ words[4] * 0xA0761D6478BD642Fu, b ^ (words[5] << 13));
}

static bool note(martlet_quick *quick, const uint64_t *words, uint32_t cell) {
    martlet_quick_line *line = &quick->lines[(hash_words(words) & quick->mask) / 64];
    if (atomic_load_explicit(&line->words[1], memory_order_relaxed) != 0) return false;
    atomic_store_explicit(&line->cell, cell, memory_order_relaxed);
    for (int i = 0; i < 6; i++)
        if (i != 1) atomic_store_explicit(&line->words[i], words[i], memory_order_relaxed);
    // Last, because it is the word that no string has 0 in: a reader that sees it sees the others.
    atomic_store_explicit(&line->words[1], words[1], memory_order_release);
    atomic_fetch_add_explicit(&quick->used, 1, memory_order_relaxed);
    return true;
}

static bool is_full(const martlet_quick *quick, uint64_t lines) {
    uint64_t used = atomic_load_explicit(&quick->used, memory_order_relaxed);
    return lines < MARTLET_QUICK_LINES_MAX && 8 * (used + 1) > lines;
}

bool martlet_family_may_note_words(const martlet_family *family, const uint64_t *words) {
    const martlet_quick *quick = atomic_load_explicit(&family->quick, memory_order_acquire);
    if (quick == &no_quick) return !martlet_family_is_locked(family);
    if (is_full(quick, quick_lines(quick))) return true;
    const martlet_quick_line *line = &quick->lines[(hash_words(words) & quick->mask) / 64];
    return atomic_load_explicit(&line->words[1], memory_order_relaxed) == 0;
}

void martlet_family_note_words(martlet_family *family, const uint64_t *words, uint32_t cell) {
    if (martlet_family_is_locked(family)) return;
    martlet_quick *quick = atomic_load_explicit(&family->quick, memory_order_relaxed);
    uint64_t lines = quick == &no_quick ? 0 : quick_lines(quick);
    if (is_full(quick, lines)) {
        // Sparse, so that hardly any two share a line. The older table stays: a reader may be in it, and it is small.
        uint64_t more = lines == 0 ? 16 : 4 * lines;
        martlet_quick *fresh = aligned_alloc(64, sizeof *fresh + more * sizeof(martlet_quick_line));
        if (fresh == NULL) return;
        memset(fresh, 0, sizeof *fresh + more * sizeof(martlet_quick_line));
        fresh->mask = 64 * (more - 1);
        for (uint64_t i = 0; i < lines; i++) {
            uint64_t known[6];
            for (int word = 0; word < 6; word++)
                known[word] = atomic_load_explicit(&quick->lines[i].words[word], memory_order_relaxed);
            if (known[1] != 0)
                note(fresh, known, (uint32_t)atomic_load_explicit(&quick->lines[i].cell, memory_order_relaxed));
        }
        family->bytes += sizeof *fresh + more * sizeof(martlet_quick_line);
        publish_quick(family, fresh);
        quick = fresh;
    }
    if (quick != &no_quick) note(quick, words, cell);
}

uint32_t martlet_family_count(const martlet_family *family) { return family->count; }
const uint32_t *martlet_family_cells(const martlet_family *family) { return family->cells; }
uint64_t martlet_family_bytes(const martlet_family *family) { return family->bytes; }

uint32_t martlet_family_created(const martlet_family *family, uint32_t place) {
    return family->children[place]->created;
}

martlet_text martlet_family_value(const martlet_family *family, uint32_t place, uint32_t label) {
    const martlet_child *child = family->children[place];
    const uint8_t *text = (const uint8_t *)(child->lengths + family->labels);
    for (uint32_t i = 0; i < label; i++) text += child->lengths[i];
    return (martlet_text){text, child->lengths[label]};
}
