#include "cli/compile_db.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/file.h"
#include "cli/paths.h"

#define DATABASE_NAME "compile_commands.json"

/* MOST_COMPLAINTS keeps a wholly wrong file from filling the screen. */
enum { DATABASE_LIMIT_BYTES = 1 << 30, MOST_COMPLAINTS = 20, NUL_MARK = '\x01' };

typedef struct reader {
    ul_compile_db *db;
    const char *bytes;
    size_t length;
    size_t at;         /* next byte to read */
    size_t counted_to; /* newlines before here are in `line` */
    uint32_t line;
    uint32_t index;      /* of the entry being read */
    uint32_t complaints;
    ul_status status;
    const char *folder; /* of the database, with a trailing slash */
    ul_strbuf scratch;
    ul_diags *diags;
    ul_arena *arena;
} reader;

/* Line of the byte at `offset`; offsets come in ascending order, so that the file is counted once. */
static uint32_t line_at(reader *from, size_t offset)
{
    for (; from->counted_to < offset; from->counted_to++)
        from->line += from->bytes[from->counted_to] == '\n';
    return from->line;
}

static void complain(reader *from, ul_level level, size_t offset, const char *message)
{
    uint32_t line = line_at(from, offset);
    if (level == UL_LEVEL_ERROR)
        from->status = UL_ERR_INPUT;
    if (from->complaints++ < MOST_COMPLAINTS)
        ul_diags_add(from->diags, level, from->db->path, line, 0, "%s", message);
}

static void complain_entry(reader *from, ul_level level, size_t offset, const char *what)
{
    complain(from, level, offset, ul_arena_printf(from->arena, "entry %u %s; it is left out", from->index, what));
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void skip_blanks(reader *from)
{
    while (from->at < from->length && is_blank(from->bytes[from->at]))
        from->at++;
}

/* Moves to the comma or bracket that ends the value at from->at, or to the end. Strings hide what is in them. */
static void skip_value(reader *from)
{
    size_t depth = 0;
    bool is_string = false;
    for (; from->at < from->length; from->at++) {
        char byte = from->bytes[from->at];
        if (is_string) {
            if (byte == '\\')
                from->at++;
            else if (byte == '"')
                is_string = false;
        } else if (byte == '"') {
            is_string = true;
        } else if (byte == '[' || byte == '{') {
            depth++;
        } else if (depth == 0 && (byte == ',' || byte == ']' || byte == '}')) {
            return;
        } else if (byte == ']' || byte == '}') {
            depth--;
        }
    }
    if (from->at > from->length)
        from->at = from->length;
}

/*
 * A copy with a NUL at its end, for cJSON. NUL bytes and \u0000 would end a string early and unseen: they become a control
 * character that no path has, found again by has_control.
 */
static void copy_value(reader *from, size_t begin, size_t end)
{
    ul_strbuf_clear(&from->scratch);
    ul_strbuf_add(&from->scratch, from->bytes + begin, end - begin);
    char *text = from->scratch.data;
    for (size_t i = 0; !from->scratch.has_failed && i < end - begin; i++) {
        if (text[i] == '\0')
            text[i] = NUL_MARK;
        else if (text[i] == '\\' && strncmp(text + i, "\\u0000", 6) == 0)
            text[(i += 5)] = '1';
        else if (text[i] == '\\')
            i++;
    }
}

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if (*text == NUL_MARK)
            return true;
    }
    return false;
}

/* The string under `key`, or NULL after a complaint. */
static const char *string_of(reader *from, const cJSON *object, const char *key, size_t offset)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    const char *what = !item                          ? "has no \"%s\""
                       : !cJSON_IsString(item)        ? "has a \"%s\" that is not a string"
                       : !item->valuestring[0]        ? "has an empty \"%s\""
                       : has_control(item->valuestring) ? "has a NUL in its \"%s\""
                                                        : NULL;
    if (!what)
        return item->valuestring;
    const char *place = strchr(what, '%');
    complain_entry(from, UL_LEVEL_WARNING, offset,
                   ul_arena_printf(from->arena, "%.*s%s%s", (int)(place - what), what, key, place + 2));
    return NULL;
}

/* Words of "arguments". False after a complaint. */
static bool read_arguments(reader *from, ul_words *words, const cJSON *arguments, size_t offset)
{
    if (!cJSON_IsArray(arguments)) {
        complain_entry(from, UL_LEVEL_WARNING, offset, "has \"arguments\" that are not an array");
        return false;
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, arguments)
    {
        if (!cJSON_IsString(item) || has_control(item->valuestring)) {
            complain_entry(from, UL_LEVEL_WARNING, offset,
                           cJSON_IsString(item) ? "has a NUL in its \"arguments\""
                                                : "has \"arguments\" that are not all strings");
            return false;
        }
        ul_words_add(words, ul_arena_strdup(from->arena, item->valuestring), from->arena);
    }
    return true;
}

/* The words of either form; "arguments" goes before "command" as in clang's own reader. */
static bool read_command_line(reader *from, ul_words *words, const cJSON *object, size_t offset)
{
    const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(object, "arguments");
    if (arguments) {
        if (!read_arguments(from, words, arguments, offset))
            return false;
    } else if (!cJSON_GetObjectItemCaseSensitive(object, "command")) {
        complain_entry(from, UL_LEVEL_WARNING, offset, "has neither \"arguments\" nor \"command\"");
        return false;
    } else {
        const char *command = string_of(from, object, "command", offset);
        if (!command)
            return false;
        if (!ul_words_split(words, command, strlen(command), UL_QUOTING_SHELL, from->arena))
            complain(from, UL_LEVEL_WARNING, offset,
                     ul_arena_printf(from->arena, "entry %u has an open quote in its \"command\"", from->index));
    }
    if (!words->count)
        complain_entry(from, UL_LEVEL_WARNING, offset, "has an empty command line");
    return words->count > 0;
}

static void read_entry(reader *from, const cJSON *object, size_t offset)
{
    if (!cJSON_IsObject(object)) {
        complain_entry(from, UL_LEVEL_WARNING, offset, "is not an object");
        return;
    }
    ul_compile_entry entry = {0};
    const char *directory = string_of(from, object, "directory", offset);
    const char *file = directory ? string_of(from, object, "file", offset) : NULL;
    if (!file || !read_command_line(from, &entry.args, object, offset))
        return;
    entry.directory = ul_path_join(from->folder, directory, from->arena);
    entry.file = ul_path_join(entry.directory, file, from->arena);
    UL_RESERVE(from->arena, from->db->entries, from->db->count, from->db->capacity);
    from->db->entries[from->db->count++] = entry;
}

/* Reads the value in bytes[begin..end-1] as one entry. */
static void read_value(reader *from, size_t begin, size_t end)
{
    copy_value(from, begin, end);
    if (from->scratch.has_failed) {
        from->status = UL_ERR_NOMEM;
        complain_entry(from, UL_LEVEL_ERROR, begin, "does not fit in memory");
        return;
    }
    const char *stop = NULL;
    cJSON *value = cJSON_ParseWithOpts(from->scratch.data ? from->scratch.data : "", &stop, 1);
    if (value) {
        read_entry(from, value, begin);
        cJSON_Delete(value);
        return;
    }
    size_t into = stop && from->scratch.data ? (size_t)(stop - from->scratch.data) : 0;
    complain_entry(from, UL_LEVEL_ERROR, begin + (into < end - begin ? into : end - begin), "is not valid JSON");
}

/*
 * 1. Find the opening bracket.
 * 2. Cut out one value after another by counting brackets outside strings: linear, and no recursion.
 * 3. Let cJSON judge each value by itself.
 */
static void read_array(reader *from)
{
    if (from->length >= 3 && memcmp(from->bytes, "\xef\xbb\xbf", 3) == 0)
        from->at = 3;
    skip_blanks(from);
    if (from->at == from->length || from->bytes[from->at] != '[') {
        complain(from, UL_LEVEL_ERROR, from->at,
                 from->at == from->length ? "the compilation database is empty" : "the compilation database is not a JSON array");
        return;
    }
    from->at++;
    skip_blanks(from);
    bool is_empty = from->at < from->length && from->bytes[from->at] == ']';
    for (; !is_empty; from->index++) {
        skip_blanks(from);
        size_t begin = from->at;
        skip_value(from);
        size_t end = from->at;
        if (end == from->length) {
            complain(from, UL_LEVEL_ERROR, from->length, "the compilation database ends inside its array");
            return;
        }
        while (end > begin && is_blank(from->bytes[end - 1]))
            end--;
        read_value(from, begin, end);
        if (from->bytes[from->at] == ']')
            break;
        if (from->bytes[from->at] == '}')
            complain(from, UL_LEVEL_ERROR, from->at, "a '}' without a '{' in the compilation database");
        from->at++;
    }
    from->at++;
    skip_blanks(from);
    if (from->at < from->length)
        complain(from, UL_LEVEL_ERROR, from->at, "something follows the array of the compilation database");
}

ul_status ul_compile_db_parse(ul_compile_db *db, const char *bytes, size_t length, const char *path, ul_diags *diags,
                              ul_arena *arena)
{
    *db = (ul_compile_db){.path = path};
    reader from = {.db = db, .bytes = bytes, .length = length, .line = 1, .diags = diags, .arena = arena};
    from.folder = ul_path_directory(path, arena);
    ul_strbuf_init(&from.scratch);
    read_array(&from);
    ul_strbuf_free(&from.scratch);
    if (from.complaints > MOST_COMPLAINTS)
        ul_diags_add(diags, from.status == UL_OK ? UL_LEVEL_WARNING : UL_LEVEL_ERROR, path, 0, 0,
                     "%u more entries like these", from.complaints - MOST_COMPLAINTS);
    return from.status;
}

ul_status ul_compile_db_load(ul_compile_db *db, const char *path, ul_diags *diags, ul_arena *arena)
{
    *db = (ul_compile_db){.path = path};
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    ul_status status = ul_file_read(&bytes, path, DATABASE_LIMIT_BYTES);
    if (status == UL_OK)
        status = ul_compile_db_parse(db, bytes.data ? bytes.data : "", bytes.length, path, diags, arena);
    else
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "cannot read the compilation database: %s",
                     errno == EFBIG ? "it is over 1 GiB" : strerror(errno));
    ul_strbuf_free(&bytes);
    return status;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

/* Adds `directory`/compile_commands.json to `found` when it is there and new. */
static void try_directory(ul_words *found, const char *directory, ul_arena *arena)
{
    const char *path = ul_path_join(directory, DATABASE_NAME, arena);
    if (!is_file(path))
        return;
    for (uint32_t i = 0; i < found->count; i++) {
        if (strcmp(found->items[i], path) == 0)
            return;
    }
    ul_words_add(found, path, arena);
}

/* The directory itself and where builds usually go below it. */
static void try_around(ul_words *found, const char *directory, ul_arena *arena)
{
    try_directory(found, directory, arena);
    try_directory(found, ul_path_join(directory, "build", arena), arena);
    try_directory(found, ul_path_join(directory, "out", arena), arena);
    glob_t builds;
    ul_strbuf pattern;
    ul_strbuf_init(&pattern);
    for (const char *at = directory; *at; at++) {
        if (strchr("\\*?[", *at))
            ul_strbuf_putc(&pattern, '\\');
        ul_strbuf_putc(&pattern, *at);
    }
    ul_strbuf_puts(&pattern, "/cmake-build-*");
    if (!pattern.has_failed && glob(pattern.data, 0, NULL, &builds) == 0) {
        for (size_t i = 0; i < builds.gl_pathc; i++)
            try_directory(found, builds.gl_pathv[i], arena);
        globfree(&builds);
    }
    ul_strbuf_free(&pattern);
}

static ul_status locate_given(const char **path, const char *build, const char *cwd, ul_diags *diags, ul_arena *arena)
{
    const char *given = ul_path_join(cwd, build, arena);
    struct stat info;
    if (stat(given, &info) != 0) {
        ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0, "cannot read the build '%s': %s", build, strerror(errno));
        return UL_ERR_USAGE;
    }
    if (S_ISDIR(info.st_mode)) {
        given = ul_path_join(given, DATABASE_NAME, arena);
        if (!is_file(given)) {
            ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0,
                         "no " DATABASE_NAME " in '%s' (cmake writes one with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, make "
                         "with `bear -- make`)",
                         build);
            return UL_ERR_USAGE;
        }
    }
    *path = given;
    return UL_OK;
}

ul_status ul_compile_db_locate(const char **path, const char *build, const char *cwd, const char *start, bool is_verbose,
                               ul_diags *diags, ul_arena *arena)
{
    ul_words found = {0};
    *path = NULL;
    if (build)
        return locate_given(path, build, cwd, diags, arena);
    try_around(&found, cwd, arena);
    const char *root = ul_path_work_tree(start, arena);
    if (!root)
        root = "/"; /* an unpacked tarball */
    try_around(&found, start, arena);
    for (const char *at = start; strlen(at) > strlen(root);) {
        at = ul_path_directory(ul_arena_strndup(arena, at, strlen(at) - 1), arena);
        try_around(&found, at, arena);
    }
    if (found.count)
        *path = found.items[0];
    for (uint32_t i = 0; is_verbose && i < found.count; i++)
        ul_diags_add(diags, UL_LEVEL_NOTE, found.items[i], 0, 0, i ? "not read: another database comes first" : "flags are read from here");
    return UL_OK;
}
