#include "cli/diff_sides.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/paths.h"
#include "layout/engine/merge.h"

enum { CONTENTS_LIMIT_BYTES = 1 << 26 };

static ul_status fail(const ul_diff_sides *sides, ul_status status, const char *message)
{
    ul_diags_add(sides->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s", message);
    return status;
}

static bool is_on_disk(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* Files that a C unit may include, by their names. */
static bool may_be_c(const char *path)
{
    static const char *const endings[] = {"h", "c", "i", "inc", "inl", "def", "tbl", "x", "ipp"};
    const char *dot = strrchr(ul_path_name(path), '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcmp(dot + 1, endings[i]) == 0)
            return true;
    }
    return false;
}

static bool is_below(const ul_words *paths, const char *file)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        size_t length = strlen(paths->items[i]);
        bool is_directory = paths->items[i][length - 1] == '/';
        if (strncmp(file, paths->items[i], length) == 0 && (is_directory || file[length] == '\0'))
            return true;
    }
    return paths->count == 0;
}

bool ul_diff_sides_want(const ul_diff_sides *sides, const char *file)
{
    return is_below(&sides->paths, file);
}

static ul_status missing(const ul_diff_sides *sides, const char *revision)
{
    return fail(sides, UL_ERR_INPUT,
                ul_arena_printf(sides->arena, "there is no revision '%s' here%s", revision, ul_git_cure(&sides->git)));
}

static ul_status set_tree(const ul_diff_sides *sides, ul_diff_side *side, const char *revision)
{
    side->name = revision;
    side->tree = ul_git_tree(&sides->git, revision);
    return side->tree ? UL_OK : missing(sides, revision);
}

/* A..B, or A...B: what B did since it left A. */
static ul_status set_range(ul_diff_sides *sides, const char *range, const char *dots)
{
    bool is_since = dots[2] == '.';
    const char *a = ul_arena_strndup(sides->arena, range, (size_t)(dots - range)), *b = dots + 2 + is_since;
    a = *a ? a : "HEAD";
    b = *b ? b : "HEAD";
    if (sides->config->is_staged)
        return fail(sides, UL_ERR_USAGE, "'--staged' compares with the index: it takes one revision, not two");
    ul_status status = set_tree(sides, &sides->before, a);
    if (status == UL_OK)
        status = set_tree(sides, &sides->after, b);
    if (status != UL_OK || !is_since)
        return status;
    const char *base = ul_git_merge_base(&sides->git, a, b);
    if (!base)
        return fail(sides, UL_ERR_INPUT,
                    ul_arena_printf(sides->arena, "'%s' and '%s' have no common ancestor here%s", a, b, ul_git_cure(&sides->git)));
    status = set_tree(sides, &sides->before, base);
    sides->before.name = ul_arena_printf(sides->arena, "%.12s", base);
    return status;
}

/* Without a revision it is HEAD; before the first commit there is none, and everything is new. */
static ul_status set_head(ul_diff_sides *sides)
{
    sides->before.name = "HEAD";
    sides->before.tree = ul_git_tree(&sides->git, "HEAD");
    if (sides->before.tree)
        return UL_OK;
    sides->before.name = "nothing";
    sides->before.tree = ul_git_empty_tree(&sides->git);
    return sides->before.tree ? UL_OK : missing(sides, "HEAD");
}

const char *ul_diff_sides_settle(const ul_diff_sides *sides, const char *given)
{
    struct stat info;
    const char *path = ul_path_settle(ul_path_cwd(sides->arena), given, sides->arena);
    bool is_directory = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    return is_directory ? ul_arena_printf(sides->arena, "%s/", strcmp(path, "/") == 0 ? "" : path) : path;
}

static ul_status add_path(ul_diff_sides *sides, const char *given)
{
    const char *path = ul_diff_sides_settle(sides, given);
    if (strncmp(sides->git.root, path, strlen(path)) != 0 && strncmp(path, sides->git.root, strlen(sides->git.root)) != 0)
        return fail(sides, UL_ERR_INPUT,
                    ul_arena_printf(sides->arena, "'%s' is outside of the work tree %s", given, sides->git.root));
    ul_words_add(&sides->paths, path, sides->arena);
    return UL_OK;
}

/* The first operand may be a revision or a path; where it is both, git's own answer is to ask. */
static ul_status take_operands(ul_diff_sides *sides)
{
    const ul_config *config = sides->config;
    const char *first = config->path_count ? config->paths[0] : NULL;
    const char *dots = first ? strstr(first, "..") : NULL;
    bool is_path = first && is_on_disk(ul_path_join(ul_path_cwd(sides->arena), first, sides->arena));
    bool is_range = dots && !is_path && first[0] != '.' && first[0] != '/';
    bool is_revision = first && !config->has_path_list && !is_range && ul_git_tree(&sides->git, first);
    ul_status status;
    if (is_path && is_revision)
        return fail(sides, UL_ERR_USAGE,
                    ul_arena_printf(sides->arena, "'%s' is a revision and a path: write ./%s for the path, or %s^{} for the revision",
                                    first, first, first));
    if (is_range)
        status = set_range(sides, first, dots);
    else
        status = is_revision ? set_tree(sides, &sides->before, first) : set_head(sides);
    for (uint32_t i = is_revision || is_range; i < config->path_count && status == UL_OK; i++)
        status = add_path(sides, config->paths[i]);
    return status;
}

/* A PATH that is not on disk must be that of a file which is gone. The first one may have been meant for a revision. */
static ul_status check_paths(const ul_diff_sides *sides)
{
    for (uint32_t i = 0; i < sides->paths.count; i++) {
        const char *path = sides->paths.items[i];
        ul_words one = {.items = &path, .count = 1};
        bool is_known = is_on_disk(path);
        for (uint32_t j = 0; j < sides->file_count && !is_known; j++)
            is_known = sides->files[j].before && is_below(&one, sides->files[j].before);
        if (is_known)
            continue;
        uint32_t at = sides->config->path_count - sides->paths.count + i;
        return fail(sides, UL_ERR_INPUT,
                    ul_arena_printf(sides->arena, "'%s' is neither a %spath here nor a file that changed%s", sides->config->paths[at],
                                    at ? "" : "revision nor a ", at ? "" : ul_git_cure(&sides->git)));
    }
    return UL_OK;
}

static const char *absolute(const ul_diff_sides *sides, const char *path)
{
    return ul_arena_printf(sides->arena, "%s%s", sides->git.root, path);
}

/* Puts a blob in the place of `file`. What git has is LF and unfiltered: no layout depends on that. */
static ul_status put_blob(ul_diff_sides *sides, ul_diff_side *side, ul_git_objects *objects, const char *file, const char *blob)
{
    const char *bytes;
    uint64_t length;
    if (ul_overlay_get(&side->overlay, file))
        return UL_OK;
    ul_status status = blob ? ul_git_objects_read(objects, blob, CONTENTS_LIMIT_BYTES, &bytes, &length) : UL_ERR_INPUT;
    if (status == UL_OK)
        ul_overlay_put(&side->overlay, file, bytes, length, !is_on_disk(file));
    else if (status == UL_ERR_LIMIT)
        ul_diags_add(sides->diags, UL_LEVEL_ERROR, file, 0, 0, "over %d MiB in %s: it is not read", CONTENTS_LIMIT_BYTES >> 20, side->name);
    else
        ul_diags_add(sides->diags, UL_LEVEL_ERROR, file, 0, 0, "git does not have its contents in %s%s", side->name, ul_git_cure(&sides->git));
    return status == UL_OK ? UL_OK : UL_ERR_INPUT;
}

static bool is_regular(uint32_t mode)
{
    return (mode & UL_GIT_FILE_TYPE) == UL_GIT_REGULAR;
}

/* What is no file of its own: said once, since what lies behind it is read as it is now. */
static void note_special(ul_diff_sides *sides, const ul_git_change *item)
{
    uint32_t mode = item->after_mode ? item->after_mode : item->before_mode;
    if ((mode & UL_GIT_FILE_TYPE) == UL_GIT_SUBMODULE)
        ul_diags_add(sides->diags, UL_LEVEL_NOTE, absolute(sides, item->after_path), 0, 0,
                     "a submodule that changed: its files are read as they are on disk, on both sides; run `ullage diff` inside it");
    else if ((mode & UL_GIT_FILE_TYPE) == UL_GIT_SYMLINK && may_be_c(item->after_path))
        ul_diags_add(sides->diags, UL_LEVEL_NOTE, absolute(sides, item->after_path), 0, 0,
                     "a symbolic link that changed: what it points to now is read on both sides");
}

/* A file that differs between the sides: its contents on each, its absence on one. */
static ul_status take_change(ul_diff_sides *sides, ul_git_objects *objects, const ul_git_change *item)
{
    const char *before = absolute(sides, item->before_path), *after = absolute(sides, item->after_path);
    bool was = is_regular(item->before_mode) && may_be_c(before), is = is_regular(item->after_mode) && may_be_c(after);
    bool is_renamed = strcmp(before, after) != 0 && item->status == 'R';
    ul_status status = UL_OK;
    note_special(sides, item);
    if (!was && !is) {
        ul_string_map_set(&sides->others, before, sides);
        ul_string_map_set(&sides->others, after, sides);
        return UL_OK;
    }
    if (was)
        status = put_blob(sides, &sides->before, objects, before, item->before_blob);
    if (is && !sides->after.is_on_disk && status == UL_OK)
        status = put_blob(sides, &sides->after, objects, after, item->after_blob);
    if (is && (!was || strcmp(before, after) != 0))
        ul_overlay_hide(&sides->before.overlay, after);
    if (was && !sides->after.is_on_disk && (!is || is_renamed) && is_on_disk(before))
        ul_overlay_hide(&sides->after.overlay, before);
    if (!is_below(&sides->paths, before) && !is_below(&sides->paths, after))
        return status;
    if (was && item->status != 'C')
        ul_words_add(&sides->before.files, before, sides->arena);
    if (is)
        ul_words_add(&sides->after.files, after, sides->arena);
    UL_RESERVE(sides->arena, sides->files, sides->file_count, sides->file_capacity);
    sides->files[sides->file_count++] =
        (ul_file_change){was && item->status != 'C' ? before : NULL, is ? after : NULL};
    return status;
}

/* A file whose contents on disk are not those of the new side; where the sides agree about it, not those of the old one either. */
static ul_status take_disk(ul_diff_sides *sides, ul_git_objects *objects, const ul_git_change *item)
{
    const char *file = absolute(sides, item->before_path);
    ul_diff_side *both[] = {&sides->after, &sides->before};
    ul_status status = UL_OK;
    if (!may_be_c(file) || (!is_regular(item->before_mode) && item->before_mode)) {
        ul_string_map_set(&sides->others, file, sides);
        return UL_OK;
    }
    for (int i = 0; i < 2 && status == UL_OK; i++) {
        if (ul_overlay_get(&both[i]->overlay, file))
            continue;
        if (item->before_mode)
            status = put_blob(sides, both[i], objects, file, item->before_blob);
        else
            ul_overlay_hide(&both[i]->overlay, file);
    }
    return status;
}

static ul_status conflict(const ul_diff_sides *sides, const ul_git_change *item)
{
    ul_diags_add(sides->diags, UL_LEVEL_ERROR, absolute(sides, item->before_path), 0, 0,
                 "a merge left it with conflicts: resolve them and `git add` it first");
    return UL_ERR_INPUT;
}

static ul_status take_changes(ul_diff_sides *sides, const ul_git_changes *changes, bool is_disk)
{
    ul_git_objects *objects = changes->count ? ul_git_objects_open(&sides->git, false) : NULL;
    ul_status first_error = changes->count && !objects ? UL_ERR_IO : UL_OK;
    for (uint32_t i = 0; objects && i < changes->count; i++) {
        const ul_git_change *item = &changes->items[i];
        ul_status status;
        if (item->status == 'U')
            status = may_be_c(item->before_path) ? conflict(sides, item) : UL_OK;
        else
            status = is_disk ? take_disk(sides, objects, item) : take_change(sides, objects, item);
        first_error = first_error == UL_OK ? status : first_error;
    }
    ul_git_objects_close(objects);
    return first_error;
}

static ul_status load(ul_diff_sides *sides)
{
    ul_git_changes changes, disk = {0};
    ul_status status = ul_git_diff(&changes, &sides->git, sides->before.tree, sides->after.tree, sides->config->is_staged, true);
    if (status == UL_OK && !sides->after.is_on_disk)
        status = ul_git_diff(&disk, &sides->git, sides->after.tree, NULL, false, false);
    if (status == UL_OK)
        status = take_changes(sides, &changes, false);
    if (status == UL_OK)
        status = take_changes(sides, &disk, true);
    for (int i = 0; i < 2 && status == UL_OK; i++) {
        if (ul_overlay_settle(i ? &sides->after.overlay : &sides->before.overlay) != UL_OK)
            status = fail(sides, UL_ERR_IO, ul_arena_printf(sides->arena, "cannot hold the files of %s in memory: %s",
                                                            i ? sides->after.name : sides->before.name, strerror(errno)));
    }
    return status;
}

ul_status ul_diff_sides_open(ul_diff_sides *out, const ul_config *config, ul_diags *diags, ul_arena *arena)
{
    *out = (ul_diff_sides){.config = config, .diags = diags, .arena = arena};
    ul_string_map_init(&out->others, arena);
    ul_overlay_init(&out->before.overlay, arena);
    ul_overlay_init(&out->after.overlay, arena);
    ul_diags_init(&out->before.diags, arena);
    ul_diags_init(&out->after.diags, arena);
    ul_status status = ul_git_open(&out->git, diags, arena);
    if (status != UL_OK)
        return status;
    out->after.name = config->is_staged ? "the index" : "the work tree";
    status = take_operands(out);
    if (status != UL_OK)
        return status;
    out->after.is_on_disk = !out->after.tree && !config->is_staged;
    for (uint32_t i = 0; i < config->public_count; i++)
        ul_words_add(&out->publics, ul_diff_sides_settle(out, config->public_paths[i]), arena);
    status = load(out);
    return status == UL_OK ? check_paths(out) : status;
}

/*
 * A file that is not there in this state was found on disk all the same: what it gave the unit cannot be taken back. And one that nobody
 * took for C was included.
 */
static void check_includes(ul_diff_sides *sides, ul_diff_side *side)
{
    for (uint32_t i = 0; i < side->units.count; i++) {
        const ul_unit_result *result = &side->units.results[i];
        for (uint32_t j = 0; j < result->include_count; j++) {
            const ul_overlay_file *file = ul_overlay_get(&side->overlay, result->includes[j]);
            if (!side->is_on_disk && ul_string_map_get(&sides->others, result->includes[j]))
                ul_diags_add(&side->diags, UL_LEVEL_ERROR, result->includes[j], 0, 0,
                             "it changed, but by its name it is no C, and what is on disk was read: the layouts may not be those of %s", side->name);
            if (file && file->is_absent)
                ul_diags_add(&side->diags, UL_LEVEL_ERROR, file->contents.file, 0, 0,
                             "it is on disk and not in %s, but a unit of that side includes it: the layouts may not be those of then", side->name);
        }
    }
}

/* Headers below the root that git does not know are what the build made of them last, on both sides. */
static void note_untracked(ul_diff_sides *sides)
{
    const ul_diff_side *both[] = {&sides->before, &sides->after};
    size_t length = strlen(sides->git.root);
    ul_string_map seen;
    ul_words untracked = {0};
    ul_git_objects *objects = ul_git_objects_open(&sides->git, true);
    ul_string_map_init(&seen, sides->arena);
    for (uint32_t i = 0; objects && i < sides->before.units.count + sides->after.units.count; i++) {
        bool is_after = i >= both[0]->units.count;
        const ul_unit_result *result = &both[is_after]->units.results[is_after ? i - both[0]->units.count : i];
        for (uint32_t j = 0; j < result->include_count; j++) {
            const char *file = result->includes[j];
            if (strncmp(file, sides->git.root, length) != 0 || ul_string_map_get(&seen, file))
                continue;
            ul_string_map_set(&seen, file, sides);
            if (!ul_overlay_get(&sides->before.overlay, file) && !ul_overlay_get(&sides->after.overlay, file) &&
                !ul_git_objects_have(objects, ul_arena_printf(sides->arena, ":%s", file + length)))
                ul_words_add(&untracked, file, sides->arena);
        }
    }
    ul_git_objects_close(objects);
    if (untracked.count)
        ul_diags_add(sides->diags, UL_LEVEL_NOTE, untracked.items[0], 0, 0,
                     "%s: git does not have it%s, so both sides read what is on disk now",
                     untracked.count == 1 ? "read as the build made it" : "read as the build made it last",
                     untracked.count == 1 ? "" : ul_arena_printf(sides->arena, " (nor %u others)", untracked.count - 1));
}

static ul_status read_side(ul_diff_sides *sides, ul_diff_side *side, ul_terminal *terminal)
{
    ul_status status = ul_select_files(&side->selection, sides->config, &side->overlay, sides->git.root, side->files.items, side->files.count,
                                       &side->diags, sides->arena);
    if (status == UL_OK)
        status = ul_run_units_read(&side->units, &side->selection, terminal);
    side->is_whole = status == UL_OK && side->diags.error_count == 0;
    if (status != UL_OK)
        return status;
    check_includes(sides, side);
    ul_merge_units(&side->entries, &side->entry_count, side->units.results, side->units.count, sides->arena);
    return UL_OK;
}

ul_status ul_diff_sides_read(ul_diff_sides *sides, ul_terminal *terminal)
{
    ul_status status = read_side(sides, &sides->before, terminal);
    if (status == UL_OK)
        status = read_side(sides, &sides->after, terminal);
    if (status == UL_OK)
        note_untracked(sides);
    return status;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool has_message(const ul_diags *diags, const ul_diag *diag)
{
    for (uint32_t i = 0; i < diags->count; i++) {
        const ul_diag *other = &diags->items[i];
        if (is_same_text(other->file, diag->file) && other->line == diag->line && strcmp(other->message, diag->message) == 0)
            return true;
    }
    return false;
}

static bool is_assertion(const ul_diag *diag)
{
    return strncmp(diag->message, "static_assert failed", 20) == 0 || strncmp(diag->message, "static assertion failed", 23) == 0;
}

/* Takes assertions out of the messages of `side`, into `out` (room for all); returns how many. */
static uint32_t take_assertions(ul_diag *out, ul_diff_side *side)
{
    ul_diags *diags = &side->diags;
    uint32_t count = 0, kept = 0;
    ul_diags_settle(diags);
    for (uint32_t i = 0; i < diags->count; i++) {
        if (is_assertion(&diags->items[i]))
            out[count++] = diags->items[i];
        else
            diags->items[kept++] = diags->items[i];
    }
    diags->count = kept;
    diags->error_count -= count;
    side->is_whole |= count > 0 && diags->error_count == 0;
    return count;
}

/* Whether the assertion of the new side stood and failed before, in the file as it was called then. */
static bool failed_before(const ul_diff_sides *sides, const ul_diag *guard, const ul_diag *old, uint32_t old_count)
{
    const char *file = guard->file;
    for (uint32_t i = 0; i < sides->file_count; i++) {
        if (file && sides->files[i].after && sides->files[i].before && strcmp(sides->files[i].after, file) == 0)
            file = sides->files[i].before;
    }
    for (uint32_t i = 0; i < old_count; i++) {
        if (is_same_text(old[i].file, file) && strcmp(old[i].message, guard->message) == 0)
            return true;
    }
    return false;
}

uint32_t ul_diff_sides_guards(ul_diff_sides *sides, const ul_diag **guards)
{
    ul_diag *old = UL_NEW_ARRAY(sides->arena, ul_diag, sides->before.diags.count);
    ul_diag *new = UL_NEW_ARRAY(sides->arena, ul_diag, sides->after.diags.count);
    uint32_t old_count = take_assertions(old, &sides->before), new_count = take_assertions(new, &sides->after), kept = 0;
    for (uint32_t i = 0; i < new_count; i++) {
        if (failed_before(sides, &new[i], old, old_count))
            ul_diags_add(&sides->after.diags, UL_LEVEL_WARNING, new[i].file, new[i].line, new[i].column, "%s, as it did before", new[i].message);
        else
            new[kept++] = new[i];
    }
    *guards = new;
    return kept;
}

void ul_diff_sides_tell(ul_diff_sides *sides)
{
    for (int i = 0; i < 2; i++) {
        const ul_diff_side *side = i ? &sides->after : &sides->before, *other = i ? &sides->before : &sides->after;
        for (uint32_t j = 0; j < side->diags.count; j++) {
            const ul_diag *diag = &side->diags.items[j];
            bool is_shared = has_message(&other->diags, diag) || side->is_on_disk;
            ul_diags_add(sides->diags, diag->level, diag->file, diag->line, diag->column, "%s%s%s", is_shared ? "" : side->name,
                         is_shared ? "" : ": ", diag->message);
        }
    }
}
