/*
 * Cuts a segment of a record's body (what may exchange places) into whole lines that belong to a declaration and whole
 * lines that belong to none. A declaration's lines hold its doc comments, its trailing comments and their aligned
 * continuation; declarations that share a line form one block. Where a comment may be about either neighbour the block
 * is pinned: it may not move, so that the comment stays right under both readings. For the rewrite room only.
 */
#ifndef UL_REWRITE_CHUNKS_H
#define UL_REWRITE_CHUNKS_H

#include "layout/model/lexer.h"
#include "layout/model/record.h"

#define UL_NO_SECTION UINT32_MAX

typedef struct ul_source_text {
    const char *bytes;
    uint32_t length;
    const ul_tokens *tokens;
    ul_arena *arena;
} ul_source_text;

/* Whole lines that belong to no declaration: blank ones or comments. */
typedef struct ul_own_lines {
    ul_span span;
    uint32_t section; /* index into sections[] when it is a heading */
    bool is_blank;
} ul_own_lines;

/* A line that holds comments only, or several when a block comment spans them. */
typedef struct ul_comment_line {
    ul_span lines, text;
    uint32_t column;
    bool is_blank_before;
    bool is_single; /* one comment */
} ul_comment_line;

/* What stands between two neighbouring declarations, or between one and a wall: a brace, a directive, an assertion. */
typedef struct ul_gap { // ullage: ignore[reorder-saves] -- a handful a record
    uint32_t from, to; /* end of what is before, begin of what follows */
    bool is_wall_before, is_wall_after, is_brace_after;
    bool is_shared;  /* no newline: both sides stand on one line */
    bool is_spliced; /* a backslash-newline among the blanks */
    bool is_broken;  /* a blank line, a comment of its own line or a wall: ends a run of fields */
    bool has_blank;
    bool is_glued;   /* nothing may be put into it */
    uint32_t first_comment, comment_count; /* tokens */
    uint32_t same_line;   /* how many of them stand on the line of what is before; all when is_shared */
    uint32_t lead;        /* the last so many stand on the line of what follows; all when is_shared */
    ul_comment_line *comments; /* those of lines of their own */
    uint32_t line_count;
    uint32_t continued;   /* the first so many go on with a trailing comment */
    bool is_blank_end;    /* a blank line stands before what follows */
    uint32_t lines_begin, lines_end; /* the lines that belong to neither side */
    ul_own_lines *own;
    uint32_t own_count;
} ul_gap;

typedef struct ul_block {
    uint32_t first, count; /* groups, relative to the segment's first */
    ul_span lines;
    bool is_whole;   /* nothing else stands on its lines */
    bool is_pinned;
    bool has_doc;    /* opens with a comment on lines of its own */
    bool has_tail;   /* ends with a comment on lines of its own that may be about it */
    bool has_loose_head; /* the comment above it may be about its first declaration alone */
    uint32_t section;
    uint32_t named;  /* blocks from this one on that the comment above it names: they stay together where the order lets them */
} ul_block;

typedef struct ul_section {
    ul_span text; /* its heading */
    bool is_attached; /* the heading stands directly above a declaration */
} ul_section;

typedef struct ul_chunks {
    const ul_source_text *text;
    const ul_record *record;
    uint32_t first_group, group_count;
    ul_span *spans; /* of the segment's declarations, with stray semicolons behind them */
    ul_gap *gaps;   /* group_count + 1 */
    ul_block *blocks;
    uint32_t block_count;
    ul_section *sections;
    uint32_t section_count, section_capacity;
} ul_chunks;

/*
 * Cuts groups [first, first + count) of `record`, which are of one segment. False when something other than comments
 * stands between two of them.
 */
bool ul_chunks_cut(ul_chunks *out, const ul_source_text *text, const ul_record *record, uint32_t first, uint32_t count);

#endif
