/*
 * perf c2c report --stdio: of the last table, "Shared Cache Line Distribution Pareto", a block for each contended line. Which columns there are
 * differs between versions, machines and options, so that
 *  1. the names above the dots say which percentages, and which cycles, a row has; without them their number does;
 *  2. a row is cut by what its parts look like: percentages, an offset, numbers, an address, numbers, a symbol, its object, a line;
 *  3. a percentage is of the total that the head of its block has.
 */
#include "layout/profile/maker.h"

enum { PARTS_MAX = 8, WORDS_MAX = 12 };

/* What a percentage, or a mean of cycles, is of. */
typedef enum part { PART_OTHER, PART_REMOTE, PART_LOCAL, PART_PEER, PART_STORE, PART_LOAD } part;

typedef struct reading {
    ul_maker *maker;
    part shares[PARTS_MAX], cycles[PARTS_MAX];
    uint32_t share_count, cycle_count; /* 0: no names were told */
    bool has_pid, has_tid;
    bool in_table;
    ul_profile_line *line;   /* of the block; NULL before the first */
    double totals[PARTS_MAX];
    double accesses;         /* records of all rows */
} reading;

static const struct {
    const char *name;
    part part;
} share_names[] = {{"RmtHitm", PART_REMOTE}, {"LclHitm", PART_LOCAL}, {"Rmt", PART_REMOTE}, {"Lcl", PART_LOCAL}, {"Peer", PART_PEER}, {"L1 Hit", PART_STORE},
                   {"L1 Miss", PART_STORE}, {"L1hit", PART_STORE}, {"L1miss", PART_STORE}, {"N/A", PART_STORE}, {"Any Lvl", PART_STORE}},
  cycle_names[] = {{"rmt hitm", PART_REMOTE}, {"lcl hitm", PART_LOCAL}, {"load", PART_LOAD}, {"peer", PART_PEER}, {"rmt peer", PART_PEER}, {"lcl peer", PART_PEER}};

static part part_named(ul_str name, bool is_share)
{
    size_t count = is_share ? sizeof share_names / sizeof *share_names : sizeof cycle_names / sizeof *cycle_names;
    for (size_t i = 0; i < count; i++) {
        if (ul_str_is_equal(name, ul_str_of_cstr(is_share ? share_names[i].name : cycle_names[i].name)))
            return is_share ? share_names[i].part : cycle_names[i].part;
    }
    return PART_OTHER;
}

/* The names stand over runs of dots: those before "Offset" are shares, those from "Code address" to "records" cycles. */
static void read_names(reading *of, ul_str names, ul_str dots)
{
    bool is_share = true, is_cycles = false;
    of->share_count = of->cycle_count = 0;
    for (size_t begin = 0, end; begin < dots.length; begin = end) {
        end = begin + 1;
        if (dots.data[begin] != '.')
            continue;
        while (end < dots.length && dots.data[end] == '.')
            end++;
        ul_str name = ul_trim(ul_str_slice(names, begin, end));
        if (ul_str_is_equal(name, UL_STR("Num")) || ul_str_is_equal(name, UL_STR("Index")))
            continue;
        if (ul_str_is_equal(name, UL_STR("Offset")))
            is_share = false;
        of->has_pid |= !is_share && ul_str_is_equal(name, UL_STR("Pid"));
        of->has_tid |= !is_share && ul_str_starts_with(name, UL_STR("Tid"));
        if (ul_str_is_equal(name, UL_STR("records")) || ul_str_is_equal(name, UL_STR("cnt")))
            is_cycles = false;
        if (is_share && of->share_count < PARTS_MAX)
            of->shares[of->share_count++] = part_named(name, true);
        if (is_cycles && of->cycle_count < PARTS_MAX)
            of->cycles[of->cycle_count++] = part_named(name, false);
        if (ul_str_is_equal(name, UL_STR("Code address")))
            is_cycles = true;
    }
}

/* As versions without other columns have them: 4 percentages to 5.18, 5 since, 6 with what a peer had; 3 means of cycles, or 4 with a peer's. */
static void assume_names(reading *of, uint32_t shares, uint32_t numbers)
{
    uint32_t cycles = numbers >= 6 ? 4 : 3;
    static const part plain[] = {PART_REMOTE, PART_LOCAL, PART_STORE, PART_STORE, PART_STORE};
    static const part with_peer[] = {PART_REMOTE, PART_LOCAL, PART_PEER, PART_STORE, PART_STORE, PART_STORE};
    static const part means[] = {PART_REMOTE, PART_LOCAL, PART_LOAD, PART_PEER};
    if (!of->share_count) {
        of->share_count = shares;
        memcpy(of->shares, shares > 5 ? with_peer : plain, (shares > 6 ? 6 : shares) * sizeof(part));
    }
    if (!of->cycle_count && numbers) {
        of->cycle_count = cycles;
        memcpy(of->cycles, means, cycles * sizeof(part));
    }
}

static bool is_hex(ul_str word)
{
    uint64_t value;
    return ul_str_starts_with(word, UL_STR("0x")) && ul_parse_count(&value, word);
}

/* "0  13642  19392  9012  63  0xff1ddd3f0c8a3b00": number, totals, address. */
static ul_status read_head(reading *of, ul_str text)
{
    ul_maker *maker = of->maker;
    uint64_t numbers[PARTS_MAX + 1] = {0}, address;
    uint32_t count = 0;
    ul_str rest = text, word;
    if (of->line && !of->line->access_count)
        return ul_maker_refuse(maker, maker->line, "the cache line of line %u has no row", of->line->line);
    for (word = ul_word_cut(&rest); word.length && !is_hex(word); word = ul_word_cut(&rest)) {
        if (count > PARTS_MAX || !ul_parse_count(&numbers[count++], word))
            return ul_maker_refuse(maker, maker->line, "not the head of a cache line: a number, totals and an address are wanted");
    }
    if (!ul_parse_count(&address, word) || count < 3)
        return ul_maker_refuse(maker, maker->line, "the head of a cache line is broken off");
    assume_names(of, count - 1, 0);
    if (of->share_count != count - 1)
        return ul_maker_refuse(maker, maker->line, "%u totals for %u columns of percentages", count - 1, of->share_count);
    of->line = ul_maker_contended(maker, address);
    for (uint32_t i = 0; i < of->share_count; i++) {
        double total = of->totals[i] = (double)numbers[i + 1];
        of->line->counts.hitm_remote += of->shares[i] == PART_REMOTE ? total : 0;
        of->line->counts.hitm_local += of->shares[i] == PART_LOCAL || of->shares[i] == PART_PEER ? total : 0;
        of->line->counts.stores += of->shares[i] == PART_STORE ? total : 0;
    }
    return UL_OK;
}

/* The parts of a row. */
typedef struct row {
    double shares[PARTS_MAX];
    uint64_t offset, before[WORDS_MAX], after[WORDS_MAX];
    ul_str words[WORDS_MAX]; /* before the code address, as they stand: "5478:fs" is one */
    ul_str function, source;
    uint32_t share_count, before_count, after_count;
} row;

/* "[.] worker  fs  fs.c:25  0": symbol, object, line, nodes. */
static bool cut_code(row *out, ul_str rest)
{
    ul_str mark = ul_word_cut(&rest);
    if (mark.length != 3 || mark.data[0] != '[' || mark.data[2] != ']')
        return false;
    out->function = ul_word_cut(&rest);
    ul_word_cut(&rest); /* the object */
    out->source = ul_word_cut(&rest);
    return out->function.length && out->source.length;
}

static bool cut_row(row *out, ul_str rest)
{
    ul_str word = ul_word_cut(&rest);
    *out = (row){0};
    for (; ul_str_ends_with(word, UL_STR("%")); word = ul_word_cut(&rest)) {
        if (out->share_count == PARTS_MAX || !ul_parse_percent(&out->shares[out->share_count++], word))
            return false;
    }
    if (!is_hex(word) || !ul_parse_count(&out->offset, word))
        return false;
    for (word = ul_word_cut(&rest); word.length && !is_hex(word); word = ul_word_cut(&rest)) {
        if (out->before_count == WORDS_MAX)
            return false;
        out->words[out->before_count++] = word;
    }
    if (!word.length)
        return false;
    for (;;) {
        ul_str behind = rest;
        uint64_t number;
        word = ul_word_cut(&behind);
        if (!ul_parse_count(&number, word))
            return cut_code(out, rest);
        if (out->after_count == WORDS_MAX)
            return false;
        out->after[out->after_count++] = number;
        rest = behind;
    }
}

/* "fs.c:25" */
static void set_source(const reading *of, ul_profile_access *access, ul_str source)
{
    size_t colon = SIZE_MAX;
    uint64_t line;
    for (size_t i = 0; i < source.length; i++)
        colon = source.data[i] == ':' ? i : colon;
    if (colon == SIZE_MAX || !ul_parse_count(&line, ul_str_slice(source, colon + 1, source.length)) || line > UINT32_MAX || !line)
        return;
    access->file = ul_maker_text(of->maker, ul_str_slice(source, 0, colon));
    access->line = (uint32_t)line;
}

static void set_counts(const reading *of, ul_profile_access *access, const row *of_row)
{
    ul_profile_counts *counts = &access->counts;
    bool has_records = of_row->after_count > of->cycle_count + 1; /* and processors, which is last */
    double peers = 0;
    for (uint32_t i = 0; i < of->share_count; i++) {
        double number = of_row->shares[i] / 100 * of->totals[i];
        counts->hitm_remote += of->shares[i] == PART_REMOTE ? number : 0;
        counts->hitm_local += of->shares[i] == PART_LOCAL ? number : 0;
        peers += of->shares[i] == PART_PEER ? number : 0;
        counts->stores += of->shares[i] == PART_STORE ? number : 0;
    }
    double hits = counts->hitm_remote + counts->hitm_local + peers;
    counts->samples = has_records ? (double)of_row->after[of_row->after_count - 2] : hits + counts->stores;
    counts->stores = counts->stores < counts->samples ? counts->stores : counts->samples;
    counts->loads = counts->samples - counts->stores;
    for (uint32_t i = 0; i < of->cycle_count && i < of_row->after_count; i++) {
        double mean = (double)of_row->after[i];
        counts->latency += of->cycles[i] == PART_REMOTE ? mean * counts->hitm_remote : 0;
        counts->latency += of->cycles[i] == PART_LOCAL ? mean * counts->hitm_local : 0;
        counts->latency += of->cycles[i] == PART_PEER ? mean * peers : 0;
        counts->latency += of->cycles[i] == PART_LOAD && counts->loads > hits ? mean * (counts->loads - hits) : 0;
    }
    counts->hitm_local += peers; /* Arm: what lay in another core's cache, changed or not */
}

static ul_status read_row(reading *of, ul_str text)
{
    ul_maker *maker = of->maker;
    row parts;
    if (!cut_row(&parts, text) || parts.after_count < 2)
        return ul_maker_refuse(maker, maker->line, "a row of the table of cache lines is broken off");
    assume_names(of, parts.share_count, parts.after_count);
    if (parts.share_count != of->share_count)
        return ul_maker_refuse(maker, maker->line, "%u percentages for %u columns", parts.share_count, of->share_count);
    if (parts.offset >= 4096)
        return ul_maker_refuse(maker, maker->line, "0x%llx is no offset in a cache line", (unsigned long long)parts.offset);
    ul_profile_access *access = ul_maker_access(maker, of->line);
    access->offset_bytes = (uint32_t)parts.offset;
    access->function = ul_maker_text(maker, parts.function);
    if ((of->has_pid || of->has_tid) && parts.before_count)
        access->thread = ul_maker_text(maker, parts.words[parts.before_count - 1]);
    set_source(of, access, parts.source);
    set_counts(of, access, &parts);
    of->line->counts.samples += access->counts.samples;
    of->line->counts.loads += access->counts.loads;
    of->line->counts.latency += access->counts.latency;
    of->accesses += access->counts.samples;
    return UL_OK;
}

static bool is_all_of(ul_str text, char byte)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] != byte)
            return false;
    }
    return text.length > 0;
}

/* "  Total records                     :     222447" and the first of "  Events". */
static void read_facts(reading *of, ul_str text)
{
    size_t colon = ul_str_find(text, ':');
    uint64_t number;
    if (colon == SIZE_MAX)
        return;
    ul_str key = ul_trim(ul_str_slice(text, 0, colon)), value = ul_trim(ul_str_slice(text, colon + 1, text.length));
    if (ul_str_is_equal(key, UL_STR("Total records")) && ul_parse_count(&number, value))
        of->maker->profile->meta.samples = (double)number;
    if (ul_str_is_equal(key, UL_STR("Events"))) {
        of->maker->profile->meta.event = ul_maker_text(of->maker, value);
        of->maker->profile->meta.biases |= ul_str_has(value, "ldlat", NULL) && !ul_str_has(value, "ldlat=0", NULL) ? 1u << UL_BIAS_LATENCY_FILTER : 0;
    }
}

static ul_status read_line(reading *of, ul_str line, ul_str *last)
{
    ul_str text = ul_trim(line);
    ul_str before = *last;
    *last = line;
    if (ul_str_has(text, "Shared Cache Line Distribution Pareto", NULL)) {
        of->in_table = true;
        return UL_OK;
    }
    if (!of->in_table) {
        read_facts(of, text);
        return UL_OK;
    }
    if (ul_str_starts_with(text, UL_STR("#"))) {
        if (ul_str_has(text, "# .....", NULL))
            read_names(of, before, line);
        return UL_OK;
    }
    if (!text.length || is_all_of(text, '='))
        return UL_OK;
    if (is_all_of(text, '-'))
        return UL_OK;
    ul_str rest = text;
    if (!ul_str_ends_with(ul_word_cut(&rest), UL_STR("%")))
        return read_head(of, text);
    if (!of->line)
        return ul_maker_refuse(of->maker, of->maker->line, "a row before the first cache line");
    return read_row(of, text);
}

ul_status ul_import_c2c(ul_maker *maker)
{
    reading of = {.maker = maker};
    ul_str line, last = {0};
    ul_status status = UL_OK;
    ul_profile_meta *meta = &maker->profile->meta;
    while (status == UL_OK && ul_maker_next(maker, &line))
        status = read_line(&of, line, &last);
    if (status != UL_OK)
        return status;
    if (!of.in_table)
        return ul_maker_refuse(maker, maker->line, "broken off before the table `Shared Cache Line Distribution Pareto`: perf c2c report --stdio has it");
    if (of.line && !of.line->access_count)
        return ul_maker_refuse(maker, maker->line, "broken off: the last cache line has no row");
    if (!of.line)
        return ul_maker_refuse(maker, 0, "no contended cache line in it");
    meta->source = UL_PROFILE_PERF_C2C;
    meta->biases |= 1u << UL_BIAS_PLACED_BY_CODE | 1u << UL_BIAS_STORES_HAVE_NO_LATENCY;
    meta->samples = meta->samples > of.accesses ? meta->samples : of.accesses;
    return UL_OK;
}
