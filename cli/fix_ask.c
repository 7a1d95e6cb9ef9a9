/* One question a record: what it is, what it becomes, the patch of it alone; the answer is a line of standard input. */
#include <stdio.h>
#include <string.h>

#include "cli/fix_state.h"

/* Its maps, as `show` draws them. */
static void draw_maps(const ul_fixing *of, uint32_t index, ul_strbuf *text)
{
    ul_report report = {.root = of->selection->root,
                        .cwd = of->selection->cwd,
                        .targets = of->units->targets,
                        .target_count = of->units->target_count,
                        .entries = &of->entries[index],
                        .entry_count = 1};
    ul_render_options options = {.view = UL_VIEW_SHOW,
                                 .is_color = of->terminal->err_is_color,
                                 .is_utf8 = of->terminal->is_utf8,
                                 .is_quiet = true,
                                 .columns = of->terminal->columns};
    if (ul_format_find("text")->render(text, &report, &options, of->arena) != UL_OK)
        ul_terminal_out_of_memory(text->length);
}

/* The patch that this record alone would make. Everything is planned anew for it, and again afterwards. */
static const char *patch_of(ul_fixing *of, uint32_t index)
{
    for (uint32_t i = 0; i < of->count; i++)
        of->items[i].is_held = i != index && of->entries[i].plan;
    ul_fix_plan(of);
    const char *patch = ul_fix_write_texts(of) ? ul_fix_diff(of) : "";
    for (uint32_t i = 0; i < of->count; i++)
        of->items[i].is_held = false;
    ul_fix_plan(of);
    if (!ul_fix_write_texts(of))
        return patch; /* the caller plans once more, after the answers */
    return patch;
}

/* The letter of the answer; 'q' at the end of input. */
static char read_answer(const ul_strbuf *question)
{
    char line[64];
    for (;;) {
        ul_terminal_say(question);
        if (!fgets(line, sizeof line, stdin))
            return 'q';
        size_t length = strcspn(line, "\n");
        for (int c = 0; !line[length] && c != '\n' && c != EOF;)
            c = getc(stdin); /* the rest of a long line */
        line[length] = '\0';
        if (length == 1 && strchr("ynaq", line[0]))
            return line[0];
    }
}

static char ask(ul_fixing *of, uint32_t index)
{
    ul_strbuf text, question;
    ul_strbuf_init(&text);
    ul_strbuf_init(&question);
    const char *patch = patch_of(of, index);
    draw_maps(of, index, &text);
    ul_strbuf_puts(&text, patch);
    ul_terminal_say(&text);
    ul_strbuf_printf(&question, "Change `%s`? y: yes, n: no, a: this and all that follow, q: none of those that follow: ",
                     of->merged[index].record->name);
    char answer = read_answer(&question);
    ul_strbuf_free(&text);
    ul_strbuf_free(&question);
    return answer;
}

bool ul_fix_ask(ul_fixing *of)
{
    bool has_asked = false;
    for (uint32_t i = 0; i < of->count; i++) {
        ul_fix_item *item = &of->items[i];
        if (!of->entries[i].plan || item->is_accepted)
            continue;
        if (of->answer != 'a' && of->answer != 'q')
            of->answer = ask(of, i);
        has_asked = true;
        item->is_accepted = of->answer == 'y' || of->answer == 'a';
        if (!item->is_accepted)
            ul_fix_keep(of, i, UL_FIX_DECLINED, NULL, 0, "");
    }
    return has_asked;
}
