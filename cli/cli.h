/*
 * The front door: argv in, exit status out. Prints and decides how the process ends; called by main only, once.
 */
#ifndef UL_CLI_CLI_H
#define UL_CLI_CLI_H

/* 0 clean; 1 findings at or over --fail-level; 2 usage, configuration, or input that could not be analysed. */
int ul_cli_main(int argc, char **argv);

#endif
