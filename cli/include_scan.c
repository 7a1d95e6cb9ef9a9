#include "cli/include_scan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/file.h"
#include "cli/paths.h"
#include "cli/string_map.h"

enum { FILE_LIMIT_BYTES = 1 << 26, MOST_FILES = 1 << 20 };

typedef struct include_line {
    const char *name;
    bool is_angle;
} include_line;

/* A file by its resolved path. */
typedef struct source_node {
    const char *path;
    const char *directory;
    include_line *lines;
    uint32_t line_count, line_capacity;
    bool is_read;
    uint32_t seen_in; /* number of the last unit that reached it */
} source_node;

/* Units with equal include directories share one set and what names mean there. */
typedef struct search_set {
    ul_words quote, angle, forced;
    ul_string_map children; /* path of a node -> child_list */
} search_set;

typedef struct child_list {
    source_node **items;
    uint32_t count, capacity;
} child_list;

struct ul_include_scan {
    ul_arena *arena;
    ul_string_map by_name; /* path as asked for -> source_node, or &missing */
    ul_string_map by_path; /* resolved path -> source_node */
    ul_string_map sets;    /* joined directories -> search_set */
    source_node missing;
    uint32_t units;
    const ul_overlay *overlay;
};

ul_include_scan *ul_include_scan_new(ul_arena *arena)
{
    ul_include_scan *scan = UL_NEW(arena, ul_include_scan);
    scan->arena = arena;
    ul_string_map_init(&scan->by_name, arena);
    ul_string_map_init(&scan->by_path, arena);
    ul_string_map_init(&scan->sets, arena);
    return scan;
}

void ul_include_scan_use(ul_include_scan *scan, const ul_overlay *overlay)
{
    scan->overlay = overlay;
}

/* The resolved path of the file called `name`, or NULL when there is none. */
static const char *path_of(const ul_include_scan *scan, const char *name)
{
    struct stat info;
    if (scan->overlay) {
        const char *path = ul_path_settle("/", name, scan->arena);
        const ul_overlay_file *file = ul_overlay_get(scan->overlay, path);
        if (file)
            return file->is_absent ? NULL : path;
    }
    return stat(name, &info) == 0 && S_ISREG(info.st_mode) ? ul_path_resolve("/", name, scan->arena) : NULL;
}

/* The file called `name` (absolute), or NULL when there is none. */
static source_node *node_of(ul_include_scan *scan, const char *name)
{
    source_node *node = ul_string_map_get(&scan->by_name, name);
    if (node)
        return node == &scan->missing ? NULL : node;
    const char *path = path_of(scan, name);
    if (!path) {
        ul_string_map_set(&scan->by_name, name, &scan->missing);
        return NULL;
    }
    node = ul_string_map_get(&scan->by_path, path);
    if (!node) {
        node = UL_NEW(scan->arena, source_node);
        node->path = ul_string_map_set(&scan->by_path, path, node);
        node->directory = ul_path_directory(path, scan->arena);
    }
    ul_string_map_set(&scan->by_name, name, node);
    return node;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* Reads `include "x"` or `include <x>` from just after the `#`. */
static void read_directive(source_node *node, const char *at, const char *end, ul_arena *arena)
{
    at = skip_blanks(at, end);
    if (end - at < 7 || memcmp(at, "include", 7) != 0)
        return;
    at += 7;
    if (end - at > 5 && memcmp(at, "_next", 5) == 0)
        at += 5;
    at = skip_blanks(at, end);
    if (at == end || (*at != '"' && *at != '<'))
        return;
    char close = *at == '<' ? '>' : '"';
    const char *name = ++at;
    while (at < end && *at != close)
        at++;
    if (at == end || at == name || memchr(name, '\0', (size_t)(at - name)))
        return;
    UL_RESERVE(arena, node->lines, node->line_count, node->line_capacity);
    node->lines[node->line_count++] =
        (include_line){ul_arena_strndup(arena, name, (size_t)(at - name)), close == '>'};
}

/* Every line whose first byte beyond blanks is `#`; those inside block comments are left out. */
static void read_text(source_node *node, const char *at, const char *end, ul_arena *arena)
{
    bool in_comment = false;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end)
            line_end = end;
        const char *start = skip_blanks(at, line_end);
        if (!in_comment && start < line_end && *start == '#')
            read_directive(node, start + 1, line_end, arena);
        /* Only comments that open or close on the line matter for the lines to come. */
        for (const char *mark = start; (mark = memchr(mark, in_comment ? '*' : '/', (size_t)(line_end - mark)));) {
            if (mark + 1 < line_end && !in_comment && mark[1] == '/')
                break;
            if (mark + 1 < line_end && mark[1] == (in_comment ? '/' : '*')) {
                in_comment = !in_comment;
                mark++;
            }
            mark++;
        }
        at = line_end + 1;
    }
}

static void read_lines(const ul_include_scan *scan, source_node *node)
{
    const ul_overlay_file *file = ul_overlay_get(scan->overlay, node->path);
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    node->is_read = true;
    if (file)
        read_text(node, file->contents.bytes, file->contents.bytes + file->contents.length, scan->arena);
    else if (ul_file_read(&bytes, node->path, FILE_LIMIT_BYTES) == UL_OK && bytes.data)
        read_text(node, bytes.data, bytes.data + bytes.length, scan->arena);
    ul_strbuf_free(&bytes);
}

static source_node *look_in(ul_include_scan *scan, const ul_words *directories, const char *name)
{
    for (uint32_t i = 0; i < directories->count; i++) {
        source_node *node = node_of(scan, ul_path_join(directories->items[i], name, scan->arena));
        if (node)
            return node;
    }
    return NULL;
}

/* What `line` of `includer` means under `set`, or NULL. */
static source_node *find(ul_include_scan *scan, const search_set *set, const source_node *includer, const include_line *line)
{
    if (line->name[0] == '/')
        return node_of(scan, line->name);
    source_node *node = NULL;
    if (!line->is_angle) {
        node = node_of(scan, ul_path_join(includer->directory, line->name, scan->arena));
        if (!node)
            node = look_in(scan, &set->quote, line->name);
    }
    return node ? node : look_in(scan, &set->angle, line->name);
}

static const child_list *children_of(ul_include_scan *scan, search_set *set, source_node *node)
{
    child_list *list = ul_string_map_get(&set->children, node->path);
    if (list)
        return list;
    if (!node->is_read)
        read_lines(scan, node);
    list = UL_NEW(scan->arena, child_list);
    for (uint32_t i = 0; i < node->line_count; i++) {
        source_node *child = find(scan, set, node, &node->lines[i]);
        if (!child)
            continue;
        UL_RESERVE(scan->arena, list->items, list->count, list->capacity);
        list->items[list->count++] = child;
    }
    ul_string_map_set(&set->children, node->path, list);
    return list;
}

static void make_absolute(ul_words *words, const char *directory, ul_arena *arena)
{
    for (uint32_t i = 0; i < words->count; i++)
        words->items[i] = ul_path_join(directory, words->items[i], arena);
}

static void add_key(ul_strbuf *key, const ul_words *words)
{
    for (uint32_t i = 0; i < words->count; i++)
        ul_strbuf_printf(key, "%s\n", words->items[i]);
    ul_strbuf_putc(key, '\n');
}

static search_set *set_of(ul_include_scan *scan, const char *directory, const char *const *args, uint32_t arg_count)
{
    ul_include_dirs dirs;
    ul_flags_include_dirs(&dirs, args, arg_count, scan->arena);
    make_absolute(&dirs.quote, directory, scan->arena);
    make_absolute(&dirs.angle, directory, scan->arena);
    make_absolute(&dirs.forced, directory, scan->arena);
    ul_strbuf key;
    ul_strbuf_init(&key);
    add_key(&key, &dirs.quote);
    add_key(&key, &dirs.angle);
    add_key(&key, &dirs.forced);
    search_set *set = key.has_failed ? NULL : ul_string_map_get(&scan->sets, key.data);
    if (!set) {
        set = UL_NEW(scan->arena, search_set);
        *set = (search_set){.quote = dirs.quote, .angle = dirs.angle, .forced = dirs.forced};
        ul_string_map_init(&set->children, scan->arena);
        if (!key.has_failed)
            ul_string_map_set(&scan->sets, key.data, set);
    }
    ul_strbuf_free(&key);
    return set;
}

typedef struct reach {
    source_node **nodes;
    uint32_t count, capacity;
} reach;

static void add_node(ul_include_scan *scan, reach *to, source_node *node)
{
    if (!node || node->seen_in == scan->units || to->count == MOST_FILES)
        return;
    node->seen_in = scan->units;
    UL_RESERVE(scan->arena, to->nodes, to->count, to->capacity);
    to->nodes[to->count++] = node;
}

ul_words ul_include_scan_unit(ul_include_scan *scan, const char *file, const char *directory, const char *const *args,
                              uint32_t arg_count)
{
    ul_words out = {0};
    reach reached = {0};
    search_set *set = set_of(scan, directory, args, arg_count);
    scan->units++;
    add_node(scan, &reached, node_of(scan, file));
    for (uint32_t i = 0; i < set->forced.count; i++)
        add_node(scan, &reached, node_of(scan, set->forced.items[i]));
    for (uint32_t next = 0; next < reached.count; next++) {
        const child_list *children = children_of(scan, set, reached.nodes[next]);
        for (uint32_t i = 0; i < children->count; i++)
            add_node(scan, &reached, children->items[i]);
    }
    for (uint32_t i = 0; i < reached.count; i++)
        ul_words_add(&out, reached.nodes[i]->path, scan->arena);
    return out;
}
