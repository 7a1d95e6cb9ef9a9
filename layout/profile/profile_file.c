#include "layout/profile/maker.h"
#include "layout/profile/report_columns.h"

/* "PERFILE2": what perf record writes. */
static bool is_recording(ul_str text)
{
    return ul_str_starts_with(text, UL_STR("PERFILE")) || ul_str_starts_with(text, UL_STR("2ELIFREP"));
}

static bool is_blank(ul_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!memchr(" \t\r\n", text.data[i], 4))
            return false;
    }
    return true;
}

static bool begins_with_brace(ul_str text)
{
    size_t at = 0;
    while (at < text.length && memchr(" \t\r\n", text.data[at], 4))
        at++;
    return at < text.length && (text.data[at] == '{' || text.data[at] == '[');
}

/* Rows with a place in a type, or the name of such a column. */
static bool is_report(ul_maker *maker)
{
    char separator;
    ul_row row;
    ul_place place;
    ul_str line;
    if (ul_str_has(maker->text, "Data Type", NULL))
        return true;
    if (!ul_columns_separator(&separator, maker))
        return false;
    bool has_place = false;
    while (!has_place && ul_maker_next(maker, &line)) {
        ul_row_cut(&row, line, separator);
        for (uint32_t i = 0; i < row.count; i++)
            has_place |= (ul_place_parse(&place, row.cells[i]) >= UL_PLACE_WHOLE && place.type.length) || ul_str_is_equal(row.cells[i], UL_STR("(unknown)"));
    }
    ul_maker_rewind(maker);
    return has_place;
}

#define KNOWN "perf report -s type,typeoff, perf annotate --data-type, perf c2c report --stdio, a net_cachelines table or ullage.profile/1"

static ul_status import(ul_maker *maker)
{
    ul_str text = maker->text;
    if (is_blank(text))
        return ul_maker_refuse(maker, 0, "the profile is empty");
    if (is_recording(text))
        return ul_maker_refuse(maker, 0, "this is the recording itself: print it with `perf annotate --data-type --stdio -i FILE` or `perf report --stdio -s pid,type,typeoff,sym -F overhead,sample,pid,type,typeoff,sym -t, -i FILE`");
    if (begins_with_brace(text))
        return ul_import_json(maker);
    if (ul_str_has(text, "Annotate type: '", NULL))
        return ul_import_annotate(maker);
    if (ul_str_has(text, "Shared Cache Line Distribution Pareto", NULL) || ul_str_has(text, "Shared Data Cache Line Table", NULL) ||
        ul_str_has(text, "Trace Event Information", NULL))
        return ul_import_c2c(maker);
    if (ul_str_has(text, "fastpath_tx_access", NULL))
        return ul_import_net_cachelines(maker);
    if (ul_str_has(text, "Source code & Disassembly", NULL))
        return ul_maker_refuse(maker, 0, "this is annotated code, in which types are remarks: `perf annotate --data-type --stdio` lists fields");
    if (is_report(maker))
        return ul_import_report(maker);
    return ul_maker_refuse(maker, 0, "no profile of a known kind: " KNOWN);
}

ul_status ul_profile_read(ul_profile **out, const char *file, const char *bytes, uint64_t length, ul_diags *diags, ul_arena *arena)
{
    ul_maker maker;
    if (length > UINT32_MAX) {
        ul_diags_add(diags, UL_LEVEL_ERROR, file, 0, 0, "the profile is larger than 4 GB");
        return UL_ERR_INPUT;
    }
    ul_maker_init(&maker, file, bytes, length, diags, arena);
    *out = maker.profile;
    ul_status status = import(&maker);
    if (status == UL_OK && maker.text.data[maker.text.length - 1] != '\n' && maker.profile->meta.source != UL_PROFILE_JSON)
        ul_maker_warn(&maker, maker.line, "the last line has no end: the file may be broken off there");
    return status;
}
