#include "cli/cli.h"

int main(int argc, char **argv)
{
    return ul_cli_main(argc, argv);
}
