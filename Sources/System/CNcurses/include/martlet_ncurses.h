#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A full-screen terminal through ncursesw. A process has one at most, and one thread uses it; only
// martlet_screen_wake may be called from any.

enum {
    MARTLET_SCREEN_OPEN = 0,
    MARTLET_SCREEN_UNKNOWN_TERMINAL,
    MARTLET_SCREEN_CANNOT_MOVE,
    MARTLET_SCREEN_IN_USE,
    MARTLET_SCREEN_FAILED,
};

enum {
    MARTLET_KEY_NONE = 0,
    MARTLET_KEY_CHARACTER,
    MARTLET_KEY_UP,
    MARTLET_KEY_DOWN,
    MARTLET_KEY_LEFT,
    MARTLET_KEY_RIGHT,
    MARTLET_KEY_HOME,
    MARTLET_KEY_END,
    MARTLET_KEY_PAGE_UP,
    MARTLET_KEY_PAGE_DOWN,
    MARTLET_KEY_BACKSPACE,
    MARTLET_KEY_DELETE,
    MARTLET_KEY_ENTER,
    MARTLET_KEY_BACK_TAB,
    MARTLET_KEY_OTHER,
};

enum {
    MARTLET_STYLE_BOLD = 1,
    MARTLET_STYLE_DIM = 2,
    MARTLET_STYLE_REVERSE = 4,
    MARTLET_STYLE_UNDERLINE = 8,
};

enum {
    MARTLET_WAIT_INPUT = 1,
    MARTLET_WAIT_NOTICE = 2,
    MARTLET_WAIT_GONE = 4,
};

/// Takes over a terminal: `name` is TERM, `color` whether colours may be used at all.
int martlet_screen_open(const char *name, int input, int output, bool color);

/// Gives the terminal back as it was.
void martlet_screen_close(void);

/// Whether the terminal's locale is UTF-8.
bool martlet_screen_is_unicode(void);

/// Whether it shows colours.
bool martlet_screen_has_color(void);

/// Reads the terminal's size and takes it over.
void martlet_screen_size(int *rows, int *columns);

/// Puts one character, with what combines with it, as at most five scalars.
void martlet_screen_put(int row, int column, const uint32_t *scalars, size_t count, int style, int color);

/// Shows the cursor at a place; hides it where `row` is negative.
void martlet_screen_cursor(int row, int column);

/// Sends what changed to the terminal; everything where `whole`.
void martlet_screen_update(bool whole);

/// The next key that was pressed, without waiting.
int martlet_screen_key(uint32_t *scalar);

/// Waits for keys or notices, `MARTLET_WAIT_…` together; 0 when the time has passed.
int martlet_screen_wait(int milliseconds);

/// The next notice: a signal's number, 0 for a call of martlet_screen_wake, or -1 for none.
int martlet_screen_notice(void);

/// Ends a wait, from any thread.
void martlet_screen_wake(void);

/// Gives the terminal back, stops the process as SIGTSTP would have, and takes the terminal again afterwards.
void martlet_screen_suspend(void);

/// Gives the terminal back and ends the process by a signal, as if it had never been caught.
void martlet_screen_die(int signal_number);
