/*
 * Views: text (ul_str) and bytes (ul_bytes) that someone else owns. They copy nothing and end with their
 * owner: a view of an arena, a string builder, a mapped file or a reader's record is as valid as that is. Not
 * NUL-terminated. Header only, but for ul_str_to_cstr.
 *
 * What happens before what: a view orders nothing; many threads may read through theirs while nobody writes to what they look at.
 */
#ifndef ULLAGE_VIEW_H
#define ULLAGE_VIEW_H

#include "ullage/arena.h"
#include "ullage/base.h"

UL_BEGIN_DECLS

/* Text. An empty view may have a NULL data. */
typedef struct ul_str {
    const char *data;
    size_t length;
} ul_str;

/* Bytes. */
typedef struct ul_bytes {
    const unsigned char *data;
    size_t length;
} ul_bytes;

/* printf("%" UL_STR_FORMAT, UL_STR_ARGS(view)); at most INT_MAX bytes of it. */
#define UL_STR_FORMAT ".*s"
#define UL_STR_ARGS(view)                                                                                    \
    ((view).length > INT32_MAX ? INT32_MAX : (int)(view).length), ((view).data ? (view).data : "")
/* Of a string literal; anything else does not compile. */
#define UL_STR(literal) ul_str_of("" literal "", sizeof(literal) - 1)

UL_INLINE ul_str ul_str_of(const char *data, size_t length)
{
    ul_str view;
    view.data = data;
    view.length = length;
    return view;
}

/* Of a C string; NULL gives the empty view. */
UL_INLINE ul_str ul_str_of_cstr(const char *text)
{
    return ul_str_of(text, text ? strlen(text) : 0);
}

UL_INLINE ul_bytes ul_bytes_of(const void *data, size_t length)
{
    ul_bytes bytes;
    bytes.data = (const unsigned char *)data;
    bytes.length = length;
    return bytes;
}

/* The same memory as the other kind of view. */
UL_INLINE ul_bytes ul_str_bytes(ul_str view)
{
    return ul_bytes_of(view.data, view.length);
}

UL_INLINE ul_str ul_bytes_str(ul_bytes bytes)
{
    return ul_str_of((const char *)bytes.data, bytes.length);
}

UL_INLINE bool ul_str_is_equal(ul_str a, ul_str b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* As strcmp: the sign says which comes first by bytes; a prefix comes before what it begins. */
UL_INLINE int ul_str_compare(ul_str a, ul_str b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

UL_INLINE bool ul_str_starts_with(ul_str view, ul_str prefix)
{
    return view.length >= prefix.length && ul_str_is_equal(ul_str_of(view.data, prefix.length), prefix);
}

UL_INLINE bool ul_str_ends_with(ul_str view, ul_str suffix)
{
    return view.length >= suffix.length &&
           (suffix.length == 0 ||
            memcmp(view.data + (view.length - suffix.length), suffix.data, suffix.length) == 0);
}

/* Bytes [from, to), both cut to what there is. */
UL_INLINE ul_str ul_str_slice(ul_str view, size_t from, size_t to)
{
    to = to < view.length ? to : view.length;
    from = from < to ? from : to;
    return ul_str_of(view.data ? view.data + from : NULL, to - from);
}

/* Where `byte` is first, or SIZE_MAX. */
UL_INLINE size_t ul_str_find(ul_str view, char byte)
{
    const char *found = view.length ? (const char *)memchr(view.data, byte, view.length) : NULL;
    return found ? (size_t)(found - view.data) : SIZE_MAX;
}

/*
 * Cuts the next piece off `rest`: up to `separator`, which belongs to neither, or all that is left. False at
 * the end. A separator ends a piece, as of lines: "a,,b" gives "a", "" and "b"; "a," gives "a"; "," gives "";
 * "" gives nothing.
 */
UL_INLINE bool ul_str_cut(ul_str *rest, char separator, ul_str *piece)
{
    if (!rest->data)
        return false;
    size_t at = ul_str_find(*rest, separator);
    if (at == SIZE_MAX) {
        *piece = *rest;
        *rest = ul_str_of(NULL, 0);
        return piece->length != 0;
    }
    *piece = ul_str_of(rest->data, at);
    *rest = ul_str_of(rest->data + at + 1, rest->length - at - 1);
    return true;
}

/* Without spaces, tabs and line ends at both ends. */
UL_INLINE ul_str ul_str_trim(ul_str view)
{
    while (view.length && strchr(" \t\r\n\v\f", view.data[0]) && view.data[0])
        view = ul_str_of(view.data + 1, view.length - 1);
    while (view.length && strchr(" \t\r\n\v\f", view.data[view.length - 1]) && view.data[view.length - 1])
        view.length--;
    return view;
}

/* The text as a decimal number, all of it; false when it is none or too large. */
UL_INLINE bool ul_str_to_u64(ul_str view, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < view.length; i++) {
        unsigned digit = (unsigned)(unsigned char)view.data[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *out = value;
    return view.length != 0;
}

/* A NUL-terminated copy, where an interface wants one; NULL without memory. */
UL_INLINE char *ul_str_to_cstr_at(ul_str view, ul_arena *arena, const char *site)
{
    return ul_arena_strndup_at(arena, view.data ? view.data : "", view.length, site);
}
#define ul_str_to_cstr(view, arena) ul_str_to_cstr_at((view), (arena), UL_SITE)

UL_END_DECLS

#endif
