#pragma once

// The children of a family: from the label values of a series to its cell.
//
// Two tables lead there. The long one knows every child by the bytes of its label values. The quick one knows those whose
// values are words: a Swift string of at most 15 bytes is its own content in two machine words, and that of a literal is
// an address that never means anything else; comparing four words finds the child without touching a byte. Both are read
// without a lock; writers take turns.
//
// A family from which children are removed is read under the lock from the first removal on, so that what is removed
// after it can be freed: readers without the lock may only ever see what is kept.

#include "martlet_cells.h"

typedef struct {
    const uint8_t *bytes;
    size_t count;
} martlet_text;

// One line of the quick table, as long as a cache line. Empty: all words 0, which are no string's.
typedef struct {
    _Atomic uint64_t words[6];
    _Atomic uint64_t cell;
    uint64_t unused;
} martlet_quick_line;

typedef struct {
    uint64_t mask;  // (number of lines - 1) * 64: which bytes of the hash choose the line
    _Atomic uint64_t used;
    uint64_t unused[6];
    martlet_quick_line lines[];
} martlet_quick;

typedef struct martlet_child martlet_child;
typedef struct martlet_family martlet_family;

#define MARTLET_LABEL_VALUE_BYTES_MAX 4096u
#define MARTLET_QUICK_LINES_MAX 1024u

/// A family of `labels` label names, or NULL without memory. It is never freed: handles point to it.
martlet_family *martlet_family_make(uint32_t labels, uint32_t control);
uint32_t martlet_family_control(const martlet_family *family);
/// Makes the family keep the address of its quick table in this word too, where look-ups find it.
void martlet_family_publish_quick(martlet_family *family, _Atomic(uintptr_t) *word);
/// The cell of a child, or 0 where there is none or the family is read under its lock; any thread may call it.
uint32_t martlet_family_find(const martlet_family *family, const martlet_text *values);
/// Whether look-ups must take the lock.
bool martlet_family_is_locked(const martlet_family *family);

/// Whether it is worth a lock to note that these words mean a child.
bool martlet_family_may_note_words(const martlet_family *family, const uint64_t *words);

// The caller of what follows holds the family's lock.

uint32_t martlet_family_find_locked(const martlet_family *family, const martlet_text *values);
/// Adds a child that is not there; false without memory.
bool martlet_family_add(martlet_family *family, const martlet_text *values, uint32_t cell, uint32_t created);
/// Makes look-ups take the lock from now on; false without memory.
bool martlet_family_lock_lookups(martlet_family *family);
/// Removes a child; the last one takes its place in the order.
void martlet_family_remove(martlet_family *family, uint32_t place);
/// Notes that these words mean this cell; does nothing where the line is taken or look-ups take the lock.
void martlet_family_note_words(martlet_family *family, const uint64_t *words, uint32_t cell);
uint32_t martlet_family_count(const martlet_family *family);
const uint32_t *martlet_family_cells(const martlet_family *family);
uint32_t martlet_family_created(const martlet_family *family, uint32_t place);
martlet_text martlet_family_value(const martlet_family *family, uint32_t place, uint32_t label);
/// What the family's tables and texts take, in bytes.
uint64_t martlet_family_bytes(const martlet_family *family);

static inline uint32_t martlet_family_find1(const martlet_family *family, const uint8_t *a, size_t a_count) {
    martlet_text values[1] = {{a, a_count}};
    return martlet_family_find(family, values);
}

static inline uint32_t martlet_family_find2(
    const martlet_family *family, const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count
) {
    martlet_text values[2] = {{a, a_count}, {b, b_count}};
    return martlet_family_find(family, values);
}

static inline uint32_t martlet_family_find3(
    const martlet_family *family, const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count,
    const uint8_t *c, size_t c_count
) {
    martlet_text values[3] = {{a, a_count}, {b, b_count}, {c, c_count}};
    return martlet_family_find(family, values);
}
