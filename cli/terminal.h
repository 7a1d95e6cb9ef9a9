/*
 * What is known of the terminal, and what is said to it: messages and progress on stderr, results on stdout.
 * The only part of the tool that prints.
 */
#ifndef UL_CLI_TERMINAL_H
#define UL_CLI_TERMINAL_H

#include "cli/config.h"
#include "report/format.h"

typedef struct ul_terminal {
    bool out_is_color, err_is_color;
    bool is_utf8;
    bool out_is_screen; /* stdout is a terminal */
    uint32_t columns;   /* of stdout, 80 when unknown */
    bool shows_progress;
    bool has_progress; /* a line of it stands on the screen */
} ul_terminal;

/* Makes sure that descriptors 0 to 2 are open and that a closed pipe is an error, not a signal. Called first.
 */
void ul_terminal_guard(void);
/* Looks at the environment and at descriptors 1 and 2. */
void ul_terminal_init(ul_terminal *terminal, const ul_config *config);

/* How a result that goes to `file`, or to stdout for NULL, is drawn there; the view is left to the caller. */
ul_render_options ul_terminal_options(const ul_terminal *terminal, const ul_config *config, const char *file);

/* Prints diags[0..count-1] on stderr, those of `least` level and worse; paths below `cwd` (or NULL) are
 * shortened. */
void ul_terminal_tell(ul_terminal *terminal, const ul_diag *diags, uint32_t count, ul_level least,
                      const char *cwd, ul_arena *arena);
/* Writes text to stderr as it is. */
void ul_terminal_say(const ul_strbuf *text);
/* Draws "[done/total] file" over the last one; ul_terminal_clear takes it away. */
void ul_terminal_progress(ul_terminal *terminal, uint32_t done, uint32_t total, const char *file);
void ul_terminal_clear(ul_terminal *terminal);

/*
 * Writes to `file`, or to stdout for NULL. UL_ERR_IO after a message on stderr (none when a reader closed the
 * pipe: it has seen enough).
 */
ul_status ul_terminal_write(ul_terminal *terminal, const char *file, const char *bytes, size_t length,
                            ul_arena *arena) UL_MUST_USE;

/* The hook of the run's arenas: says so and ends the process with 2. */
void ul_terminal_out_of_memory(size_t want_bytes) __attribute__((noreturn));

#endif
