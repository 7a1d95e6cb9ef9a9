/*
 * What names of functions say about when they run: before there are threads, at the end, seldom, and whether they start threads.
 * Names are cut into words at underscores and capitals. Pure; for the merge of the census.
 */
#ifndef UL_ENGINE_ROLE_WORDS_H
#define UL_ENGINE_ROLE_WORDS_H

#include "layout/model/census.h"

/* RUNTIME when the name says nothing; `names` has the project's own and may be NULL. */
ul_role ul_role_of_name(const char *name, const ul_census_names *names);
/* Whether callers hold the lock: list_add_locked. */
bool ul_role_name_is_locked(const char *name);
/* Whether a function whose body is not known is said to start threads: uv_thread_create, kthread_run, g_thread_new, rte_eal_remote_launch. */
bool ul_role_name_starts_thread(const char *name);
/* Whether a function waits for threads to end: pthread_join, uv_thread_join, workers_join. */
bool ul_role_name_joins(const char *name);

#endif
