#include "report/html_treemap.h"

#include <stdlib.h>
#include <string.h>

#include "report/html_text.h"
#include "report/paths.h"

typedef unsigned long long ull;

/* Units of the drawing, and how much of it is drawn apart: the smallest areas become one. */
enum { WIDTH = 960, HEAD = 18, FOLDERS_MAX = 16, FILES_MAX = 60, GLYPH_TENTHS = 66 };

/* A header, a directory, or what is left of either. */
typedef struct area {
    const char *name, *path; /* path: of a header, below the root; NULL for a rest */
    uint64_t lost_bytes, gained_bytes;
    uint32_t first, count; /* header: its first entry, records that lose; directory: its headers among all */
} area;

typedef struct box {
    double x, y, width, height;
} box;

uint64_t ul_html_lost_bytes(const ul_entry *entry)
{
    return entry->facts.hole_bytes + entry->facts.tail_padding_bytes + entry->facts.bit_hole_bits / 8;
}

uint64_t ul_html_gained_bytes(const ul_entry *entry)
{
    const ul_plan *plan = entry->plan;
    return plan && plan->moved_count && plan->saved_bytes > plan->embedded_saved_bytes ? plan->saved_bytes - plan->embedded_saved_bytes : 0;
}

static int by_lost_bytes(const void *left, const void *right)
{
    const area *a = left, *b = right;
    if (a->lost_bytes != b->lost_bytes)
        return a->lost_bytes > b->lost_bytes ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Entries are sorted by file: one area for each file that loses something. */
static area *read_files(const ul_report *report, uint32_t *count, ul_arena *arena)
{
    area *files = UL_NEW_ARRAY(arena, area, report->entry_count + 1u);
    *count = 0;
    for (uint32_t i = 0, end; i < report->entry_count; i = end) {
        const char *file = report->entries[i].record->file;
        const char *path = ul_path_shown(report, file), *slash = strrchr(path, '/');
        area sum = {.name = slash ? slash + 1 : path, .path = path, .first = i};
        for (end = i; end < report->entry_count && strcmp(report->entries[end].record->file, file) == 0; end++) {
            sum.lost_bytes += ul_html_lost_bytes(&report->entries[end]);
            sum.gained_bytes += ul_html_gained_bytes(&report->entries[end]);
            sum.count += ul_html_lost_bytes(&report->entries[end]) > 0;
        }
        if (sum.lost_bytes)
            files[(*count)++] = sum;
    }
    return files;
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

static int by_folder(const void *left, const void *right)
{
    const area *a = left, *b = right;
    size_t a_length = folder_length(a->path), b_length = folder_length(b->path);
    int order = strncmp(a->path, b->path, a_length < b_length ? a_length : b_length);
    if (order == 0 && a_length != b_length)
        order = a_length < b_length ? -1 : 1;
    return order ? order : by_lost_bytes(left, right);
}

static area *read_folders(const area *files, uint32_t file_count, uint32_t *count, ul_arena *arena)
{
    area *folders = UL_NEW_ARRAY(arena, area, file_count + 1u);
    *count = 0;
    for (uint32_t i = 0, end; i < file_count; i = end) {
        size_t length = folder_length(files[i].path);
        area sum = {.name = length ? ul_arena_strndup(arena, files[i].path, length) : files[i].path[0] == '/' ? "/" : ".", .first = i};
        for (end = i; end < file_count && folder_length(files[end].path) == length && strncmp(files[end].path, files[i].path, length) == 0; end++) {
            sum.lost_bytes += files[end].lost_bytes;
            sum.gained_bytes += files[end].gained_bytes;
            sum.count++;
        }
        folders[(*count)++] = sum;
    }
    qsort(folders, *count, sizeof *folders, by_lost_bytes);
    return folders;
}

/* Makes one area of all from `most` on, so that `most` + 1 are left; they are sorted. */
static uint32_t gather(area *areas, uint32_t count, uint32_t most, const char *noun, ul_arena *arena)
{
    if (count <= most + 1)
        return count;
    area rest = {.name = ul_arena_printf(arena, "%u more %s", count - most, noun)};
    for (uint32_t i = most; i < count; i++) {
        rest.lost_bytes += areas[i].lost_bytes;
        rest.gained_bytes += areas[i].gained_bytes;
    }
    areas[most] = rest;
    qsort(areas, most + 1, sizeof *areas, by_lost_bytes);
    return most + 1;
}

/* The worst ratio of sides when areas of `sum` in all, `least` to `most`, share a strip along `side`. */
static double worst_ratio(double sum, double least, double most, double side)
{
    double a = side * side * most / (sum * sum), b = sum * sum / (side * side * least);
    return a > b ? a : b;
}

/*
 * Squarified treemap (Bruls, Huizing, van Wijk 2000): areas, largest first, are taken into a strip along the shorter side as
 * long as that makes the worst of them squarer; what is left is filled in the same way.
 */
static void lay_out(box *boxes, const area *areas, uint32_t count, box room)
{
    double total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += (double)areas[i].lost_bytes;
    double scale = total > 0 ? room.width * room.height / total : 0;
    for (uint32_t first = 0, end; first < count; first = end) {
        double side = room.width < room.height ? room.width : room.height, sum = (double)areas[first].lost_bytes * scale, most = sum;
        for (end = first + 1; end < count; end++) {
            double next = (double)areas[end].lost_bytes * scale, last = (double)areas[end - 1].lost_bytes * scale;
            if (worst_ratio(sum + next, next, most, side) > worst_ratio(sum, last, most, side))
                break;
            sum += next;
        }
        double depth = side > 0 ? sum / side : 0, at = 0;
        bool is_column = room.width >= room.height;
        for (uint32_t i = first; i < end; i++) {
            double part = depth > 0 ? (double)areas[i].lost_bytes * scale / depth : 0;
            boxes[i] = is_column ? (box){room.x, room.y + at, depth, part} : (box){room.x + at, room.y, part, depth};
            at += part;
        }
        room = is_column ? (box){room.x + depth, room.y, room.width - depth, room.height} : (box){room.x, room.y + depth, room.width, room.height - depth};
    }
}

/* `text` cut to `width`; nothing when not even four characters fit. */
static void add_text(ul_strbuf *out, const char *style, const char *text, double x, double y, double width)
{
    size_t room = width > 12 ? (size_t)((width - 12) * 10 / GLYPH_TENTHS) : 0, length = strlen(text), kept = length;
    if (room < 4)
        return;
    if (length > room) {
        for (kept = room - 1; kept && ((unsigned char)text[kept] & 0xC0) == 0x80;)
            kept--;
    }
    ul_strbuf_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", style, x + 6, y);
    ul_html_add(out, text, kept);
    ul_strbuf_puts(out, kept < length ? "…</text>" : "</text>");
}

static const char *words_of(const area *file, ul_arena *arena)
{
    const char *lost = ul_arena_printf(arena, "%llu bytes lost", (ull)file->lost_bytes);
    if (file->count)
        lost = ul_arena_printf(arena, "%s in %u record%s", lost, file->count, file->count == 1 ? "" : "s");
    return file->gained_bytes ? ul_arena_printf(arena, "%s; another order gives back %llu", lost, (ull)file->gained_bytes) : lost;
}

/* A header: its area, from below the part that an order gives back, its name and bytes. Too small for a name: no stop for the tab key. */
static void draw_file(ul_strbuf *out, const area *file, box b, ul_arena *arena)
{
    const char *words = words_of(file, arena), *name = file->path ? file->path : file->name;
    bool has_name = b.height > 18 && b.width > 40;
    double gained = b.height * (double)file->gained_bytes / (double)file->lost_bytes;
    gained = gained > b.height ? b.height : gained;
    if (file->path) {
        ul_strbuf_printf(out, "<a href=\"#r%u\" data-file=\"", file->first);
        ul_html_text(out, file->path);
        ul_strbuf_puts(out, "\" aria-label=\"");
        ul_html_text(out, name);
        ul_strbuf_printf(out, ": %s\"%s>", words, has_name ? "" : " tabindex=\"-1\"");
    } else {
        ul_strbuf_puts(out, "<g>");
    }
    ul_strbuf_puts(out, "<title>");
    ul_html_text(out, name);
    ul_strbuf_printf(out, ": %s</title><rect class=\"lost\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", words, b.x, b.y, b.width, b.height);
    if (gained > 0)
        ul_strbuf_printf(out, "<rect class=\"gain\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", b.x, b.y + b.height - gained, b.width, gained);
    if (has_name)
        add_text(out, "name", file->name, b.x, b.y + 14, b.width);
    if (has_name && b.height > 34)
        add_text(out, "bytes", ul_arena_printf(arena, "%llu B", (ull)file->lost_bytes), b.x, b.y + 29, b.width);
    ul_strbuf_puts(out, file->path ? "</a>" : "</g>");
}

static void draw_folder(ul_strbuf *out, const area *folder, area *files, box b, ul_arena *arena)
{
    box boxes[FILES_MAX + 1], inner = {b.x + 1, b.y + 1, b.width - 2, b.height - 2};
    bool has_head = b.height > 2 * HEAD + 8 && b.width > 70;
    ul_strbuf_printf(out, "<rect class=\"folder\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", b.x, b.y, b.width, b.height);
    if (has_head) {
        add_text(out, "head", folder->name, b.x, b.y + 13, b.width);
        inner.y += HEAD;
        inner.height -= HEAD;
    }
    if (inner.width <= 0 || inner.height <= 0)
        return;
    uint32_t count = gather(files, folder->count, FILES_MAX, "headers", arena);
    lay_out(boxes, files, count, inner);
    for (uint32_t i = 0; i < count; i++)
        draw_file(out, &files[i], boxes[i], arena);
}

void ul_html_treemap_draw(ul_strbuf *out, const ul_report *report, ul_arena *arena)
{
    uint32_t file_count, count;
    area *files = read_files(report, &file_count, arena);
    if (file_count == 0)
        return;
    qsort(files, file_count, sizeof *files, by_folder);
    area *folders = read_folders(files, file_count, &count, arena);
    count = gather(folders, count, FOLDERS_MAX, "directories", arena);
    uint32_t height = file_count <= 2 ? 96 : file_count <= 8 ? 180 : 300;
    box boxes[FOLDERS_MAX + 1];
    lay_out(boxes, folders, count, (box){0, 0, WIDTH, height});
    ul_strbuf_printf(out, "<div class=\"wide\"><svg class=\"tree\" role=\"group\" aria-label=\"Bytes lost by header\" viewBox=\"0 0 %d %u\">\n", WIDTH, height);
    for (uint32_t i = 0; i < count; i++) {
        if (folders[i].count)
            draw_folder(out, &folders[i], files + folders[i].first, boxes[i], arena);
        else
            draw_file(out, &folders[i], boxes[i], arena);
        ul_strbuf_putc(out, '\n');
    }
    ul_strbuf_puts(out, "</svg></div>\n");
}
