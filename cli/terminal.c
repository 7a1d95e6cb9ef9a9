#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/paths.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MAX = 1000 };

void ul_terminal_guard(void)
{
    /* Else the first file opened would get the number of stdout, and the report would go into it. */
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", descriptor ? O_RDONLY : O_WRONLY) != descriptor)
            _exit(2);
    }
    signal(SIGPIPE, SIG_IGN);
}

/* The codeset of the user's locale; the process stays in "C", where numbers and messages are the same for
 * all. */
static bool is_utf8_locale(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0)
        return false;
    bool is_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return is_utf8;
}

static uint32_t columns_of(int descriptor)
{
    struct winsize size;
    const char *text = getenv("COLUMNS");
    if (isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    char *end = NULL;
    unsigned long columns = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    return end && !*end && columns > 0 && columns <= COLUMNS_MAX ? (uint32_t)columns : COLUMNS_DEFAULT;
}

/* NO_COLOR counts when it is set and not empty: no-color.org */
static bool wants_color(ul_color color, int descriptor)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (color != UL_COLOR_AUTO)
        return color == UL_COLOR_ALWAYS;
    return isatty(descriptor) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

void ul_terminal_init(ul_terminal *terminal, const ul_config *config)
{
    const char *term = getenv("TERM");
    *terminal = (ul_terminal){
        .out_is_color = wants_color(config->color, STDOUT_FILENO),
        .err_is_color = wants_color(config->color, STDERR_FILENO),
        .is_utf8 = is_utf8_locale(),
        .out_is_screen = isatty(STDOUT_FILENO),
        .columns = columns_of(STDOUT_FILENO),
        .shows_progress = !config->is_quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
    };
}

ul_render_options ul_terminal_options(const ul_terminal *terminal, const ul_config *config, const char *file)
{
    return (ul_render_options){.is_color = file ? config->color == UL_COLOR_ALWAYS : terminal->out_is_color,
                               .is_utf8 = terminal->is_utf8,
                               .is_quiet = config->is_quiet,
                               .is_verbose = config->is_verbose,
                               .is_screen = terminal->out_is_screen && !file,
                               .columns = terminal->columns};
}

/* The text format draws diagnostics, made safe for a terminal: what is printed is a report of nothing else.
 */
void ul_terminal_tell(ul_terminal *terminal, const ul_diag *diags, uint32_t count, ul_level least,
                      const char *cwd, ul_arena *arena)
{
    ul_diag *told = UL_NEW_ARRAY(arena, ul_diag, count);
    ul_report report = {.cwd = cwd, .diags = told};
    ul_render_options options = {.view = UL_VIEW_CHECK,
                                 .is_color = terminal->err_is_color,
                                 .is_utf8 = terminal->is_utf8,
                                 .is_quiet = true,
                                 .columns = terminal->columns};
    for (uint32_t i = 0; i < count; i++) {
        if (diags[i].level >= least)
            told[report.diag_count++] = diags[i];
    }
    ul_terminal_clear(terminal);
    if (report.diag_count == 0)
        return;
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (ul_format_find("text")->render(&text, &report, &options, arena) != UL_OK)
        ul_terminal_out_of_memory(text.length);
    while (text.length > 1 && text.data[text.length - 2] == '\n')
        text.length--; /* the blank line before findings */
    if (ul_file_write_all(STDERR_FILENO, text.data, text.length) != UL_OK)
        terminal->shows_progress = false; /* nobody listens */
    ul_strbuf_free(&text);
}

void ul_terminal_say(const ul_strbuf *text)
{
    if (text->has_failed)
        ul_terminal_out_of_memory(text->length);
    if (text->length && ul_file_write_all(STDERR_FILENO, text->data, text->length) != UL_OK)
        return; /* nobody listens, and nothing depends on it */
}

void ul_terminal_progress(ul_terminal *terminal, uint32_t done, uint32_t total, const char *file)
{
    if (!terminal->shows_progress || total < 2)
        return;
    char line[256];
    int width = terminal->columns < sizeof line ? (int)terminal->columns : (int)sizeof line - 1;
    snprintf(line, (size_t)width, "[%u/%u] %s", done, total, ul_path_name(file));
    for (char *at = line; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = '?';
    }
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    terminal->has_progress = true;
}

void ul_terminal_clear(ul_terminal *terminal)
{
    if (terminal->has_progress)
        fputs("\r\033[K", stderr);
    terminal->has_progress = false;
}

ul_status ul_terminal_write(ul_terminal *terminal, const char *file, const char *bytes, size_t length,
                            ul_arena *arena)
{
    ul_status status =
        file ? ul_file_write(file, bytes, length, arena) : ul_file_write_all(STDOUT_FILENO, bytes, length);
    if (status == UL_OK || (!file && errno == EPIPE))
        return status;
    const char *why = strerror(errno);
    ul_diag diag = {.level = UL_LEVEL_ERROR,
                    .message = file ? ul_arena_printf(arena, "cannot write to '%s': %s", file, why)
                                    : ul_arena_printf(arena, "cannot write to standard output: %s", why)};
    ul_terminal_tell(terminal, &diag, 1, UL_LEVEL_ERROR, NULL, arena);
    return status;
}

void ul_terminal_out_of_memory(size_t want_bytes)
{
    static const char text[] = "ullage: error: out of memory\n";
    (void)want_bytes;
    if (ul_file_write_all(STDERR_FILENO, text, sizeof text - 1) != UL_OK)
        _exit(2); /* with nobody to tell */
    _exit(2);
}
