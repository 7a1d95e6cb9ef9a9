/*
 * The kernel's tables of fast-path use: Type, Name, fastpath_tx_access, fastpath_rx_access, Comments. From 6.13 on they are ruled ("====  ====":
 * columns begin where the rule says); before, they are words with blanks between and '-' for nothing, under a first row that names the
 * struct. They say which of two paths reads or writes a field, not how often.
 */
#include "layout/profile/maker.h"

enum { COLUMNS = 4, ROLES = 2 };

typedef struct reading {
    ul_maker *maker;
    ul_str title;             /* "tcp_sock" of "tcp_sock struct fast path usage breakdown" */
    size_t begin[COLUMNS + 1];/* of each column */
    uint32_t type;
    uint32_t head_line;       /* of the column names, 0 before */
    uint32_t row_count;
    uint32_t rule_count;      /* above the names, below them, at the end; none in the older form */
    bool is_enum;
} reading;

static const char *const roles[ROLES] = {"tx", "rx"};

static bool is_rule(ul_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] != '=' && text.data[i] != ' ')
            return false;
    }
    return text.length > 0;
}

/* Where the columns begin, as a rule over all of them has it; a rule under a title has one part. */
static void read_rule(reading *of, ul_str line)
{
    size_t begin[COLUMNS + 1];
    uint32_t count = 0;
    for (size_t i = 0; i < line.length && count <= COLUMNS; i++) {
        if (line.data[i] == '=' && (i == 0 || line.data[i - 1] != '='))
            begin[count++] = i;
    }
    if (count <= COLUMNS)
        return;
    if (!of->rule_count++)
        memcpy(of->begin, begin, sizeof begin);
}

/* The older form: the columns begin where their names do. */
static void read_names(reading *of, ul_str line)
{
    ul_str rest = line;
    of->head_line = of->maker->line;
    for (uint32_t i = 0; i <= COLUMNS && !of->rule_count; i++) {
        ul_str word = ul_word_cut(&rest);
        of->begin[i] = word.length ? (size_t)(word.data - line.data) : line.length;
    }
}

static void read_title(reading *of, ul_str text)
{
    size_t at;
    of->is_enum |= ul_str_has(text, " enum ", NULL);
    if (!of->head_line && ul_str_has(text, " struct ", &at) && at)
        of->title = ul_str_slice(text, 0, at);
}

/* The last part of the file's name without its ending: some titles are copied from another table. */
static const char *stem_of(const ul_maker *maker)
{
    const char *name = strrchr(maker->file, '/');
    name = name ? name + 1 : maker->file;
    return ul_arena_strndup(maker->arena, name, strcspn(name, "."));
}

static ul_status begin_type(reading *of, ul_str name)
{
    ul_maker *maker = of->maker;
    const char *stem = stem_of(maker);
    ul_str given = name.length ? name : of->title.length ? of->title : ul_str_of_cstr(stem);
    if (of->is_enum)
        return ul_maker_refuse(maker, of->head_line, "this table is about an enum: it has no layout");
    of->type = ul_maker_type(maker, ul_str_of_cstr(ul_arena_printf(maker->arena, "struct %.*s", (int)given.length, given.data)), 0);
    maker->profile->types[of->type].alias = ul_arena_printf(maker->arena, "struct %s", ul_maker_text(maker, ul_str_of_cstr(stem)));
    return UL_OK;
}

static bool access_of(ul_str word, bool *reads, bool *writes)
{
    static const struct {
        const char *word;
        bool reads, writes;
    } words[] = {{"", false, false}, {"-", false, false}, {"read_mostly", true, false}, {"read_write", true, true}, {"write_mostly", false, true}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (ul_str_is_equal(word, ul_str_of_cstr(words[i].word))) {
            *reads = words[i].reads;
            *writes = words[i].writes;
            return true;
        }
    }
    return false;
}

/* Type, name and the two accesses of a row; an access that is none is left empty. */
static void cut_row(const reading *of, ul_str line, ul_str cells[COLUMNS])
{
    bool reads, writes, fits = true;
    for (uint32_t i = 0; i < COLUMNS; i++)
        cells[i] = ul_trim(ul_str_slice(line, of->begin[i], of->begin[i + 1]));
    for (uint32_t i = 0; i < ROLES; i++)
        fits &= access_of(cells[COLUMNS - ROLES + i], &reads, &writes);
    if (fits || of->rule_count)
        return;
    ul_str rest = line; /* a row that does not keep to the columns: words, of which the last are a comment */
    for (uint32_t i = 0; i < COLUMNS; i++)
        cells[i] = ul_word_cut(&rest);
}

static ul_status read_row(reading *of, ul_str line)
{
    ul_maker *maker = of->maker;
    ul_str cells[COLUMNS];
    cut_row(of, line, cells);
    if (ul_str_starts_with(cells[1], UL_STR("..")))
        return begin_type(of, ul_str_slice(cells[1], 2, cells[1].length));
    if (!maker->profile->type_count && begin_type(of, ul_str_of(NULL, 0)) != UL_OK)
        return UL_ERR_INPUT;
    if (!cells[0].length || !cells[1].length)
        return ul_maker_refuse(maker, maker->line, "broken off: a row has a type and a name");
    of->row_count++;
    uint32_t field = ul_maker_field(maker, of->type, cells[1], UL_NO_OFFSET, 0);
    for (uint32_t i = 0; i < ROLES; i++) {
        bool reads, writes;
        if (!access_of(cells[2 + i], &reads, &writes))
            return ul_maker_refuse(maker, maker->line, "'%s' is no access: read_mostly, read_write, write_mostly or nothing", ul_maker_text(maker, cells[2 + i]));
        if (!reads && !writes)
            continue;
        uint32_t context = ul_maker_context(maker, of->type, ul_str_of(NULL, 0), ul_str_of_cstr(roles[i]));
        maker->profile->types[of->type].contexts[context].is_role = true;
        maker->profile->types[of->type].contexts[context].count = 1;
        ul_profile_counts *use = ul_maker_use(maker, of->type, context, field);
        use->loads = reads;
        use->stores = writes;
    }
    return UL_OK;
}

static ul_status read_line(reading *of, ul_str line)
{
    enum { ABOVE = 1, BELOW, END };
    ul_str text = ul_trim(line);
    if (!text.length || of->rule_count == END)
        return UL_OK;
    if (is_rule(text))
        read_rule(of, line);
    else if (!of->head_line && ul_str_has(text, "fastpath_tx_access", NULL))
        read_names(of, line);
    else if (!of->head_line)
        read_title(of, text);
    else if (of->rule_count != ABOVE)
        return read_row(of, line);
    return UL_OK;
}

ul_status ul_import_net_cachelines(ul_maker *maker)
{
    enum { ALL_RULES = 3 };
    reading of = {.maker = maker};
    ul_str line;
    ul_status status = UL_OK;
    while (status == UL_OK && ul_maker_next(maker, &line))
        status = read_line(&of, line);
    if (status != UL_OK)
        return status;
    if (of.rule_count && of.rule_count < ALL_RULES)
        return ul_maker_refuse(maker, maker->line, "the table is broken off: the rule at its end is missing");
    if (!of.row_count)
        return ul_maker_refuse(maker, of.head_line, "the table has no row");
    maker->profile->meta.source = UL_PROFILE_NET_CACHELINES;
    maker->profile->meta.biases = 1u << UL_BIAS_BY_HAND;
    return UL_OK;
}
