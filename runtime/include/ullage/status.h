/*
 * Result codes of everything that can fail. What went wrong in words goes to the
 * diagnostics sink that the caller passed in, never into the code.
 * Anyone may include this.
 */
#ifndef ULLAGE_STATUS_H
#define ULLAGE_STATUS_H

typedef enum ul_status {
    UL_OK = 0,
    UL_ERR_NOMEM, /* an allocation failed or a limit of an arena was reached */
    UL_ERR_IO,    /* a system call on a file or a pipe failed */
    UL_ERR_INPUT, /* the input is not what it should be; a diagnostic says why */
    UL_ERR_LIMIT, /* a stated bound (time, states, nesting, size) was reached */
    UL_ERR_USAGE  /* the caller asked for something that does not exist */
} ul_status;

#define UL_MUST_USE __attribute__((warn_unused_result))
#define UL_PRINTF(format_index, first_arg) __attribute__((format(printf, format_index, first_arg)))

#endif
