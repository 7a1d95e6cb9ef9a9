# Every header of the tree compiles alone, warnings as errors. Run by ctest:
#   cmake -D COMPILER=cc -D ROOT=tree -D INCLUDES=dir;dir -P headers.cmake
cmake_minimum_required(VERSION 3.25)
set(headers "")
foreach(folder runtime layout report cli tests)
  file(GLOB_RECURSE found ${ROOT}/${folder}/*.h)
  list(APPEND headers ${found})
endforeach()
list(LENGTH headers count)
if(count LESS 20)
  message(FATAL_ERROR "${ROOT}: only ${count} headers found")
endif()

set(flags -std=gnu17 -D_GNU_SOURCE -fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes "-DULLAGE_BINARY=\"\"" "-DULLAGE_SOURCE_DIR=\"\"" -Wundef -Wwrite-strings -Wno-missing-field-initializers)
foreach(folder ${ROOT} ${ROOT}/runtime/include ${ROOT}/runtime/src ${ROOT}/tests)
  list(APPEND flags -I${folder})
endforeach()
list(REMOVE_ITEM INCLUDES "") # pkg-config is silent about /usr/include
foreach(folder IN LISTS INCLUDES)
  list(APPEND flags -isystem${folder})
endforeach()

# Included rather than compiled itself: the main file of a unit is judged by other rules (unused static functions).
set(failures 0)
foreach(header IN LISTS headers)
  execute_process(COMMAND ${COMPILER} ${flags} -include ${header} -x c /dev/null
    RESULT_VARIABLE result OUTPUT_VARIABLE words ERROR_VARIABLE words)
  if(NOT result EQUAL 0)
    math(EXPR failures "${failures} + 1")
    message("${header} does not compile alone:\n${words}")
  endif()
endforeach()
if(failures)
  message(FATAL_ERROR "${failures} of ${count} headers do not compile alone")
endif()
message(STATUS "${count} headers compile alone")

# Each public header of the runtime says what happens before what; the two without functions or objects have nothing to say.
file(GLOB headers ${ROOT}/runtime/include/ullage/*.h)
foreach(header IN LISTS headers)
  file(READ ${header} text)
  if(NOT header MATCHES "/(base|status)\\.h$" AND NOT text MATCHES "What happens before what")
    message(FATAL_ERROR "${header} does not say what happens before what")
  endif()
endforeach()
