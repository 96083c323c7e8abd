#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
#define _GNU_SOURCE

#include "martlet_ncurses.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>
#include <term.h>

// term.h takes this word for one of its macros.
#undef columns

// The state is here, and in no header, because signal handlers need exactly one of it.

static struct {
    SCREEN *screen;
    FILE *input_file;
    FILE *output_file;
    int input;
    int output;
    bool is_unicode;
    bool has_color;
    int colors;
    struct termios saved;
    char restore[256];
    size_t restore_count;
} state = {.input = -1, .output = -1};

// Made once and never closed, so that a late signal or wake finds no descriptor of somebody else.
static atomic_int notice_read = -1;
static atomic_int notice_write = -1;

static const int noticed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
#define NOTICED_COUNT (sizeof noticed / sizeof *noticed)
#define FATAL_COUNT (sizeof fatal / sizeof *fatal)
static struct sigaction noticed_before[NOTICED_COUNT];
static struct sigaction fatal_before[FATAL_COUNT];

static void send_notice(uint8_t byte) {
    const int saved = errno;
    const int descriptor = atomic_load(&notice_write);
    // A full pipe has notices enough: the reader will look at everything.
    if (descriptor >= 0 && write(descriptor, &byte, 1) < 0) {
    }
    errno = saved;
}

static void on_noticed(int number) { send_notice((uint8_t)number); }

// Only what POSIX allows in a handler: the bytes were prepared when the screen was opened.
static void on_fatal(int number) {
    if (write(state.output, state.restore, state.restore_count) < 0) {
    }
    tcsetattr(state.input, TCSANOW, &state.saved);
    // The handler was reset when it was called: now the process ends as it would have.
    raise(number);
}

static int keep_for_restore(int character) {
    if (state.restore_count < sizeof state.restore) {
        state.restore[state.restore_count++] = (char)character;
    }
    return character;
}

static void prepare_restore(void) {
    static const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};
    state.restore_count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = tigetstr(names[i]);
        if (text != NULL && text != (char *)-1) {
            tputs(text, 1, keep_for_restore);
        }
    }
}

static void catch_signals(void) {
    // Threads of a pool let no signals through, and those that do may be none.
    sigset_t wanted;
    sigemptyset(&wanted);
    for (size_t i = 0; i < NOTICED_COUNT; i++) {
        sigaddset(&wanted, noticed[i]);
    }
    pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
    struct sigaction action = {.sa_handler = on_noticed, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NOTICED_COUNT; i++) {
        sigaction(noticed[i], &action, &noticed_before[i]);
    }
    struct sigaction crash = {.sa_handler = on_fatal, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    sigemptyset(&crash.sa_mask);
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        sigaction(fatal[i], &crash, &fatal_before[i]);
    }
}

static void release_signals(void) {
    for (size_t i = 0; i < NOTICED_COUNT; i++) {
        sigaction(noticed[i], &noticed_before[i], NULL);
    }
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        sigaction(fatal[i], &fatal_before[i], NULL);
    }
}

// The locale of the environment; where it names UTF-8 but is not installed, the one that every system has.
static bool choose_locale(void) {
    if (setlocale(LC_CTYPE, "") == NULL) {
        const char *name = getenv("LC_ALL");
        if (name == NULL || *name == 0) name = getenv("LC_CTYPE");
        if (name == NULL || *name == 0) name = getenv("LANG");
        if (name != NULL && (strcasestr(name, "utf-8") != NULL || strcasestr(name, "utf8") != NULL)) {
            setlocale(LC_CTYPE, "C.UTF-8");
        }
    }
    return strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool make_notices(void) {
    if (atomic_load(&notice_read) >= 0) return true;
    int both[2];
    if (pipe2(both, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    atomic_store(&notice_read, both[0]);
    atomic_store(&notice_write, both[1]);
    return true;
}

static void close_files(void) {
    if (state.input_file != NULL) fclose(state.input_file);
    if (state.output_file != NULL) fclose(state.output_file);
    state.input_file = NULL;
    state.output_file = NULL;
}

static FILE *file_of(int descriptor, const char *mode) {
    const int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (own < 0) return NULL;
    FILE *file = fdopen(own, mode);
    if (file == NULL) close(own);
    return file;
}

static void choose_colors(bool color) {
    state.has_color = color && has_colors() && start_color() == OK && use_default_colors() == OK;
    if (!state.has_color) return;
    state.colors = COLORS < 16 ? 8 : 16;
    for (int i = 0; i < state.colors; i++) {
        init_pair((short)(i + 1), (short)i, -1);
    }
}

int martlet_screen_open(const char *name, int input, int output, bool color) {
    if (state.screen != NULL) return MARTLET_SCREEN_IN_USE;
    int found = 0;
    if (setupterm(name, output, &found) != OK) return MARTLET_SCREEN_UNKNOWN_TERMINAL;
    const char *move = tigetstr("cup");
    const bool can_move = move != NULL && move != (char *)-1;
    del_curterm(cur_term);
    if (!can_move) return MARTLET_SCREEN_CANNOT_MOVE;
    if (!make_notices() || tcgetattr(input, &state.saved) != 0) return MARTLET_SCREEN_FAILED;
    state.is_unicode = choose_locale();
    state.input = input;
    state.output = output;
    state.input_file = file_of(input, "r");
    state.output_file = file_of(output, "w");
    if (state.input_file == NULL || state.output_file == NULL) {
        close_files();
        return MARTLET_SCREEN_FAILED;
    }
    while (martlet_screen_notice() >= 0) {
    }
    set_escdelay(25);
    state.screen = newterm(name, state.output_file, state.input_file);
    if (state.screen == NULL) {
        close_files();
        return MARTLET_SCREEN_FAILED;
    }
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    choose_colors(color);
    prepare_restore();
    catch_signals();
    int rows, columns;
    martlet_screen_size(&rows, &columns);
    return MARTLET_SCREEN_OPEN;
}

void martlet_screen_close(void) {
    if (state.screen == NULL) return;
    endwin();
    release_signals();
    delscreen(state.screen);
    state.screen = NULL;
    close_files();
}

bool martlet_screen_is_unicode(void) { return state.is_unicode; }

bool martlet_screen_has_color(void) { return state.has_color; }

void martlet_screen_size(int *rows, int *columns) {
    struct winsize size = {0};
    if (ioctl(state.output, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0
        && (size.ws_row != LINES || size.ws_col != COLS)) {
        resizeterm(size.ws_row, size.ws_col);
    }
    *rows = LINES;
    *columns = COLS;
}

void martlet_screen_put(int row, int column, const uint32_t *scalars, size_t count, int style, int color) {
    wchar_t text[CCHARW_MAX + 1] = {0};
    const size_t used = count < CCHARW_MAX ? count : CCHARW_MAX;
    for (size_t i = 0; i < used; i++) {
        text[i] = (wchar_t)scalars[i];
    }
    attr_t attributes = A_NORMAL;
    if (style & MARTLET_STYLE_BOLD) attributes |= A_BOLD;
    if (style & MARTLET_STYLE_DIM) attributes |= A_DIM;
    if (style & MARTLET_STYLE_REVERSE) attributes |= A_REVERSE;
    if (style & MARTLET_STYLE_UNDERLINE) attributes |= A_UNDERLINE;
    const short pair = state.has_color && color >= 0 && color < state.colors ? (short)(color + 1) : 0;
    cchar_t cell;
    if (used == 0 || setcchar(&cell, text, attributes, pair, NULL) != OK) return;
    // The last cell cannot be passed by the cursor, which is reported as an error although it was written.
    mvadd_wch(row, column, &cell);
}

void martlet_screen_cursor(int row, int column) {
    if (row < 0) {
        curs_set(0);
    } else {
        curs_set(1);
        move(row, column);
    }
}

void martlet_screen_update(bool whole) {
    if (whole) clearok(curscr, TRUE);
    refresh();
}

int martlet_screen_key(uint32_t *scalar) {
    wint_t key = 0;
    const int kind = get_wch(&key);
    if (kind == ERR) return MARTLET_KEY_NONE;
    if (kind != KEY_CODE_YES) {
        *scalar = (uint32_t)key;
        return MARTLET_KEY_CHARACTER;
    }
    switch (key) {
    case KEY_UP: return MARTLET_KEY_UP;
    case KEY_DOWN: return MARTLET_KEY_DOWN;
    case KEY_LEFT: return MARTLET_KEY_LEFT;
    case KEY_RIGHT: return MARTLET_KEY_RIGHT;
    case KEY_HOME: return MARTLET_KEY_HOME;
    case KEY_END: return MARTLET_KEY_END;
    case KEY_PPAGE: return MARTLET_KEY_PAGE_UP;
    case KEY_NPAGE: return MARTLET_KEY_PAGE_DOWN;
    case KEY_BACKSPACE: return MARTLET_KEY_BACKSPACE;
    case KEY_DC: return MARTLET_KEY_DELETE;
    case KEY_ENTER: return MARTLET_KEY_ENTER;
    case KEY_BTAB: return MARTLET_KEY_BACK_TAB;
    default: return MARTLET_KEY_OTHER;
    }
}

int martlet_screen_wait(int milliseconds) {
    struct pollfd both[2] = {
        {.fd = state.input, .events = POLLIN},
        {.fd = atomic_load(&notice_read), .events = POLLIN},
    };
    if (poll(both, 2, milliseconds) <= 0) return 0;
    int result = 0;
    if (both[0].revents & POLLIN) result |= MARTLET_WAIT_INPUT;
    if ((both[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) result |= MARTLET_WAIT_GONE;
    if (both[1].revents & POLLIN) result |= MARTLET_WAIT_NOTICE;
    return result;
}

int martlet_screen_notice(void) {
    uint8_t byte;
    return read(atomic_load(&notice_read), &byte, 1) == 1 ? byte : -1;
}

void martlet_screen_wake(void) { send_notice(0); }

// Sends this thread a signal, which threads of a pool do not let through by themselves.
static void raise_here(int number) {
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, &before);
    raise(number);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void martlet_screen_suspend(void) {
    if (state.screen == NULL) return;
    endwin();
    struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTSTP, &stop, &ours);
    raise_here(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
    int rows, columns;
    martlet_screen_size(&rows, &columns);
    clearok(curscr, TRUE);
    refresh();
}

void martlet_screen_die(int signal_number) {
    martlet_screen_close();
    signal(signal_number, SIG_DFL);
    raise_here(signal_number);
}
