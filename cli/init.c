#include "cli/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/compile_db.h"
#include "cli/config_file.h"
#include "cli/file.h"
#include "cli/paths.h"

enum { WIDTH = 88 };

static bool is_directory(const char *directory, const char *name, ul_arena *arena)
{
    struct stat info;
    return stat(ul_arena_printf(arena, "%s%s", directory, name), &info) == 0 && S_ISDIR(info.st_mode);
}

/* Text as comment lines of at most WIDTH columns, each behind `indent`. */
static void write_comment(ul_strbuf *out, const char *indent, const char *text)
{
    while (*text) {
        size_t room = WIDTH - strlen(indent) - 2, length = strlen(text);
        if (length > room) {
            length = room;
            while (length && text[length] != ' ')
                length--;
        }
        ul_strbuf_printf(out, "%s# %.*s\n", indent, (int)length, text);
        text += length;
        text += *text == ' ';
    }
}

/* `name: example`, every line of it a comment. */
static void write_example(ul_strbuf *out, const char *indent, const char *name, const char *example)
{
    ul_strbuf_printf(out, "%s#%s:%s", indent, name, *example == '\n' ? "" : " ");
    for (; *example; example++) {
        ul_strbuf_putc(out, *example);
        if (*example == '\n')
            ul_strbuf_printf(out, "%s#", indent);
    }
    ul_strbuf_putc(out, '\n');
}

/* The directory of the database, relative to `directory`, or NULL. */
static const char *find_build(const char *directory, ul_arena *arena)
{
    const char *path = NULL;
    ul_diags diags;
    ul_diags_init(&diags, arena);
    size_t length = strlen(directory);
    if (ul_compile_db_locate(&path, NULL, directory, directory, false, &diags, arena) != UL_OK || !path || strncmp(path, directory, length) != 0)
        return NULL;
    const char *build = ul_path_directory(path, arena) + length;
    length = strlen(build);
    return length ? ul_arena_strndup(arena, build, length - 1) : ".";
}

/* Those of `names` that are directories here, as a list; NULL for none. */
static const char *find_directories(const char *directory, const char *const *names, ul_arena *arena)
{
    const char *list = NULL;
    for (; *names; names++) {
        if (is_directory(directory, *names, arena))
            list = ul_arena_printf(arena, "%s%s%s/", list ? list : "", list ? ", " : "[", *names);
    }
    return list ? ul_arena_printf(arena, "%s]", list) : NULL;
}

/* What is there to be said for the key, or NULL. */
static const char *find(ul_config_key key, const char *directory, ul_arena *arena)
{
    static const char *const vendors[] = {"third_party", "third-party", "vendor", "external", "extern", "deps", "subprojects", NULL};
    static const char *const headers[] = {"include", NULL};
    if (key == UL_CONFIG_KEY_BUILD)
        return find_build(directory, arena);
    if (key == UL_CONFIG_KEY_EXCLUDE)
        return find_directories(directory, vendors, arena);
    return key == UL_CONFIG_KEY_PUBLIC ? find_directories(directory, headers, arena) : NULL;
}

static void write_limits(ul_strbuf *out, ul_arena *arena)
{
    write_comment(out, "", "Thresholds:");
    for (int i = 0; i < UL_LIMIT_COUNT; i++) {
        const ul_limit_info *info = ul_limit_info_of((ul_limit)i);
        write_comment(out, "", ul_arena_printf(arena, "- %s: {%s: %llu}: %s.", info->rule, info->name, (unsigned long long)info->standard, info->help));
    }
}

static void write_key(ul_strbuf *out, ul_config_key key, const char *directory, ul_arena *arena)
{
    const ul_config_key_info *info = ul_config_key_info_of(key);
    const char *group = ul_config_key_group(key, arena), *indent = *group ? "  " : "", *found = find(key, directory, arena);
    write_comment(out, indent, ul_arena_printf(arena, "%c%s.", *info->help >= 'a' && *info->help <= 'z' ? *info->help - 'a' + 'A' : *info->help, info->help + 1));
    if (key == UL_CONFIG_KEY_RULES)
        write_limits(out, arena);
    if (found)
        write_comment(out, indent, "Found here:");
    if (key == UL_CONFIG_KEY_ROOT && ul_path_work_tree(directory, arena) && strcmp(ul_path_work_tree(directory, arena), directory) == 0)
        ul_strbuf_puts(out, "root: true\n");
    else
        write_example(out, indent, ul_config_key_leaf(key), found ? found : info->example);
    ul_strbuf_puts(out, *group ? "" : "\n");
}

void ul_init_write(ul_strbuf *out, const char *directory, ul_arena *arena)
{
    ul_strbuf_puts(out, "# Configuration of ullage for this directory and those below it. A file nearer to a source\n"
                        "# stands above this one, the command line above all: `ullage config --show PATH` says what\n"
                        "# holds where. Take the # away to set a value; those shown are examples.\n\n");
    const char *last_group = "";
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) {
        const char *group = ul_config_key_group((ul_config_key)i, arena), *help = "";
        if (strcmp(group, last_group) != 0) {
            if (*last_group)
                ul_strbuf_putc(out, '\n');
            if (ul_config_group_find(group, &help)) {
                write_comment(out, "", ul_arena_printf(arena, "%c%s:", *help - 'a' + 'A', help + 1));
                ul_strbuf_printf(out, "%s:\n", group);
            }
            last_group = group;
        }
        write_key(out, (ul_config_key)i, directory, arena);
    }
}

static int fail(ul_terminal *terminal, const char *path, const char *message, ul_arena *arena)
{
    ul_diag diag = {.level = UL_LEVEL_ERROR, .file = path, .message = message};
    ul_terminal_tell(terminal, &diag, 1, UL_LEVEL_ERROR, ul_path_cwd(arena), arena);
    return 2;
}

int ul_init(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    const char *given = config->path_count ? config->paths[0] : ".";
    const char *directory = ul_path_resolve(ul_path_cwd(arena), given, arena);
    if (!directory)
        return fail(terminal, given, ul_arena_printf(arena, "cannot read the directory: %s", strerror(errno)), arena);
    directory = strcmp(directory, "/") == 0 ? directory : ul_arena_printf(arena, "%s/", directory);
    const char *path = ul_arena_printf(arena, "%s%s", directory, UL_CONFIG_FILE_NAME);
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_init_write(&text, directory, arena);
    if (text.has_failed)
        ul_terminal_out_of_memory(text.length);
    /* Exclusive: what is there, or comes while we look, is never written over. */
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int status = 0;
    if (file < 0) {
        status = fail(terminal, path, errno == EEXIST ? "it is there already and stays as it is" : ul_arena_printf(arena, "cannot write: %s", strerror(errno)), arena);
    } else {
        bool is_written = ul_file_write_all(file, text.data, text.length) == UL_OK;
        if (close(file) != 0 || !is_written) {
            status = fail(terminal, path, ul_arena_printf(arena, "cannot write: %s", strerror(errno)), arena);
            unlink(path);
        }
    }
    ul_strbuf_free(&text);
    if (status == 0 && !config->is_quiet) {
        const char *line = ul_arena_printf(arena, "wrote %s\n", config->path_count ? path : UL_CONFIG_FILE_NAME);
        if (ul_terminal_write(terminal, NULL, line, strlen(line), arena) != UL_OK)
            status = 2;
    }
    return status;
}
