#include "layout/profile/report_columns.h"

/* Past the first percentage of a line. */
static bool after_percent(ul_str line, double *percent, size_t *at)
{
    if (!ul_str_has(line, "%", at) || *at > 16)
        return false;
    ++*at;
    return ul_parse_percent(percent, ul_str_slice(line, 0, *at));
}

bool ul_columns_separator(char *separator, const ul_maker *maker)
{
    ul_maker look = *maker;
    ul_str line;
    double percent;
    size_t at;
    ul_maker_rewind(&look);
    while (ul_maker_next(&look, &line)) {
        if (!after_percent(line, &percent, &at))
            continue;
        ul_str rest = ul_str_slice(line, at, line.length);
        if (ul_str_find(rest, '\t') != SIZE_MAX) {
            *separator = '\t';
            return true;
        }
        rest = ul_trim(rest);
        *separator = rest.length && memchr(",;|:!~^", rest.data[0], 7) ? rest.data[0] : 0;
        return true;
    }
    return false;
}

/* The next cell of a row whose columns stand two or more blanks apart. */
static bool cut_at_blanks(ul_str *rest, ul_str *cell)
{
    size_t end = 0;
    *rest = ul_trim(*rest);
    if (!rest->length)
        return false;
    while (end < rest->length && !(rest->data[end] == ' ' && end + 1 < rest->length && rest->data[end + 1] == ' '))
        end++;
    *cell = ul_str_slice(*rest, 0, end);
    *rest = ul_str_slice(*rest, end, rest->length);
    return true;
}

bool ul_row_cut(ul_row *row, ul_str line, char separator)
{
    size_t at;
    row->count = 0;
    if (!after_percent(line, &row->percent, &at))
        return false;
    ul_str rest = line, cell;
    while (row->count < UL_COLUMNS_MAX && (separator ? ul_str_cut(&rest, separator, &cell) : cut_at_blanks(&rest, &cell)))
        row->cells[row->count++] = ul_trim(cell);
    return true;
}

ul_place_kind ul_place_parse(ul_place *place, ul_str cell)
{
    size_t plus = SIZE_MAX;
    *place = (ul_place){0};
    for (size_t i = 0; i + 1 < cell.length; i++)
        plus = cell.data[i] == ' ' && cell.data[i + 1] == '+' ? i : plus;
    if (!cell.length || cell.data[0] == '(' || plus == 0)
        return UL_PLACE_NONE;
    if (plus == SIZE_MAX)
        return UL_PLACE_CUT;
    ul_str rest = ul_str_slice(cell, plus + 2, cell.length);
    ul_str number = ul_word_cut(&rest);
    rest = ul_trim(rest);
    place->type = ul_trim(ul_str_slice(cell, 0, plus));
    if (!ul_parse_count(&place->offset_bytes, number) || !ul_str_starts_with(rest, UL_STR("(")))
        return UL_PLACE_CUT;
    if (!ul_str_ends_with(rest, UL_STR(")")))
        return UL_PLACE_NAMELESS;
    place->path = ul_str_slice(rest, 1, rest.length - 1);
    if (ul_str_is_equal(place->path, UL_STR("no field")))
        place->path = ul_str_of(NULL, 0);
    size_t width = ul_str_find(place->path, ':'); /* of a bit-field */
    place->path = width == SIZE_MAX ? place->path : ul_str_slice(place->path, 0, width);
    return UL_PLACE_WHOLE;
}

static bool is_task(ul_str cell)
{
    size_t colon = ul_str_find(cell, ':');
    uint64_t number;
    return colon != SIZE_MAX && colon && ul_parse_count(&number, ul_str_slice(cell, 0, colon));
}

static bool is_symbol(ul_str cell)
{
    return cell.length > 3 && cell.data[0] == '[' && cell.data[2] == ']' && cell.data[3] == ' ';
}

/* Which cells are of a kind in every row that was looked at. */
typedef struct guesses {
    bool is_number[UL_COLUMNS_MAX], is_task[UL_COLUMNS_MAX], is_symbol[UL_COLUMNS_MAX];
    bool is_place[UL_COLUMNS_MAX]; /* in some row */
    double sums[UL_COLUMNS_MAX];
    uint32_t rows;
} guesses;

static void look_at(guesses *g, const ul_row *row)
{
    ul_place place;
    for (uint32_t i = 0; i < UL_COLUMNS_MAX; i++) {
        uint64_t number = 0;
        ul_str cell = i < row->count ? row->cells[i] : ul_str_of(NULL, 0);
        bool is_number = ul_parse_count(&number, cell);
        g->sums[i] += (double)number;
        g->is_number[i] = g->rows ? g->is_number[i] : is_number; /* so that one that is none elsewhere is seen to be broken */
        g->is_task[i] = (!g->rows || g->is_task[i]) && is_task(cell);
        g->is_symbol[i] = (!g->rows || g->is_symbol[i]) && is_symbol(cell);
        g->is_place[i] |= ul_place_parse(&place, cell) >= UL_PLACE_WHOLE && place.type.length;
    }
    g->rows++;
}

/* The names of the columns, where they are told: "# Overhead,  Period,  Samples, ...". */
static bool names_of(ul_row *names, ul_str line, char separator)
{
    if (!ul_str_starts_with(line, UL_STR("#")) || !ul_str_has(line, "Overhead", NULL))
        return false;
    ul_str rest = ul_str_slice(line, 1, line.length), cell;
    names->count = 0;
    while (names->count < UL_COLUMNS_MAX && (separator ? ul_str_cut(&rest, separator, &cell) : cut_at_blanks(&rest, &cell)))
        names->cells[names->count++] = ul_trim(cell);
    return true;
}

static uint32_t named(const ul_row *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (ul_str_is_equal(names->cells[i], ul_str_of_cstr(name)))
            return i;
    }
    return UINT32_MAX;
}

/* One number is a number of samples, unless it is called a period; of two the larger is the period. */
static void tell_numbers(ul_columns *columns, const guesses *g, const ul_row *names)
{
    uint32_t first = UINT32_MAX, second = UINT32_MAX;
    for (uint32_t i = 1; i < columns->count; i++) {
        if (!g->is_number[i])
            continue;
        second = first == UINT32_MAX ? second : second == UINT32_MAX ? i : second;
        first = first == UINT32_MAX ? i : first;
    }
    columns->at[UL_COLUMN_SAMPLES] = named(names, "Samples");
    columns->at[UL_COLUMN_PERIOD] = named(names, "Period");
    if (names->count || first == UINT32_MAX)
        return;
    bool is_turned = second != UINT32_MAX && g->sums[first] > g->sums[second];
    columns->at[UL_COLUMN_SAMPLES] = is_turned ? second : first;
    columns->at[UL_COLUMN_PERIOD] = is_turned ? first : second;
}

static void tell_words(ul_columns *columns, const guesses *g)
{
    for (uint32_t i = columns->count; i-- > 1;) {
        columns->at[UL_COLUMN_TASK] = g->is_task[i] ? i : columns->at[UL_COLUMN_TASK];
        columns->at[UL_COLUMN_SYMBOL] = g->is_symbol[i] ? i : columns->at[UL_COLUMN_SYMBOL];
        columns->at[UL_COLUMN_PLACE] = g->is_place[i] ? i : columns->at[UL_COLUMN_PLACE];
    }
}

ul_status ul_columns_find(ul_columns *columns, ul_maker *maker)
{
    guesses g = {0};
    ul_row row = {0}, names = {0};
    ul_str line;
    uint32_t first_row = 0;
    *columns = (ul_columns){0};
    for (int i = 0; i < UL_COLUMN_COUNT; i++)
        columns->at[i] = UINT32_MAX;
    if (ul_str_has(maker->text, "Data Type / ", NULL))
        return ul_maker_refuse(maker, 0, "every sample stands here once for each level: make it without --hierarchy");
    if (!ul_columns_separator(&columns->separator, maker))
        return ul_maker_refuse(maker, 0, "no row of numbers in this output of perf report: was anything recorded?");
    while (ul_maker_next(maker, &line)) {
        if (names.count == 0)
            names_of(&names, line, columns->separator);
        if (!ul_row_cut(&row, line, columns->separator))
            continue;
        if (!first_row)
            columns->count = row.count;
        first_row = first_row ? first_row : maker->line;
        look_at(&g, &row);
    }
    tell_numbers(columns, &g, &names);
    tell_words(columns, &g);
    if (columns->at[UL_COLUMN_PLACE] == UINT32_MAX)
        columns->at[UL_COLUMN_PLACE] = named(&names, "Data Type Offset");
    if (columns->at[UL_COLUMN_PLACE] == UINT32_MAX && !names.count && ul_str_has(maker->text, "(unknown)", NULL))
        return ul_maker_refuse(maker, first_row, "no sample has a type: the program needs debug information (-g), and perf must be able to read its DWARF");
    if (columns->at[UL_COLUMN_PLACE] == UINT32_MAX)
        return ul_maker_refuse(maker, first_row, "no column says which field a sample is of: perf report -s type,typeoff");
    ul_maker_rewind(maker);
    return UL_OK;
}
