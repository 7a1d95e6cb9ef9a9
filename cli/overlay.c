#include "cli/overlay.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "cli/file.h"

void ul_overlay_init(ul_overlay *overlay, ul_arena *arena)
{
    *overlay = (ul_overlay){.arena = arena};
    ul_string_map_init(&overlay->files, arena);
}

void ul_overlay_put(ul_overlay *overlay, const char *file, const char *bytes, uint64_t length, bool is_new)
{
    ul_overlay_file *item = UL_NEW(overlay->arena, ul_overlay_file);
    *item = (ul_overlay_file){.contents = {file, bytes, length}, .is_new = is_new};
    item->contents.file = ul_string_map_set(&overlay->files, file, item);
    UL_RESERVE(overlay->arena, overlay->unsaved, overlay->unsaved_count, overlay->unsaved_capacity);
    overlay->unsaved[overlay->unsaved_count++] = item->contents;
    overlay->new_count += is_new;
}

void ul_overlay_hide(ul_overlay *overlay, const char *file)
{
    ul_overlay_file *item = UL_NEW(overlay->arena, ul_overlay_file);
    *item = (ul_overlay_file){.contents = {file, "", 0}, .is_absent = true};
    item->contents.file = ul_string_map_set(&overlay->files, file, item);
}

const ul_overlay_file *ul_overlay_get(const ul_overlay *overlay, const char *file)
{
    return overlay ? ul_string_map_get(&overlay->files, file) : NULL;
}

/* A file without a name that holds the bytes; "/proc/self/fd/N" opens it, in forked workers too. */
static int memory_file(const char *bytes, size_t length)
{
    int descriptor = memfd_create("ullage", 0);
    if (descriptor >= 0 && ul_file_write_all(descriptor, bytes, length) != UL_OK)
        descriptor = -1;
    return descriptor;
}

/* As a string of YAML in double quotes. */
static void put_quoted(ul_strbuf *out, const char *text)
{
    ul_strbuf_putc(out, '"');
    for (; *text; text++)
        ul_strbuf_printf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    ul_strbuf_putc(out, '"');
}

/* YAML takes no bytes that are not UTF-8 and no control bytes; such names are found as they are or not at all. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
            return false;
    }
    return true;
}

/* Many deleted files are as many descriptors: as many as we may have. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/*
 * Contents alone (CXUnsavedFile) are found under the one name that they are given. A file that is on disk is the same file under
 * every name; one that is not would be missed behind a relative -I or a `../`. clang's virtual file system knows
 * names, so that is where these go.
 */
ul_status ul_overlay_settle(ul_overlay *overlay)
{
    ul_strbuf yaml;
    ul_status status = UL_OK;
    if (!overlay->new_count)
        return UL_OK;
    raise_limit();
    ul_strbuf_init(&yaml);
    ul_strbuf_puts(&yaml, "{\"version\": 0, \"case-sensitive\": \"true\", \"use-external-names\": \"false\", \"roots\": [");
    uint32_t put = 0;
    for (uint32_t i = 0; i < overlay->unsaved_count && status == UL_OK; i++) {
        const ul_unsaved *contents = &overlay->unsaved[i];
        if (!ul_overlay_get(overlay, contents->file)->is_new || !is_plain(contents->file))
            continue;
        int descriptor = memory_file(contents->bytes, contents->length);
        status = descriptor < 0 ? UL_ERR_IO : UL_OK;
        const char *slash = strrchr(contents->file, '/');
        ul_strbuf_printf(&yaml, "%s\n{\"type\": \"directory\", \"name\": ", put++ ? "," : "");
        put_quoted(&yaml, slash == contents->file ? "/" : ul_arena_strndup(overlay->arena, contents->file, (size_t)(slash - contents->file)));
        ul_strbuf_puts(&yaml, ", \"contents\": [{\"type\": \"file\", \"name\": ");
        put_quoted(&yaml, slash + 1);
        ul_strbuf_printf(&yaml, ", \"external-contents\": \"/proc/self/fd/%d\"}]}", descriptor);
    }
    ul_strbuf_puts(&yaml, "]}\n");
    int descriptor = status == UL_OK && !yaml.has_failed ? memory_file(yaml.data, yaml.length) : -1;
    ul_strbuf_free(&yaml);
    if (descriptor < 0)
        return UL_ERR_IO;
    overlay->vfs = ul_arena_printf(overlay->arena, "/proc/self/fd/%d", descriptor);
    return UL_OK;
}
