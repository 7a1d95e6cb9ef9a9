/*
 * What must stay although it could be smaller. Evidence about a record counts for those inside it too: whoever writes
 * the outer one to a file writes the inner one. Evidence that only looks at a beginning counts when the beginning changes.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fix_state.h"
#include "cli/settings.h"
#include "layout/model/lexer.h"
#include "layout/rewrite/guard.h"

static void keep_by_evidence(ul_fixing *of, uint32_t index, ul_evidence_kind kind, const char *file, uint32_t line, const char *detail)
{
    ul_fix_obstacle obstacle = {.reason = ul_evidence_name(kind),
                                .text = ul_evidence_text(kind),
                                .detail = detail,
                                .file = file,
                                .line = line,
                                .is_allowable = true};
    if (!(of->config->allow_evidence & 1u << kind))
        ul_fix_keep_for(of, index, &obstacle);
}

/* Whether the first `count` direct fields are the same in both, each where it was. */
static bool keeps_places(const ul_record *before, const ul_record *after, uint32_t count)
{
    uint32_t i = 0, j = 0;
    for (; count; count--, i++, j++) {
        while (i < before->field_count && before->fields[i].parent != UL_NO_PARENT)
            i++;
        while (j < after->field_count && after->fields[j].parent != UL_NO_PARENT)
            j++;
        if (i == before->field_count || j == after->field_count)
            return i == before->field_count && j == after->field_count;
        const ul_field *x = &before->fields[i], *y = &after->fields[j];
        if (x->offset_bits != y->offset_bits || strcmp(x->name, y->name) != 0)
            return false;
    }
    return true;
}

/* Whether one of the first `count` direct fields of `outer` holds entries[index]. */
static bool is_held_early(const ul_fixing *of, const ul_record *outer, uint32_t count, uint32_t index)
{
    for (uint32_t i = 0; i < outer->field_count && count; i++) {
        const ul_field *field = &outer->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        uint32_t held = field->embedded ? ul_fix_find(of, field->embedded) : UINT32_MAX;
        if (held == index || (held != UINT32_MAX && ul_fix_holds(of, held, index)))
            return true;
        count--;
    }
    return false;
}

/* What looks at a beginning does not mind what comes after it. `self` is the record that the evidence is about. */
static bool is_harmless(const ul_fixing *of, const ul_evidence *evidence, uint32_t self, uint32_t index)
{
    const ul_record *before = of->merged[self].record, *after = of->entries[self].afters[before->target];
    if (evidence->kept_fields == UL_KEEPS_ALL || !after || !keeps_places(before, after, evidence->kept_fields))
        return false;
    bool is_about_place = evidence->kind == UL_EVIDENCE_FIRST_MEMBER_CAST; /* what the first member is like inside does not matter */
    return self == index || is_about_place || !is_held_early(of, before, evidence->kept_fields, index);
}

/* Whether what is told of an outer record is told of entries[index] itself too: the reader looks into the records that it knows. */
static bool is_told_itself(const ul_fixing *of, const ul_evidence *outer, uint32_t index)
{
    ul_record_uses uses = ul_uses_of(&of->uses, of->merged[index].record->key);
    for (uint32_t i = 0; i < uses.evidence_count; i++) {
        const ul_evidence *own = &uses.evidence[i];
        if (own->kind == outer->kind && own->line == outer->line && own->kept_fields == UL_KEEPS_ALL && strcmp(own->file, outer->file) == 0)
            return true;
    }
    return false;
}

static int by_key(const void *left, const void *right, void *context)
{
    const ul_entry *merged = context;
    return strcmp(merged[*(const uint32_t *)left].record->key, merged[*(const uint32_t *)right].record->key);
}

/* A header of assertions is not renewed: it may hold records of other files, and only its maker knows which were asked for. */
static bool keep_for_header(ul_fixing *of, uint32_t index, const char *path)
{
    const ul_fix *fix = &of->items[index].fix;
    const ul_fix_file *file = path ? ul_fix_file_of(of, path) : NULL;
    if (!file || file->old_length < strlen(UL_GUARD_HEADER) || memcmp(file->old_bytes, UL_GUARD_HEADER, strlen(UL_GUARD_HEADER)) != 0)
        return false;
    for (uint32_t i = 0; i < fix->obstacle_count; i++) {
        if (fix->obstacles[i].file && strcmp(fix->obstacles[i].file, path) == 0)
            return true;
    }
    ul_fix_keep(of, index, UL_FIX_GUARD_HEADER, path, 1, "empty that file, let fix change the record, and run `ullage guard -o` again as it was run before");
    return true;
}

/* What is told of the record self, which is the one asked about or holds it. */
static void weigh_told(ul_fixing *of, uint32_t index, uint32_t self)
{
    ul_record_uses uses = ul_uses_of(&of->uses, of->merged[self].record->key);
    for (uint32_t i = 0; i < uses.evidence_count; i++) {
        const ul_evidence *evidence = &uses.evidence[i];
        if (is_harmless(of, evidence, self, index) ||
            (self != index && is_told_itself(of, evidence, index)) ||
            (evidence->kind == UL_EVIDENCE_LAYOUT_ASSERT && (ul_fix_is_own_guard(of, evidence->file, evidence->line) || keep_for_header(of, index, evidence->file))))
            continue;
        const char *detail = self == index ? evidence->detail
                                           : ul_arena_printf(of->arena, "%s, and `%s` holds it by value", evidence->detail,
                                                             of->merged[self].record->name);
        keep_by_evidence(of, index, evidence->kind, evidence->file, evidence->line, detail);
    }
}

/* In the order of what is told: by the records' keys. */
static void weigh_evidence(ul_fixing *of, uint32_t index)
{
    const ul_fix_holders *holders = ul_fix_holders_of(of, index);
    uint32_t count = 0, *told = UL_NEW_ARRAY(of->arena, uint32_t, holders->count + 1u);
    told[count++] = index;
    for (uint32_t i = 0; i < holders->count; i++) {
        if (holders->items[i] != index)
            told[count++] = holders->items[i];
    }
    qsort_r(told, count, sizeof *told, by_key, (void *)(uintptr_t)of->merged);
    for (uint32_t i = 0; i < count; i++) {
        if (ul_fix_find(of, of->merged[told[i]].record->key) == told[i]) /* a key is told of once */
            weigh_told(of, index, told[i]);
    }
}

/* A layout on a wire or in a file does not end where a record inside it begins. */
static void weigh_outer_records(ul_fixing *of, uint32_t index)
{
    const ul_fix_holders *holders = ul_fix_holders_of(of, index);
    for (uint32_t h = 0; h < holders->count; h++) {
        const ul_record *record = of->merged[holders->items[h]].record;
        for (uint32_t i = 0; i < record->refusal_count; i++) {
            const ul_refusal *refusal = &record->refusals[i];
            bool is_fixed = refusal->reason == UL_REFUSE_KEEP_ORDER || refusal->reason == UL_REFUSE_PACKED ||
                            refusal->reason == UL_REFUSE_PRAGMA_PACK || refusal->reason == UL_REFUSE_PACK_STRUCT;
            if (!is_fixed)
                continue;
            ul_fix_keep(of, index, UL_FIX_EMBEDDED_FIXED, record->file, record->line,
                        ul_arena_printf(of->arena, "`%s` is %s", record->name, ul_refusal_name(refusal->reason)));
            break;
        }
    }
}

/* *where (may be NULL): what says so. */
static bool is_public(const ul_fixing *of, const char *file, const char **where)
{
    if (where)
        *where = "--public";
    for (uint32_t i = 0; i < of->public_paths.count; i++) {
        const char *path = of->public_paths.items[i];
        size_t length = strlen(path);
        if (strncmp(file, path, length) == 0 && (file[length] == '\0' || path[length - 1] == '/'))
            return true;
    }
    return ul_settings_is_public(of->config->settings, file, where);
}

/* Public itself, or inside a public record. */
static void weigh_publicity(ul_fixing *of, uint32_t index)
{
    const ul_record *record = of->merged[index].record;
    const char *where;
    if (is_public(of, record->file, &where)) {
        keep_by_evidence(of, index, UL_EVIDENCE_PUBLIC_HEADER, record->file, record->line, ul_arena_printf(of->arena, "says %s", where));
        return;
    }
    const ul_fix_holders *holders = ul_fix_holders_of(of, index);
    for (uint32_t h = 0; h < holders->count; h++) {
        const ul_record *holder = of->merged[holders->items[h]].record;
        if (!is_public(of, holder->file, NULL))
            continue;
        keep_by_evidence(of, index, UL_EVIDENCE_PUBLIC_HEADER, holder->file, holder->line,
                         ul_arena_printf(of->arena, "`%s` holds it by value", holder->name));
        return;
    }
}

static void weigh_users(ul_fixing *of, uint32_t index)
{
    const ul_record *record = of->merged[index].record;
    ul_unseen_user user;
    if (record->confidence == UL_CONFIDENCE_STANDALONE) {
        const char *detail = of->selection->database
                                 ? "no unit in the database has its file"
                                 : "no compile_commands.json says with which flags its units are built, and which they are";
        keep_by_evidence(of, index, UL_EVIDENCE_UNSEEN_USERS, NULL, 0, detail);
    } else if (ul_fix_users_unseen(&user, of->users, record->file) && !keep_for_header(of, index, user.file)) {
        keep_by_evidence(of, index, UL_EVIDENCE_UNSEEN_USERS, user.file, user.line, user.detail);
    }
}

/* Records that stand at one place are one text: a macro, or a header that is read twice, defines it under several names. */
static void weigh_twins(ul_fixing *of, uint32_t index)
{
    const ul_record *record = of->merged[index].record;
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_record *other = of->merged[i].record;
        if (i == index || strcmp(record->file, other->file) != 0 || record->body.begin != other->body.begin ||
            record->body.end == record->body.begin)
            continue;
        ul_fix_keep(of, index, UL_FIX_DEFINED_TWICE, other->file, other->line, ul_arena_printf(of->arena, "`%s` too", other->name));
        return;
    }
}

/* Words that a generator leaves at the top of its file. */
bool ul_fix_is_generated(const ul_fix_file *file)
{
    enum { HEAD_BYTES = 2048 };
    static const char *const words[] = {"DO NOT EDIT", "Do not edit", "do not edit", "DO NOT MODIFY", "Do not modify", "@generated",
                                        "automatically generated", "Automatically generated", "autogenerated", "auto-generated",
                                        "Generated automatically", "A Bison parser, made by", "A lexical scanner generated by"};
    size_t length = file->old_length < HEAD_BYTES ? (size_t)file->old_length : HEAD_BYTES;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (memmem(file->old_bytes, length, words[i], strlen(words[i])))
            return true;
    }
    return false;
}

/* Whether the comment bytes[0..length-1] asks for a place or an order; blanks and stars between words are one. */
static bool asks_for_order(const char *bytes, size_t length)
{
    static const char *const words[] = {
        "must be first", "must be last", "must be the first", "must be the last", "must come first", "must come last", "must go first",
        "must go last", "must be at the end", "must be at the start", "must be at the beginning", "must be at the top", "must remain first",
        "must remain last", "must remain at", "must stay first", "must stay last", "must stay at", "has to be first", "has to be last",
        "has to be the first", "has to be the last", "needs to be first", "needs to be last", "should be first", "should be last",
        "should be the first", "should be the last", "keep first", "keep last", "keep this first", "keep this last", "keep at the end",
        "keep at the start", "keep at the top", "keep in sync", "keep in order", "keep the order", "order matters", "order is important",
        "do not reorder", "don't reorder", "do not move", "don't move", "do not change the order", "do not rearrange", "don't rearrange",
        "always first", "always last"};
    char text[512];
    size_t count = 0;
    for (size_t i = 0; i < length && count + 1 < sizeof text; i++) {
        bool is_blank = strchr(" \t\r\n*/", bytes[i]) != NULL;
        if (!is_blank || (count && text[count - 1] != ' '))
            text[count++] = is_blank ? ' ' : (char)tolower((unsigned char)bytes[i]);
    }
    text[count] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return false;
}

static void weigh_comments(ul_fixing *of, uint32_t index)
{
    const ul_record *record = of->merged[index].record;
    const ul_fix_file *file = ul_fix_file_of(of, record->file);
    if (!file || record->body.end > file->old_length || record->body.begin > record->body.end)
        return;
    ul_tokens tokens;
    ul_tokens_read(&tokens, file->old_bytes + record->body.begin, record->body.end - record->body.begin, of->arena);
    for (uint32_t i = 0; i < tokens.count; i++) {
        const ul_token *token = &tokens.items[i];
        if (token->kind != UL_TOKEN_COMMENT || !asks_for_order(file->old_bytes + record->body.begin + token->begin, token->end - token->begin))
            continue;
        uint32_t line = token->line;
        for (uint32_t at = 0; at < record->body.begin; at++)
            line += file->old_bytes[at] == '\n';
        ul_fix_keep(of, index, UL_FIX_COMMENT, record->file, line, "");
        return;
    }
}

static void weigh_file(ul_fixing *of, uint32_t index)
{
    const ul_record *record = of->merged[index].record;
    const ul_fix_file *file = ul_fix_file_of(of, record->file);
    if (!file)
        ul_fix_keep(of, index, UL_FIX_UNREADABLE_FILE, record->file, 0, "");
    else if (ul_fix_is_generated(file))
        ul_fix_keep(of, index, UL_FIX_GENERATED_FILE, record->file, 0, "");
}

static void weigh_goal(ul_fixing *of, uint32_t index)
{
    const ul_plan *plan = of->entries[index].plan;
    if (plan->use)
        return; /* it is planned for that */
    bool has_fewer_lines = plan->lines_after < plan->lines_before;
    bool is_worth_it = of->config->goal == UL_GOAL_SIZE || has_fewer_lines ||
                       (of->config->goal == UL_GOAL_LINES ? plan->straddles_after < plan->straddles_before : plan->class_saved_bytes > 0);
    if (!is_worth_it)
        ul_fix_keep(of, index, UL_FIX_GOAL, NULL, 0, "");
}

bool ul_fix_refuse(ul_fixing *of)
{
    bool has_kept = false;
    for (uint32_t i = 0; i < of->count; i++) {
        ul_fix_item *item = &of->items[i];
        if (!of->entries[i].plan)
            continue;
        if (!item->wanted)
            item->wanted = of->entries[i].plan;
        if (ul_record_ignores(of->merged[i].record, UL_NO_PARENT, "reorder-saves"))
            ul_fix_keep(of, i, UL_FIX_IGNORED, NULL, 0, "");
        if (!of->only_looks)
            weigh_goal(of, i);
        weigh_twins(of, i);
        weigh_file(of, i);
        weigh_comments(of, i);
        weigh_publicity(of, i);
        if (!of->only_looks)
            weigh_users(of, i);
        weigh_outer_records(of, i);
        weigh_evidence(of, i);
        ul_fix_weigh_initializers(of, i);
        has_kept |= item->is_kept;
    }
    return has_kept;
}
