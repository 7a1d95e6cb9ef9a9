#include <stdlib.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
    int status = ul_cli_main(argc, argv);
#ifdef NDEBUG
    /* Everything is written and given back: libLLVM's own destructors would only take time. Debug builds run them for the leak checker. */
    quick_exit(status);
#else
    return status;
#endif
}
