#pragma once

#include <stddef.h>

/// A file of the web page, in the program's image.
typedef struct {
    /// The name under `/assets/`, such as `app.js`.
    const char *name;
    const unsigned char *bytes;
    size_t count;
} martlet_web_file;

/// How many files there are.
size_t martlet_web_file_count(void);

/// The file at an index below the count.
const martlet_web_file *martlet_web_file_at(size_t index);
