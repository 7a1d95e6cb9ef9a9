/* Initializer lists whose values depend on the order of fields. */
#include "layout/parse/uses.h"

void ul_initializer_read(ul_use_reader *uses, ul_walk *walk, CXCursor list)
{
    (void)uses;
    (void)walk;
    (void)list;
}
