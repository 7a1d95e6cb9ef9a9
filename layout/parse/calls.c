/*
 * Calls that see a record as bytes: compared, hashed, written or read, copied to characters, or touched over more than one field. What a
 * function does is told by its name, by the type that it takes the pointer as, and by whether it is told the record's size.
 */
#include "layout/parse/evidence.h"

#include <ctype.h>
#include <string.h>

enum { ARGUMENTS_MAX = 16, NAME_MAX_BYTES = 128 };

typedef struct call {
    const ul_sight *sight;
    char name[NAME_MAX_BYTES]; /* lower case */
    CXCursor arguments[ARGUMENTS_MAX];
    CXCursor stripped[ARGUMENTS_MAX];
    uint32_t count;
} call;

/* What is known about functions by their names. Words are whole words of a name, as underscores, capitals and digits cut it; "*x" anywhere. */
static const char *const compare_words[] = {"*memcmp", "*bcmp", "*memeq", NULL};
static const char *const hash_words[] = {"*hash", "crc", "*crc32", "*crc16", "*crc64", "*checksum", "*cksum", "csum", "*sha1", "*sha2", "*sha256", "*sha512", "sha",
                                         "md", "*md5", "*md4", "*fnv", "*murmur", "*xxh", "*siphash", "*digest", "*adler", "*hmac", "*fletcher",
                                         "*blake", "*jenkins", "*jhash", "*cityhash", NULL};
static const char *const input_words[] = {"*read", "recv", "*recvfrom", "*recvmsg", "*copy_from_user", "receive", "load", "getsockopt", NULL};
static const char *const io_words[] = {"*write", "send", "*sendto", "*sendmsg", "*ioctl", "*transmit", "*sockopt", "*copy_to_user", "*serialize",
                                       "*publish", "emit", "dump", "save", "store", "put", "append", "encode", "pack", "log", NULL};
/* These need not be told a size to be believed. */
static const char *const input_functions[] = {"fread", "fread_unlocked", "read", "pread", "pread64", "recv", "recvfrom", "getsockopt", "readv",
                                              "mq_receive", "msgrcv", NULL};
static const char *const io_functions[] = {"fwrite", "fwrite_unlocked", "write", "pwrite", "pwrite64", "send", "sendto", "ioctl", "setsockopt",
                                           "writev", "mq_send", "msgsnd", NULL};
static const char *const copy_functions[] = {"memcpy", "memmove", "__builtin_memcpy", "__builtin_memmove", "__builtin___memcpy_chk",
                                             "__builtin___memmove_chk", "mempcpy", NULL};
static const char *const fill_functions[] = {"memset", "__builtin_memset", "__builtin___memset_chk", "bzero", "explicit_bzero", "memset_s",
                                             "__builtin_bzero", NULL};
/* Moves whole elements, or does not look. */
static const char *const blind_words[] = {"*alloc", "free", "*qsort", "*bsearch", "*lsearch", "*lfind", "sort", "swap", "*printf", "*likely", "zero",
                                          "*grow", "*reserve", "*memzero", "*bzero", "*memset", "*cleanse", "wipe", "clear", "init", "new", NULL};

static bool is_listed(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(name, *list) == 0)
            return true;
    }
    return false;
}

static bool has_word(const char *name, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(name, word); at; at = strstr(at + 1, word)) {
        bool begins = at == name || !islower((unsigned char)at[-1]);
        bool ends = !islower((unsigned char)at[length]);
        if (begins && ends)
            return true;
    }
    return false;
}

static bool has_any(const char *name, const char *const *words)
{
    for (; *words; words++) {
        if (**words == '*' ? strstr(name, *words + 1) != NULL : has_word(name, *words))
            return true;
    }
    return false;
}

/* "rioWriteBulk" -> "rio_write_bulk": capitals begin words. */
static void set_name(call *c, const char *text)
{
    size_t length = 0;
    for (; *text && length + 3 < sizeof c->name; text++) {
        bool is_capital = isupper((unsigned char)*text);
        if (is_capital && length && islower((unsigned char)c->name[length - 1]) && islower((unsigned char)text[-1]))
            c->name[length++] = '_';
        c->name[length++] = (char)tolower((unsigned char)*text);
    }
    c->name[length] = '\0';
}

/* The name of the function, or of the pointer to one. */
static void read_name(call *c)
{
    CXString spelling = clang_getCursorSpelling(c->sight->at);
    const char *text = clang_getCString(spelling);
    set_name(c, text ? text : "");
    clang_disposeString(spelling);
    ul_operands operands = ul_operands_of(c->sight->uses, c->sight->at);
    if (c->name[0] || operands.count == 0)
        return;
    spelling = clang_getCursorSpelling(ul_expression_strip(c->sight->uses, operands.items[0]));
    text = clang_getCString(spelling);
    set_name(c, text ? text : "");
    clang_disposeString(spelling);
}

static bool is_bytes(const ul_sight *sight, CXType type)
{
    CXType pointee = ul_type_fact_of(sight->uses, type)->pointee;
    return pointee.kind == CXType_Void || ul_is_character(pointee);
}

/* Whether some argument is, or is made of, the size of `record`. */
static bool has_size(const call *c, const ul_used_record *record)
{
    long long value, size = clang_Type_getSizeOf(record->type);
    for (uint32_t i = 0; i < c->count; i++) {
        if (!ul_is_integer(ul_clang_bare_type(clang_getCursorType(c->arguments[i]))))
            continue;
        if (ul_expression_content(c->sight->uses, c->arguments[i], record) & UL_HOLDS_SIZEOF)
            return true;
        if (size > 1 && ul_expression_value(c->arguments[i], &value) && value == size)
            return true;
    }
    return false;
}

static const char *argument_text(const call *c, uint32_t index)
{
    return ul_expression_text(c->sight->uses, c->arguments[index]);
}

static void tell(const call *c, ul_evidence_kind kind, const ul_used_record *record, const char *verb, uint32_t index)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(c->sight->at), c->sight->uses->reader->arena);
    ul_evidence_tell(c->sight, kind, record, NULL, UL_KEEPS_ALL,
                     ul_arena_printf(c->sight->uses->reader->arena, "`%s(%s)` %s", name[0] ? name : c->name, argument_text(c, index), verb));
}

/* The argument that says how many bytes: the last integer. */
static bool find_length(const call *c, CXCursor *length)
{
    bool is_checked = strstr(c->name, "_chk") != NULL; /* the size of the object comes last */
    for (uint32_t i = c->count - (is_checked ? 1u : 0u); i-- > 0;) {
        if (ul_is_integer(ul_clang_bare_type(clang_getCursorType(c->arguments[i])))) {
            *length = c->arguments[i];
            return true;
        }
    }
    return false;
}

/* Bytes from the beginning of a whole record that end inside it. */
static bool cuts_record(const call *c, const ul_used_record *record)
{
    CXCursor length;
    long long bytes = 0, size = clang_Type_getSizeOf(record->type);
    if (!find_length(c, &length))
        return false;
    if (ul_expression_value(length, &bytes))
        return size > 0 && bytes % size != 0;
    return (ul_expression_content(c->sight->uses, length, NULL) & UL_HOLDS_OFFSETOF) != 0;
}

/* Bytes from the address of a field that go on behind it. */
static bool leaves_field(const call *c, const ul_used_record *record, CXCursor field)
{
    if (strstr(c->name, "printf"))
        return false; /* the length is that of the text which is made; what it is made of ends by itself */
    CXCursor length;
    long long bytes = 0, size = clang_Type_getSizeOf(clang_getCursorType(field));
    if (!find_length(c, &length) || size <= 0)
        return false;
    if (ul_expression_value(length, &bytes))
        return bytes > size;
    uint32_t content = ul_expression_content(c->sight->uses, length, record);
    return (content & (UL_HOLDS_OFFSETOF | UL_HOLDS_DIFFERENCE | UL_HOLDS_SIZEOF)) != 0;
}

/* Arguments that are the address of a field, whatever its type. */
static void read_fields(const call *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const ul_used_record *record = NULL;
        CXCursor field;
        if (!is_bytes(c->sight, clang_getCursorType(c->arguments[i])) ||
            !ul_expression_field_address(c->sight->uses, c->stripped[i], &record, &field) || !record->holds_wanted || record->is_union)
            continue;
        if (leaves_field(c, record, field))
            tell(c, UL_EVIDENCE_FIELD_SPAN, record, "reaches over several fields", i);
    }
}

/* `(char *)s + offsetof(...)` as what is set or copied. */
static void read_offsets(const call *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (clang_getCursorKind(c->stripped[i]) != CXCursor_BinaryOperator)
            continue;
        ul_operands operands = ul_operands_of(c->sight->uses, c->stripped[i]);
        const ul_used_record *record = NULL;
        CXCursor field, length;
        long long bytes = 0;
        if (operands.count != 2 || !ul_expression_offsetof(c->sight->uses, ul_expression_strip(c->sight->uses, operands.items[1]), &record, &field))
            continue;
        bool is_field = find_length(c, &length) && ul_expression_value(length, &bytes) &&
                        bytes <= clang_Type_getSizeOf(clang_getCursorType(field));
        if (!is_field && record->holds_wanted)
            tell(c, UL_EVIDENCE_FIELD_SPAN, record, "reaches on from the offset of a field", i);
    }
}

/* What a copy of `record` (argument `index`) goes to or comes from. */
static void read_copy(const call *c, uint32_t index, const ul_used_record *record)
{
    CXType type = clang_getCursorType(c->stripped[index ? 0 : 1]);
    CXType pointee = ul_pointee(type);
    const ul_used_record *other = ul_pointed_any(c->sight->uses, type);
    if (cuts_record(c, record))
        tell(c, UL_EVIDENCE_FIELD_SPAN, record, "copies a part of it", index);
    if (other) {
        ul_evidence_cast(c->sight, record, other, "the bytes of one are copied to the other");
    } else if (ul_is_character(pointee)) {
        tell(c, index ? UL_EVIDENCE_TRANSFERRED : UL_EVIDENCE_FILLED, record,
             index ? "copies its bytes to characters" : "fills it from characters", index);
    } else if (ul_is_integer(pointee) || ul_is_pointer(pointee) || pointee.kind == CXType_Float || pointee.kind == CXType_Double) {
        ul_evidence_scalar_cast(c->sight, record, pointee, "its bytes are copied to or from a number");
    }
}

/* What the project says of the function wins over what its name seems to say. */
static bool read_named(const call *c, uint32_t index, const ul_used_record *record)
{
    const ul_census_names *names = c->sight->uses->reader->job->names;
    if (!names)
        return false;
    const char *name = ul_clang_text(clang_getCursorSpelling(c->sight->at), c->sight->uses->reader->arena);
    if (ul_name_matches(name, names->compares, names->compare_count))
        tell(c, UL_EVIDENCE_COMPARED, record, "compares its bytes", index);
    else if (ul_name_matches(name, names->hashes, names->hash_count))
        tell(c, UL_EVIDENCE_HASHED, record, "hashes its bytes", index);
    else if (ul_name_matches(name, names->transfers, names->transfer_count))
        tell(c, UL_EVIDENCE_TRANSFERRED, record, "reads or writes its bytes", index);
    else
        return false;
    return true;
}

static void read_pointer(const call *c, uint32_t index, const ul_used_record *record)
{
    bool is_named_bytes = clang_getCursorKind(c->arguments[index]) == CXCursor_CStyleCastExpr &&
                          ul_is_character(ul_pointee(clang_getCursorType(c->arguments[index])));
    if (is_listed(c->name, fill_functions)) {
        if (cuts_record(c, record))
            tell(c, UL_EVIDENCE_FIELD_SPAN, record, "sets a part of it", index);
        return;
    }
    if (is_listed(c->name, copy_functions)) {
        if (index < 2)
            read_copy(c, index, record);
        return;
    }
    if (read_named(c, index, record))
        return;
    if (has_any(c->name, compare_words)) {
        tell(c, UL_EVIDENCE_COMPARED, record, "compares its bytes", index);
        return;
    }
    if (is_listed(c->name, input_functions)) {
        tell(c, UL_EVIDENCE_FILLED, record, "reads its bytes", index);
        return;
    }
    if (is_listed(c->name, io_functions)) {
        tell(c, UL_EVIDENCE_TRANSFERRED, record, "writes its bytes", index);
        return;
    }
    bool sees_bytes = is_named_bytes || has_size(c, record);
    if (!sees_bytes)
        return;
    if (has_any(c->name, hash_words))
        tell(c, UL_EVIDENCE_HASHED, record, "hashes its bytes", index);
    else if (has_any(c->name, io_words))
        tell(c, UL_EVIDENCE_TRANSFERRED, record, "writes its bytes", index);
    else if (has_any(c->name, input_words))
        tell(c, UL_EVIDENCE_FILLED, record, "reads its bytes", index);
    else if (!has_any(c->name, blind_words))
        tell(c, UL_EVIDENCE_HANDED_ON, record, "is given its bytes", index);
}

/* `ioctl(fd, request, s)`: what `...` takes is converted to nothing, so that it is a pointer to the record still. */
static void read_variadic(call *c)
{
    static const char *const words[] = {"*ioctl", "fcntl", NULL};
    if (!clang_Cursor_isVariadic(clang_getCursorReferenced(c->sight->at)))
        return;
    read_name(c);
    for (uint32_t i = 0; i < c->count && has_any(c->name, words); i++) {
        const ul_used_record *record = ul_pointed_record(c->sight->uses, ul_expression_strip(c->sight->uses, c->arguments[i]));
        if (record && !is_bytes(c->sight, clang_getCursorType(c->arguments[i])))
            tell(c, UL_EVIDENCE_TRANSFERRED, record, "reads or writes its bytes", i);
    }
}

void ul_call_read(const ul_sight *sight)
{
    int count = clang_Cursor_getNumArguments(sight->at);
    call c = {.sight = sight};
    bool has_pointer = false;
    for (int i = 0; i < count && i < ARGUMENTS_MAX; i++) {
        c.arguments[c.count] = clang_Cursor_getArgument(sight->at, (unsigned)i);
        has_pointer |= is_bytes(sight, clang_getCursorType(c.arguments[c.count++]));
    }
    if (c.count)
        read_variadic(&c);
    if (!has_pointer)
        return;
    bool is_relevant = false;
    for (uint32_t i = 0; i < c.count; i++)
        c.stripped[i] = ul_expression_strip(sight->uses, c.arguments[i]);
    for (uint32_t i = 0; i < c.count; i++) {
        const ul_used_record *record = ul_pointed_record(sight->uses, c.stripped[i]);
        enum CXCursorKind kind = clang_getCursorKind(c.stripped[i]);
        is_relevant |= record || kind == CXCursor_MemberRefExpr || kind == CXCursor_UnaryOperator || kind == CXCursor_BinaryOperator;
    }
    if (!is_relevant)
        return;
    read_name(&c);
    read_fields(&c);
    read_offsets(&c);
    for (uint32_t i = 0; i < c.count; i++) {
        const ul_used_record *record = ul_pointed_record(sight->uses, c.stripped[i]);
        if (record && is_bytes(sight, clang_getCursorType(c.arguments[i])))
            read_pointer(&c, i, record);
    }
}

/* `iov.iov_base = s`, and the same in an initializer of a struct iovec: called for what makes a void pointer of a record. */
void ul_vector_read(const ul_sight *sight)
{
    const ul_frame *above = ul_walk_frame(sight->walk, 1);
    const ul_used_record *record = ul_pointed_record(sight->uses, ul_expression_strip(sight->uses, sight->at));
    if (!record || !above)
        return;
    bool is_vector = false;
    if (above->kind == CXCursor_BinaryOperator) {
        CXString name = clang_getCursorSpelling(ul_operands_of(sight->uses, above->cursor).items[0]);
        const char *text = clang_getCString(name);
        is_vector = text && strcmp(text, "iov_base") == 0;
        clang_disposeString(name);
    } else if (above->kind == CXCursor_InitListExpr || above->kind == CXCursor_UnexposedExpr) {
        const ul_frame *list = above->kind == CXCursor_InitListExpr ? above : ul_walk_frame(sight->walk, 2);
        CXString name = clang_getTypeSpelling(ul_clang_element_type(clang_getCursorType(list ? list->cursor : above->cursor)));
        const char *text = clang_getCString(name);
        is_vector = text && strstr(text, "iovec") != NULL;
        clang_disposeString(name);
    }
    if (is_vector)
        ul_evidence_tell(sight, UL_EVIDENCE_TRANSFERRED, record, NULL, UL_KEEPS_ALL,
                         ul_arena_printf(sight->uses->reader->arena, "`%s` goes into an iovec", ul_expression_text(sight->uses, sight->at)));
}
