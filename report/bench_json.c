#include "report/bench.h"
#include "report/json_item.h"
#include "report/labels.h"

static void add_layouts(cJSON *to, const ul_bench *bench, const char *const *labels, ul_arena *arena)
{
    cJSON *list = cJSON_AddArrayToObject(to, "layouts");
    uint64_t line = bench->target->line_bytes;
    for (uint32_t i = 0; i < bench->layout_count; i++) {
        const ul_bench_layout *layout = &bench->layouts[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", layout->name);
        cJSON_AddStringToObject(item, "what", layout->text);
        ul_json_count(item, "size_bytes", layout->record->size_bytes);
        ul_json_count(item, "align_bytes", layout->record->align_bytes);
        ul_json_count(item, "lines", (layout->record->size_bytes + line - 1) / line);
        cJSON *fields = cJSON_AddArrayToObject(item, "fields");
        for (uint32_t k = 0; k < bench->record->field_count; k++) {
            cJSON *field = cJSON_CreateObject();
            ul_json_text(field, "name", labels[k], arena);
            ul_json_count(field, "offset_bits", layout->offset_bits[k]);
            cJSON_AddItemToArray(fields, field);
        }
        cJSON_AddItemToArray(list, item);
    }
}

static void add_scan(cJSON *to, const ul_bench *bench, const char *const *labels, ul_arena *arena)
{
    cJSON *scan = cJSON_AddObjectToObject(to, "scan");
    cJSON *fields = cJSON_AddArrayToObject(scan, "fields");
    for (uint32_t i = 0; i < bench->scanned_count; i++) {
        cJSON *holder = cJSON_CreateObject();
        ul_json_text(holder, "name", labels[bench->scanned[i]], arena);
        cJSON_AddItemToArray(fields, cJSON_DetachItemFromObject(holder, "name"));
        cJSON_Delete(holder);
    }
    cJSON_AddStringToObject(scan, "because", ul_bench_reason_name(bench->scanned_by));
}

static void add_threads(cJSON *to, const ul_bench *bench, const char *const *labels, ul_arena *arena)
{
    if (!bench->has_sides) {
        cJSON_AddNullToObject(to, "threads");
        return;
    }
    cJSON *threads = cJSON_AddObjectToObject(to, "threads");
    cJSON_AddStringToObject(threads, "because", ul_bench_reason_name(bench->sides_by));
    ul_json_text(threads, "rule", bench->finding, arena);
    cJSON *sides = cJSON_AddArrayToObject(threads, "sides");
    for (uint32_t i = 0; i < UL_BENCH_SIDES; i++) {
        const ul_bench_side *side = &bench->sides[i];
        cJSON *item = cJSON_CreateObject();
        ul_json_text(item, "field", labels[side->field], arena);
        ul_json_count(item, "object", side->object);
        cJSON_AddStringToObject(item, "access", ul_access_kind_name(side->kind));
        ul_json_text(item, "place", *side->place ? side->place : NULL, arena);
        cJSON_AddItemToArray(sides, item);
    }
}

static void add_machine(cJSON *to, const ul_bench_result *result, ul_arena *arena)
{
    cJSON *machine = cJSON_AddObjectToObject(to, "machine");
    ul_json_text(machine, "cpu", *result->cpu ? result->cpu : NULL, arena);
    ul_json_count(machine, "processors", result->processors);
    ul_json_count(machine, "l1_bytes", result->l1_bytes);
    ul_json_count(machine, "l2_bytes", result->l2_bytes);
    ul_json_count(machine, "l3_bytes", result->l3_bytes);
    cJSON_AddBoolToObject(machine, "threads_share_core", result->are_siblings);
    cJSON_AddBoolToObject(machine, "threads_pinned", result->is_pinned);
    cJSON_AddBoolToObject(machine, "virtual", result->is_virtual);
    cJSON_AddBoolToObject(machine, "switches_counted", result->has_filter);
}

static void add_figure(cJSON *list, const ul_bench_layout *layout, const ul_bench_figure *figure, bool is_first)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "layout", layout->name);
    ul_json_count(item, "runs", figure->count);
    ul_json_count(item, "discarded", figure->discarded);
    if (figure->count) {
        cJSON_AddNumberToObject(item, "median_ns", figure->spread.median);
        cJSON_AddNumberToObject(item, "low_ns", figure->spread.low);
        cJSON_AddNumberToObject(item, "high_ns", figure->spread.high);
    }
    if (!is_first) {
        cJSON_AddStringToObject(item, "verdict", ul_verdict_name(figure->comparison.verdict));
        if (figure->comparison.verdict != UL_VERDICT_TOO_FEW) {
            cJSON_AddNumberToObject(item, "ratio", figure->comparison.ratio);
            cJSON_AddNumberToObject(item, "ratio_low", figure->comparison.low);
            cJSON_AddNumberToObject(item, "ratio_high", figure->comparison.high);
        }
    }
    cJSON_AddItemToArray(list, item);
}

static void add_cases(cJSON *to, const ul_bench *bench, const ul_bench_result *result)
{
    cJSON *list = cJSON_AddArrayToObject(to, "cases");
    for (uint32_t i = 0; i < result->case_count; i++) {
        const ul_bench_case *at = &result->cases[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "kind", ul_bench_kind_name(at->kind));
        if (at->kind == UL_BENCH_THREADS) {
            ul_json_count(item, "spacing_ns", at->spacing_ns);
        } else {
            cJSON_AddStringToObject(item, "level", at->level);
            ul_json_count(item, "objects", at->objects);
        }
        cJSON *figures = cJSON_AddArrayToObject(item, "figures");
        for (uint32_t k = 0; k < bench->layout_count; k++)
            add_figure(figures, &bench->layouts[k], &at->figures[k], k == 0);
        cJSON_AddItemToArray(list, item);
    }
}

ul_status ul_bench_render_json(ul_strbuf *out, const ul_bench *bench, const ul_bench_result *result, const ul_report *report, ul_arena *arena)
{
    cJSON *root = cJSON_CreateObject();
    const char *const *labels = ul_labels_of(bench->record, arena);
    cJSON_AddStringToObject(root, "schema", "ullage.bench/1");
    cJSON *tool = cJSON_AddObjectToObject(root, "tool");
    cJSON_AddStringToObject(tool, "name", "ullage");
    ul_json_text(tool, "version", report->version, arena);
    ul_json_text(tool, "libclang", report->libclang_version, arena);
    ul_json_text(root, "record", bench->record->name, arena);
    ul_json_path(root, "file", bench->record->file, report, arena);
    ul_json_count(root, "line", bench->record->line);
    ul_json_text(root, "target", bench->target->triple, arena);
    ul_json_count(root, "line_bytes", bench->target->line_bytes);
    add_layouts(root, bench, labels, arena);
    add_scan(root, bench, labels, arena);
    add_threads(root, bench, labels, arena);
    add_machine(root, result, arena);
    add_cases(root, bench, result);
    cJSON *summary = cJSON_AddObjectToObject(root, "summary");
    ul_json_count(summary, "processes", result->process_count);
    ul_json_count(summary, "runs", result->run_count);
    ul_json_count(summary, "discarded", result->discarded_count);
    ul_json_count(summary, "comparisons", result->figure_count);
    ul_json_count(summary, "cannot_tell", result->unclear_count);
    ul_json_write(out, "", root);
    ul_strbuf_putc(out, '\n');
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}
