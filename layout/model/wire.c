#include "layout/model/wire.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"

/*
 * One visitor serves both ways, so that writing and reading cannot drift apart: visit_X(w, &x) appends *x
 * when `out` is set and fills *x otherwise. After a failure nothing more is read and every count is 0.
 */
typedef struct wire {
    ul_strbuf *out; /* writing; NULL when reading */
    const unsigned char *at, *end;
    ul_arena *arena;
    const ul_wire_texts *texts; /* texts cross as numbers of these; NULL: they cross whole */
    const ul_wire_seen *seen;   /* with `out`: nothing is written, every text is shown */
    bool has_failed;
} wire;

static void visit_bytes(wire *w, void *data, size_t size)
{
    if (w->out) {
        if (!w->seen)
            ul_strbuf_add(w->out, data, size);
    } else if (w->has_failed || (size_t)(w->end - w->at) < size) {
        w->has_failed = true;
        memset(data, 0, size);
    } else {
        memcpy(data, w->at, size);
        w->at += size;
    }
}

#define VISIT(w, lvalue) visit_bytes((w), &(lvalue), sizeof(lvalue))

/* A text as its place among w->texts, from 1; 0 is NULL. */
static void visit_numbered_text(wire *w, const char **text)
{
    uint32_t number = 0;
    if (w->out && *text) {
        const char *const *found = bsearch(text, w->texts->items, w->texts->count, sizeof *w->texts->items, ul_compare_texts);
        w->out->has_failed |= !found; /* not reached: who writes has shown every text before */
        number = found ? (uint32_t)(found - w->texts->items) + 1 : 0;
    }
    VISIT(w, number);
    if (w->out)
        return;
    w->has_failed |= number > w->texts->count;
    *text = w->has_failed ? "" : number ? w->texts->items[number - 1] : NULL;
}

static void visit_text(wire *w, const char **text)
{
    if (w->seen) {
        if (*text)
            w->seen->see(w->seen->context, *text);
        return;
    }
    if (w->texts) {
        visit_numbered_text(w, text);
        return;
    }
    uint32_t length = w->out && *text ? (uint32_t)strlen(*text) : UINT32_MAX; /* the largest means NULL */
    VISIT(w, length);
    if (w->out) {
        if (*text)
            ul_strbuf_add(w->out, *text, length);
        return;
    }
    *text = NULL;
    if (length == UINT32_MAX && !w->has_failed)
        return;
    if (w->has_failed || (size_t)(w->end - w->at) < length) {
        w->has_failed = true;
        *text = "";
        return;
    }
    *text = ul_arena_strndup(w->arena, (const char *)w->at, length);
    w->at += length;
}

/* Count of an array whose elements take at least one byte each: bounds it before anything is allocated. */
static void visit_count(wire *w, uint32_t *count)
{
    VISIT(w, *count);
    if (!w->out && (w->has_failed || (size_t)(w->end - w->at) < *count)) {
        w->has_failed = true;
        *count = 0;
    }
}

/* Visits array `array` of `count`, element by element, with `visit`. Reading allocates it. */
#define VISIT_ARRAY(w, array, count, type, visit)                                                            \
    do {                                                                                                     \
        visit_count((w), &(count));                                                                          \
        if (!(w)->out)                                                                                       \
            (array) = UL_NEW_ARRAY((w)->arena, type, (count));                                               \
        for (uint32_t i_ = 0; i_ < (count); i_++)                                                            \
            visit((w), &(array)[i_]);                                                                        \
    } while (0)

static void visit_field(wire *w, ul_field *field)
{
    visit_text(w, &field->name);
    visit_text(w, &field->type);
    VISIT(w, field->offset_bits);
    VISIT(w, field->size_bits);
    VISIT(w, field->align_bytes);
    VISIT(w, field->storage_bits);
    VISIT(w, field->flags);
    VISIT(w, field->parent);
    VISIT(w, field->group);
    VISIT(w, field->line);
    VISIT(w, field->column);
    VISIT(w, field->value_bits);
    VISIT(w, field->embedded_count);
    visit_text(w, &field->embedded);
    VISIT(w, field->type_hash);
}

static void visit_group(wire *w, ul_group *group)
{
    VISIT(w, *group);
}

static void visit_refusal(wire *w, ul_refusal *refusal)
{
    VISIT(w, refusal->reason);
    visit_text(w, &refusal->detail);
}

static void visit_annotation(wire *w, ul_annotation *annotation)
{
    VISIT(w, annotation->kind);
    visit_text(w, &annotation->argument);
    visit_text(w, &annotation->reason);
    VISIT(w, annotation->field);
    VISIT(w, annotation->line);
}

static void visit_record(wire *w, ul_record *record)
{
    visit_text(w, &record->name);
    visit_text(w, &record->key);
    visit_text(w, &record->file);
    VISIT(w, record->kind);
    VISIT(w, record->confidence);
    VISIT(w, record->line);
    VISIT(w, record->column);
    VISIT(w, record->end_line);
    VISIT(w, record->flags);
    VISIT(w, record->span);
    VISIT(w, record->body);
    VISIT(w, record->target);
    VISIT(w, record->size_bytes);
    VISIT(w, record->align_bytes);
    VISIT(w, record->own_align_bytes);
    VISIT_ARRAY(w, record->fields, record->field_count, ul_field, visit_field);
    uint8_t has_groups = record->groups != NULL; /* no bool: a damaged message may hold any byte */
    VISIT(w, has_groups);
    VISIT_ARRAY(w, record->groups, record->group_count, ul_group, visit_group);
    if (!has_groups) {
        w->has_failed = w->has_failed || record->group_count > 0;
        record->groups = NULL;
        record->group_count = 0;
    }
    VISIT_ARRAY(w, record->refusals, record->refusal_count, ul_refusal, visit_refusal);
    VISIT_ARRAY(w, record->annotations, record->annotation_count, ul_annotation, visit_annotation);
    VISIT(w, record->instances);
}

static void visit_record_of_unit(wire *w, ul_record *record)
{
    visit_text(w, &record->unit);
    visit_record(w, record);
}

static void visit_diag(wire *w, ul_diag *diag)
{
    VISIT(w, diag->level);
    visit_text(w, &diag->file);
    VISIT(w, diag->line);
    VISIT(w, diag->column);
    visit_text(w, &diag->message);
}

/* No bool crosses as such: a damaged message may hold any byte. */
static void visit_truth(wire *w, bool *truth)
{
    uint8_t byte = w->out ? *truth : 0;
    VISIT(w, byte);
    if (!w->out)
        *truth = byte != 0;
}

static void visit_evidence(wire *w, ul_evidence *evidence)
{
    VISIT(w, evidence->kind);
    VISIT(w, evidence->kept_fields);
    visit_text(w, &evidence->record);
    visit_text(w, &evidence->other);
    visit_text(w, &evidence->file);
    VISIT(w, evidence->line);
    VISIT(w, evidence->column);
    visit_text(w, &evidence->function);
    visit_text(w, &evidence->detail);
}

static void visit_item(wire *w, ul_initializer_item *item)
{
    VISIT(w, item->span);
    VISIT(w, item->value);
    visit_text(w, &item->field);
    visit_truth(w, &item->is_designated);
    visit_truth(w, &item->is_elided);
}

static void visit_initializer(wire *w, ul_initializer *initializer)
{
    visit_text(w, &initializer->record);
    visit_text(w, &initializer->file);
    visit_text(w, &initializer->macro);
    visit_text(w, &initializer->obstacle);
    VISIT(w, initializer->line);
    VISIT(w, initializer->column);
    VISIT(w, initializer->span);
    visit_truth(w, &initializer->has_braces);
    VISIT_ARRAY(w, initializer->items, initializer->item_count, ul_initializer_item, visit_item);
}

static void visit_uses(wire *w, ul_uses *uses)
{
    VISIT_ARRAY(w, uses->evidence, uses->evidence_count, ul_evidence, visit_evidence);
    VISIT_ARRAY(w, uses->initializers, uses->initializer_count, ul_initializer, visit_initializer);
}

/* Rows of numbers cross whole. Their texts are indexes: what lies outside words[] refuses the message. */
#define VISIT_ROWS(w, array, count, type)                                                                    \
    do {                                                                                                     \
        visit_count((w), &(count));                                                                          \
        if (!(w)->out)                                                                                       \
            (array) = UL_NEW_ARRAY((w)->arena, type, (count));                                               \
        for (uint32_t i_ = 0; i_ < (count); i_++)                                                            \
            visit_bytes((w), &(array)[i_], sizeof(type));                                                    \
    } while (0)

static void visit_census_rows(wire *w, ul_census *census)
{
    VISIT_ARRAY(w, census->words, census->word_count, const char *, visit_text);
    VISIT_ROWS(w, census->functions, census->function_count, ul_census_function);
    VISIT_ROWS(w, census->tallies, census->tally_count, ul_tally);
    VISIT_ROWS(w, census->calls, census->call_count, ul_census_call);
    VISIT_ROWS(w, census->mentions, census->mention_count, ul_mention);
    VISIT_ROWS(w, census->numbers, census->number_count, ul_number);
    VISIT_ROWS(w, census->origins, census->origin_count, ul_origin);
    VISIT_ROWS(w, census->passes, census->pass_count, ul_pass);
    VISIT_ROWS(w, census->inlets, census->inlet_count, ul_inlet);
    VISIT_ROWS(w, census->variables, census->variable_count, ul_variable);
    VISIT_ROWS(w, census->instances, census->instance_count, ul_instance);
}

static void visit_census(wire *w, ul_unit_result *result)
{
    uint8_t has_census = result->census != NULL;
    VISIT(w, has_census);
    if (!w->out)
        result->census = has_census ? UL_NEW(w->arena, ul_census) : NULL;
    if (!has_census)
        return;
    visit_census_rows(w, result->census);
    w->has_failed = w->has_failed || (!w->out && !ul_census_is_sound(result->census));
}

static void visit_kind(wire *w, uint32_t *kind, uint32_t count)
{
    VISIT(w, *kind);
    w->has_failed = w->has_failed || *kind >= count;
}

/* A text that is never NULL, whatever a damaged message says. */
static void visit_words(wire *w, const char **text)
{
    visit_text(w, text);
    if (!*text) {
        w->has_failed = true;
        *text = "";
    }
}

static void visit_pointer_use(wire *w, ul_pointer_use *use)
{
    visit_words(w, &use->detail);
    visit_kind(w, &use->kind, UL_USE_KIND_COUNT);
    VISIT(w, use->line);
    VISIT(w, use->loop_depth);
    VISIT(w, use->branch_depth);
}

static void visit_allocation(wire *w, ul_allocation *row)
{
    visit_words(w, &row->function);
    visit_words(w, &row->function_key);
    visit_words(w, &row->file);
    visit_words(w, &row->callee);
    visit_words(w, &row->receiver);
    visit_words(w, &row->type);
    visit_text(w, &row->record);
    visit_text(w, &row->owner);
    visit_text(w, &row->field);
    visit_words(w, &row->size);
    visit_text(w, &row->counter);
    VISIT_ARRAY(w, row->uses, row->use_count, ul_pointer_use, visit_pointer_use);
    visit_kind(w, &row->verb, UL_MEMORY_VERB_COUNT);
    VISIT(w, row->line);
    VISIT(w, row->column);
    VISIT(w, row->loop_depth);
    VISIT(w, row->branch_depth);
    VISIT(w, row->flags);
    VISIT(w, row->size_bytes);
    VISIT(w, row->step);
}

static void visit_release(wire *w, ul_release *row)
{
    visit_words(w, &row->function);
    visit_words(w, &row->function_key);
    visit_words(w, &row->file);
    visit_words(w, &row->callee);
    visit_words(w, &row->given);
    visit_text(w, &row->record);
    visit_text(w, &row->owner);
    visit_text(w, &row->field);
    VISIT(w, row->line);
    VISIT(w, row->column);
    VISIT(w, row->loop_depth);
    VISIT(w, row->is_walk);
    visit_words(w, &row->also);
    visit_kind(w, &row->begin, UL_WALK_BEGIN_COUNT);
    VISIT(w, row->condition);
}

static void visit_body_comment(wire *w, ul_body_comment *row)
{
    visit_words(w, &row->file);
    visit_words(w, &row->rules);
    visit_words(w, &row->reason);
    VISIT(w, row->line);
    VISIT(w, row->about_line);
    VISIT(w, row->about_end);
}

static void visit_passage(wire *w, ul_passage *row)
{
    visit_words(w, &row->record);
    visit_words(w, &row->callee);
    visit_words(w, &row->file);
    VISIT(w, row->line);
    visit_kind(w, &row->kind, UL_PASSAGE_KIND_COUNT);
}

static void visit_allocations(wire *w, ul_allocations *rows)
{
    VISIT_ARRAY(w, rows->items, rows->count, ul_allocation, visit_allocation);
    VISIT_ARRAY(w, rows->releases, rows->release_count, ul_release, visit_release);
    VISIT_ARRAY(w, rows->comments, rows->comment_count, ul_body_comment, visit_body_comment);
    VISIT_ARRAY(w, rows->passages, rows->passage_count, ul_passage, visit_passage);
}

static void visit_result(wire *w, ul_unit_result *result)
{
    VISIT(w, result->outcome);
    visit_text(w, &result->detail);
    visit_text(w, &result->triple);
    VISIT(w, result->pointer_bytes);
    VISIT_ARRAY(w, result->records, result->record_count, ul_record, visit_record_of_unit);
    VISIT_ARRAY(w, result->includes, result->include_count, const char *, visit_text);
    VISIT_ARRAY(w, result->diags, result->diag_count, ul_diag, visit_diag);
    visit_uses(w, &result->uses);
    VISIT_ARRAY(w, result->remarks, result->remark_count, ul_diag, visit_diag);
    visit_census(w, result);
    visit_allocations(w, &result->allocations);
    VISIT(w, result->parse_seconds);
    VISIT(w, result->read_seconds);
    VISIT(w, result->probe_seconds);
    VISIT(w, result->census_seconds);
    VISIT(w, result->probe_count);
    VISIT(w, result->peak_bytes);
}

void ul_wire_write_result(ul_strbuf *out, const ul_unit_result *result)
{
    ul_unit_result copy = *result; /* the visitor takes writable data; writing changes none */
    visit_result(&(wire){.out = out}, &copy);
}

void ul_wire_write_evidence(ul_strbuf *out, const ul_evidence *evidence)
{
    ul_evidence copy = *evidence;
    visit_evidence(&(wire){.out = out}, &copy);
}

void ul_wire_write_initializer(ul_strbuf *out, const ul_initializer *initializer)
{
    ul_initializer copy = *initializer;
    visit_initializer(&(wire){.out = out}, &copy);
}

void ul_wire_write_record(ul_strbuf *out, const ul_record *record)
{
    ul_record copy = *record;
    visit_record(&(wire){.out = out}, &copy);
}

void ul_wire_see_texts(const ul_unit_result *result, const ul_wire_seen *seen)
{
    ul_unit_result copy = *result;
    visit_result(&(wire){.out = &(ul_strbuf){0}, .seen = seen}, &copy);
}

void ul_wire_write_result_by(ul_strbuf *out, const ul_unit_result *result, const ul_wire_texts *texts)
{
    ul_unit_result copy = *result;
    visit_result(&(wire){.out = out, .texts = texts}, &copy);
}

void ul_wire_write_record_by(ul_strbuf *out, const ul_record *record, const ul_wire_texts *texts)
{
    ul_record copy = *record;
    visit_record(&(wire){.out = out, .texts = texts}, &copy);
}

ul_status ul_wire_read_result_by(ul_unit_result *result, const void *bytes, uint64_t length, const ul_wire_texts *texts, ul_arena *arena)
{
    *result = (ul_unit_result){0};
    const unsigned char *at = bytes;
    wire w = {.at = at, .end = at + length, .texts = texts, .arena = arena};
    visit_result(&w, result);
    return w.has_failed || w.at != w.end ? UL_ERR_INPUT : UL_OK;
}

ul_status ul_wire_read_record_by(ul_record *record, const void *bytes, uint64_t length, const ul_wire_texts *texts, ul_arena *arena)
{
    *record = (ul_record){0};
    const unsigned char *at = bytes;
    wire w = {.at = at, .end = at + length, .texts = texts, .arena = arena};
    visit_record(&w, record);
    return w.has_failed || w.at != w.end ? UL_ERR_INPUT : UL_OK;
}

ul_status ul_wire_read_result(ul_unit_result *result, const void *bytes, uint64_t length, ul_arena *arena)
{
    return ul_wire_read_result_by(result, bytes, length, NULL, arena);
}
