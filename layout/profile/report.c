/*
 * perf report by type and place:
 *  1. find the columns (report_columns.h);
 *  2. a section for each event, "# Samples: 19K of event 'cpu-clock'": loads and stores are kept apart, of other events only the first
 *     one's rows count;
 *  3. each row is a field; with a task or a symbol beside it also a context.
 */
#include "layout/profile/report_columns.h"

typedef struct reading {
    ul_maker *maker;
    ul_columns columns;
    ul_str event;
    bool is_skipped;       /* the rows of another event */
    bool has_cut_names;
    uint32_t event_count;
    double told_samples;   /* "19K" of the header, all sections that count */
    double percent_sum, sample_sum, period_sum, typed_sum;
} reading;

/* "19K of event 'cpu-clock'", "870  of event ...". */
static double rounded_count(ul_str text)
{
    static const struct {
        char letter;
        double unit;
    } units[] = {{'K', 1e3}, {'M', 1e6}, {'G', 1e9}};
    double number = 0, unit = 1;
    ul_str word = ul_word_cut(&text);
    for (size_t i = 0; i < sizeof units / sizeof *units && word.length; i++) {
        if (word.data[word.length - 1] == units[i].letter) {
            unit = units[i].unit;
            word.length--;
            break;
        }
    }
    return ul_parse_number(&number, word) ? number * unit : 0;
}

static void read_event(reading *of, ul_str line)
{
    size_t at, quote;
    if (!ul_str_has(line, "of event", &at))
        return;
    ul_str rest = ul_str_slice(line, at, line.length);
    if (!ul_str_has(rest, "'", &quote))
        return;
    rest = ul_str_slice(rest, quote + 1, rest.length);
    size_t end = ul_str_find(rest, '\'');
    ul_str event = end == SIZE_MAX ? rest : ul_str_slice(rest, 0, end);
    bool is_first = of->event_count++ == 0;
    of->is_skipped = !is_first && (ul_direction_of(event) == UL_DIRECTION_NONE || ul_direction_of(of->event) == UL_DIRECTION_NONE);
    if (of->is_skipped) {
        ul_maker_warn(of->maker, of->maker->line, "samples of '%.*s' are not read: those of '%.*s' came first, and the two cannot be added up",
                      (int)event.length, event.data, (int)of->event.length, of->event.data);
        return;
    }
    of->event = event;
    ul_maker_set_event(of->maker, is_first ? event : ul_str_of_cstr(ul_arena_printf(of->maker->arena, "%s, %.*s", of->maker->profile->meta.event, (int)event.length, event.data)));
    size_t colon;
    if (ul_str_has(line, "Samples:", &colon))
        of->told_samples += rounded_count(ul_str_slice(line, colon + 8, line.length));
}

/* "# perf version : 6.12" of --header. */
static void read_version(reading *of, ul_str line)
{
    size_t at;
    if (ul_str_has(line, "perf version :", &at))
        of->maker->profile->meta.perf_version = ul_maker_text(of->maker, ul_trim(ul_str_slice(line, at + 14, line.length)));
}

static ul_str cell_of(const reading *of, const ul_row *row, ul_column column)
{
    uint32_t at = of->columns.at[column];
    return at < row->count ? row->cells[at] : ul_str_of(NULL, 0);
}

/* Samples of a row; its share of all where their number is not told. */
static bool samples_of(const reading *of, const ul_row *row, double *samples, double *period)
{
    uint64_t number;
    *samples = row->percent;
    *period = 0;
    if (of->columns.at[UL_COLUMN_PERIOD] != UINT32_MAX) {
        if (!ul_parse_count(&number, cell_of(of, row, UL_COLUMN_PERIOD)))
            return false;
        *period = (double)number;
    }
    if (of->columns.at[UL_COLUMN_SAMPLES] != UINT32_MAX) {
        if (!ul_parse_count(&number, cell_of(of, row, UL_COLUMN_SAMPLES)))
            return false;
        *samples = (double)number;
    }
    return true;
}

static ul_status add_row(reading *of, const ul_row *row, double samples)
{
    ul_maker *maker = of->maker;
    ul_place place;
    ul_direction direction = ul_direction_of(of->event);
    ul_str task = cell_of(of, row, UL_COLUMN_TASK), symbol = cell_of(of, row, UL_COLUMN_SYMBOL);
    if (task.length) {
        uint32_t thread = ul_maker_thread(maker, task);
        maker->profile->threads[thread].samples += samples;
    }
    ul_str cell = cell_of(of, row, UL_COLUMN_PLACE);
    ul_place_kind kind = ul_place_parse(&place, cell);
    if (kind == UL_PLACE_CUT)
        return ul_maker_refuse(maker, maker->line, "`%s` is cut off: perf does that to its last column; sort another one behind it, -s type,typeoff,sym", ul_maker_text(maker, cell));
    if (kind == UL_PLACE_NAMELESS && !of->has_cut_names)
        ul_maker_warn(maker, maker->line, "the name in `%s` is cut off: perf does that to its last column; sort another one behind it, -s type,typeoff,sym", ul_maker_text(maker, cell));
    of->has_cut_names |= kind == UL_PLACE_NAMELESS;
    if (kind == UL_PLACE_NONE)
        return UL_OK;
    of->typed_sum += samples;
    uint32_t type = ul_maker_type(maker, place.type, 0);
    uint32_t field = ul_maker_field(maker, type, place.path, place.offset_bytes, 0);
    ul_counts_sample(&maker->profile->types[type].fields[field].counts, samples, direction);
    ul_counts_sample(&maker->profile->types[type].counts, samples, direction);
    if (!task.length && !symbol.length)
        return UL_OK;
    uint32_t context = ul_maker_context(maker, type, symbol.length > 4 ? ul_str_slice(symbol, 4, symbol.length) : symbol, task);
    ul_counts_sample(ul_maker_use(maker, type, context, field), samples, direction);
    return UL_OK;
}

static ul_status read_row(reading *of, ul_str line)
{
    ul_row row;
    double samples, period;
    if (!ul_row_cut(&row, line, of->columns.separator))
        return ul_maker_refuse(of->maker, of->maker->line, "not a row of perf report: it begins with no percentage");
    bool is_short = row.count < of->columns.count && (of->columns.separator || row.count <= of->columns.at[UL_COLUMN_PLACE]);
    if (is_short || !samples_of(of, &row, &samples, &period))
        return ul_maker_refuse(of->maker, of->maker->line, "the row is broken off: %u of %u columns", row.count, of->columns.count);
    if (of->is_skipped)
        return UL_OK;
    of->percent_sum += row.percent;
    of->sample_sum += samples;
    of->period_sum += period;
    return add_row(of, &row, samples);
}

static void finish(reading *of)
{
    ul_profile_meta *meta = &of->maker->profile->meta;
    bool has_counts = of->columns.at[UL_COLUMN_SAMPLES] != UINT32_MAX;
    if (!of->event_count)
        ul_maker_set_event(of->maker, ul_str_of(NULL, 0));
    meta->source = UL_PROFILE_PERF_REPORT;
    meta->is_share = !has_counts;
    meta->samples = has_counts ? of->sample_sum : of->percent_sum > 100 ? of->percent_sum : 100;
    meta->typed_samples = of->typed_sum;
    meta->biases |= 1u << UL_BIAS_SHARED_BYTES;
    if (has_counts && of->sample_sum > 0)
        meta->period = of->period_sum / of->sample_sum;
    else if (of->told_samples > 0 && of->period_sum > 0)
        meta->period = of->period_sum / of->told_samples;
    ul_maker_count_contexts(of->maker);
}

ul_status ul_import_report(ul_maker *maker)
{
    reading of = {.maker = maker};
    ul_str line;
    ul_status status = ul_columns_find(&of.columns, maker);
    while (status == UL_OK && ul_maker_next(maker, &line)) {
        ul_str text = ul_trim(line);
        if (ul_str_starts_with(text, UL_STR("#"))) {
            read_event(&of, text);
            read_version(&of, text);
        } else if (text.length) {
            status = read_row(&of, line);
        }
    }
    if (status == UL_OK)
        finish(&of);
    return status;
}
